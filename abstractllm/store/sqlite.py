"""Keeps sessions in a SQLite database."""

import asyncio
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from abstractllm.messages import Message
from abstractllm.store import queries
from abstractllm.store.connection import Connection
from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    StoredSession,
)


class SQLiteStore:
    """The `SessionStore` in `sessions.db` of a folder.

    Nothing is created before the first session is. What was asked of the store is done
    even if the caller is cancelled while it waits, and in the order it was asked. Only
    lists wait for no write: they show what was written when they were asked for.
    """

    def __init__(
        self, folder: Path, tell: Callable[[str], None] = lambda sentence: None
    ) -> None:
        """Keep sessions in `folder`; `tell` the user what happened to the files.

        `tell` is called on the event loop of whoever used the store then.
        """
        is_suspect = threading.Event()
        self._sessions = Connection(folder, tell, is_suspect)
        # A commit waits for the disk, and those of fifty streams would hold up a list.
        self._lists = Connection(folder, tell, is_suspect)

    async def create(self, record: SessionRecord) -> int:
        """Add a session, return its revision; raise `SessionExists` if it is there."""
        return await self._sessions.ask(queries.create, record, create=True)

    async def save(
        self,
        record: SessionRecord,
        *messages: Message,
        fields: Collection[str] | None = None,
    ) -> int:
        """Write a session, or these fields of it, and messages; return the revision.

        Raises `UnknownSession` if it was deleted.
        """
        return await self._sessions.ask(queries.save, record, messages, fields)

    async def read(self, session_id: str) -> StoredSession | None:
        """Return a session with all its messages, or `None`."""
        return await self._sessions.ask(queries.read, session_id)

    async def revision(self, session_id: str) -> int | None:
        """Return a session's revision, or `None` where there is no such session."""
        return await self._sessions.ask(queries.revision, session_id)

    async def info(self, session_id: str) -> SessionInfo | None:
        """Return what the list shows of one session, or `None`."""
        return await self._lists.ask(queries.info, session_id)

    async def page(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return sessions, most recently changed first; all of them without `limit`.

        Raises `InvalidParameter` for a cursor that no page gave, or a limit below 1.
        """
        return await self._lists.ask(queries.page, limit, cursor)

    async def delete(self, session_id: str) -> bool:
        """Remove a session and its messages; return whether it was there."""
        return await self._sessions.ask(queries.delete, session_id)

    async def close(self) -> None:
        """Finish what was begun, let go of the files and end the threads."""
        await asyncio.gather(self._lists.close(), self._sessions.close())
