"""Keeps sessions in a SQLite database, on a thread of its own."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from abstractllm.errors import StoreError
from abstractllm.messages import Message
from abstractllm.store import queries
from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    StoredSession,
)
from abstractllm.store.database import (
    DATABASE_NAME,
    empty_database,
    is_damage,
    is_refusal,
    open_database,
    store_error,
)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SQLiteStore:
    """The `SessionStore` in `sessions.db` of a folder.

    Nothing is created before the first session is. What was asked of the store is done
    even if the caller is cancelled while it waits, and in the order it was asked.
    """

    def __init__(
        self, folder: Path, tell: Callable[[str], None] = lambda sentence: None
    ) -> None:
        """Keep sessions in `folder`; `tell` the user what happened to the files.

        `tell` is called on the event loop of whoever used the store then.
        """
        self._folder = folder
        self._tell = tell
        self._untold: deque[str] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="abstractllm-store")
        # All below is touched on the thread only.
        self._connection: sqlite3.Connection | None = None
        self._nothing: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._suspect = False

    async def create(self, record: SessionRecord) -> int:
        """Add a session, return its revision; raise `SessionExists` if it is there."""
        return await self._run(queries.create, record)

    async def save(
        self,
        record: SessionRecord,
        *messages: Message,
        fields: Collection[str] | None = None,
    ) -> int:
        """Write a session, or these fields of it, and messages; return the revision.

        Raises `UnknownSession` if it was deleted.
        """
        return await self._run(queries.save, record, messages, fields)

    async def read(self, session_id: str) -> StoredSession | None:
        """Return a session with all its messages, or `None`."""
        return await self._run(queries.read, session_id)

    async def revision(self, session_id: str) -> int | None:
        """Return a session's revision, or `None` where there is no such session."""
        return await self._run(queries.revision, session_id)

    async def info(self, session_id: str) -> SessionInfo | None:
        """Return what the list shows of one session, or `None`."""
        return await self._run(queries.info, session_id)

    async def page(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return sessions, most recently changed first; all of them without `limit`.

        Raises `InvalidParameter` for a cursor that no page gave, or a limit below 1.
        """
        return await self._run(queries.page, limit, cursor)

    async def delete(self, session_id: str) -> bool:
        """Remove a session and its messages; return whether it was there."""
        return await self._run(queries.delete, session_id)

    async def close(self) -> None:
        """Finish what was begun, let go of the files and end the thread."""
        loop = asyncio.get_running_loop()
        try:
            disconnected = loop.run_in_executor(self._thread, self._disconnect)
        except RuntimeError:  # closed before
            return
        self._thread.shutdown(wait=False)
        await asyncio.shield(disconnected)
        self._thread.shutdown()

    async def _run(
        self, query: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts
    ) -> T:
        loop = asyncio.get_running_loop()
        try:
            result = loop.run_in_executor(self._thread, self._call, query, *arguments)
        except RuntimeError as error:
            raise StoreError("The session store is closed.") from error
        try:
            return await asyncio.shield(result)
        finally:
            while self._untold:
                self._tell(self._untold.popleft())

    def _call(
        self, query: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts
    ) -> T:
        asked: object = query
        try:
            return query(self._connect(create=asked is queries.create), *arguments)
        except OSError as error:
            raise store_error(error) from error
        except sqlite3.Error as error:
            if is_damage(error) or is_refusal(error):
                self._disconnect()
                self._suspect = is_damage(error)
            raise store_error(error) from error

    def _connect(self, *, create: bool) -> sqlite3.Connection:
        on_disk = self._file_on_disk()
        # A file that was deleted or replaced while open would swallow every write.
        if self._connection is not None and self._file != on_disk:
            self._disconnect()
        if on_disk is None and not create:
            return self._empty()
        if self._connection is None:
            self._connection = open_database(
                self._folder, self._untold.append, suspect=self._suspect
            )
            self._file = self._file_on_disk()
            self._suspect = False
        return self._connection

    def _empty(self) -> sqlite3.Connection:
        """Return a database to ask before there is one: looking leaves no traces."""
        if self._nothing is None:
            self._nothing = empty_database()
        return self._nothing

    def _disconnect(self) -> None:
        for connection in filter(None, (self._connection, self._nothing)):
            connection.close()
        self._connection = self._nothing = None

    def _file_on_disk(self) -> tuple[int, int] | None:
        try:
            status = (self._folder / DATABASE_NAME).stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino
