"""Keeps sessions in a SQLite database."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from abstractllm.messages import Message
from abstractllm.store import copying, listing, queries
from abstractllm.store.connection import Connection
from abstractllm.store.contract import (
    Examination,
    SearchPage,
    SessionInfo,
    SessionPage,
    SessionRecord,
    SessionUsage,
    StoredSession,
)
from abstractllm.store.leases import Leases
from abstractllm.store.watching import Watch

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SQLiteStore:
    """The `SessionStore` in `sessions.db` of a folder.

    Nothing is created before the first session is. What was asked of the store is done
    even if the caller is cancelled while it waits, and in the order it was asked. Only
    lists do not wait for the messages of turns that are being written.
    """

    def __init__(
        self, folder: Path, tell: Callable[[str], None] = lambda sentence: None
    ) -> None:
        """Keep sessions in `folder`; `tell` the user what happened to the files.

        `tell` is called on the event loop of whoever used the store then.
        """
        self._folder = folder
        is_suspect = threading.Event()
        self._connection = Connection(folder, tell, is_suspect)
        # While many replies stream, their messages keep the connection busy.
        self._lists = Connection(folder, tell, is_suspect)
        self._leases = Leases(folder)
        self._watch = Watch(self._leases)
        self._changes: set[Future[Any]] = set()
        """Of sessions themselves, under way: a later list shows them."""

    @property
    def generation(self) -> int:
        """Grows when the database was found gone, replaced or new."""
        return self._connection.generation

    async def create(self, record: SessionRecord, *messages: Message) -> int:
        """Add a session with messages; return its revision; raises `SessionExists`."""
        return await self._change(
            self._write(queries.create, record.id, record, messages, create=True)
        )

    async def save(
        self,
        record: SessionRecord,
        *messages: Message,
        fields: Collection[str] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> int:
        """Write a session, or these fields of it, messages and texts.

        Returns the revision. Raises `UnknownSession` if it was deleted.
        """
        saving = self._write(queries.save, record.id, record, messages, fields, texts)
        if messages:  # of a turn: a list may come before them
            return await self._connection.result(saving)
        return await self._change(saving)

    async def read(self, session_id: str) -> StoredSession | None:
        """Return a session with all its messages, or `None`."""
        return await self._connection.ask(queries.read, session_id)

    async def texts(self, session_id: str, hashes: Collection[str]) -> dict[str, str]:
        """Return those of a session's kept texts that are asked for and there."""
        return await self._connection.ask(queries.texts, session_id, hashes)

    async def revision(self, session_id: str) -> int | None:
        """Return a session's revision, or `None` where there is no such session."""
        return await self._connection.ask(queries.revision, session_id)

    async def info(self, session_id: str) -> SessionInfo | None:
        """Return what the list shows of one session, or `None`."""
        return await self._list(listing.info, session_id, self._leases)

    async def page(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return sessions, most recently changed first; all of them without `limit`.

        Raises `InvalidParameter` for a cursor that no page gave, or a limit below 1.
        """
        return await self._list(listing.page, limit, cursor, self._leases)

    async def search(
        self,
        query: str,
        limit: int,
        cursor: str | None = None,
        session_id: str | None = None,
    ) -> SearchPage:
        """Return messages that hold a text, the newest first; `InvalidParameter`."""
        from abstractllm.store.search import search

        return await self._list(search, query, limit, cursor, session_id)

    async def usage(self, since: datetime | None = None) -> list[SessionUsage]:
        """Return what each session used, since a time or in all."""
        return await self._list(listing.usage, since)

    async def fork(
        self, session_id: str, record: SessionRecord, message_ids: Sequence[str]
    ) -> int:
        """Begin a session with messages of another one; return its revision.

        Raises `SessionExists`.
        """
        return await self._change(
            self._write(copying.fork, record.id, session_id, record, message_ids)
        )

    async def delete(self, session_id: str) -> bool:
        """Remove a session and its messages; return whether it was there."""

        def delete(connection: sqlite3.Connection) -> bool:
            deleted = copying.delete(connection, session_id)
            self._watch.wrote(session_id, None)
            return deleted

        return await self._change(self._connection.submit(delete))

    async def undelete(self, session_id: str) -> bool:
        """Bring back a session that was deleted here; return whether it could.

        Raises `SessionExists`.
        """
        return await self._change(self._connection.submit(copying.undelete, session_id))

    async def take_lease(self, session_id: str) -> None:
        """Keep other processes from answering in a session; raises `TurnRunning`."""
        await self._connection.ask(self._leases.take, session_id)

    async def check_lease(self, session_id: str) -> None:
        """Raise `TurnRunning` where another process answers in a session."""
        await self._connection.ask(self._leases.check, session_id)

    async def give_back_lease(self, session_id: str) -> None:
        """Let other processes answer in a session."""
        await self._connection.ask(self._leases.give_back, session_id)

    async def changed_elsewhere(self) -> list[str]:
        """Return sessions that other processes changed since the last time."""
        return await self._connection.ask(self._watch.changed)

    async def examine(self, *, mend: bool = False) -> Examination:
        """Return what is wrong with the store, and mend what can be mended."""
        from abstractllm.store.doctor import examine

        return await self._connection.ask(examine, self._folder, mend)

    async def close(self) -> None:
        """Finish what was begun, let go of the files and end the threads."""
        await self._lists.close()
        await self._connection.close()
        self._leases.close()

    def _write(
        self,
        query: Callable[[sqlite3.Connection, *Ts], int],
        session_id: str,
        *arguments: *Ts,
        create: bool = False,
    ) -> Future[int]:
        """Begin to write to a session, and remember that it was not another process."""

        def write(connection: sqlite3.Connection) -> int:
            revision = query(connection, *arguments)
            self._watch.wrote(session_id, revision)
            return revision

        return self._connection.submit(write, create=create)

    async def _change(self, change: Future[T]) -> T:
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)
        return await self._connection.result(change)

    async def _list(
        self, query: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts
    ) -> T:
        """Ask for a list, which shows the changes that were asked for before."""
        if changes := list(map(asyncio.wrap_future, list(self._changes))):
            await asyncio.wait(changes)
            for change in changes:
                change.exception()  # it is told to whoever asked for the change
        return await self._lists.ask(query, *arguments)
