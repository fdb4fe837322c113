"""A session's record and history, and where they are kept."""

from __future__ import annotations

from typing import Any

import attrs

from abstractllm.errors import UnknownSession
from abstractllm.messages import Message, now
from abstractllm.session.history import History
from abstractllm.store.contract import SessionRecord, SessionStore, StoredSession


class Journal:
    """What a session knows. Every change is in the store, if there is one, on return.

    The journal is the only writer of its session in this process; `refresh` takes in
    what other processes wrote.
    """

    def __init__(
        self,
        record: SessionRecord,
        history: History | None = None,
        *,
        store: SessionStore | None = None,
        revision: int | None = None,
    ) -> None:
        self.record = record
        self.history = history or History()
        self._store = store
        self._revision = revision

    @classmethod
    def opened(cls, stored: StoredSession, store: SessionStore) -> Journal:
        """Return the journal of a session that the store holds."""
        journal = cls(stored.record, store=store)
        journal._take(stored)
        return journal

    async def add(self, message: Message, **changes: Any) -> Message:
        """Append a message, change fields of the record, and return the message."""
        message = self.history.add(message)
        await self.change(message, **changes)
        return message

    async def change(self, *messages: Message, **changes: Any) -> None:
        """Change fields of the record, and keep these messages with it."""
        self.record = attrs.evolve(
            self.record, head_id=self.history.head_id, updated_at=now(), **changes
        )
        await self._save(self.record, *messages)

    async def keep_draft(self, message: Message) -> None:
        """Keep a message that is still being written.

        It is in the store, for the case that this process dies, and not yet in the
        history, which `add` with the same id completes.
        """
        message = attrs.evolve(message, parent_id=self.history.head_id)
        await self._save(attrs.evolve(self.record, head_id=message.id), message)

    async def refresh(self) -> None:
        """Read the session again if another process wrote to it.

        Raises `UnknownSession` if it was deleted.
        """
        if self._store is None:
            return
        if await self._store.revision(self.record.id) == self._revision:
            return
        stored = await self._store.read(self.record.id)
        if stored is None:
            raise UnknownSession(f"The session {self.record.id!r} was deleted.")
        self._take(stored)

    def _take(self, stored: StoredSession) -> None:
        self.record = stored.record
        self.history = History(stored.messages, stored.record.head_id)
        self._revision = stored.revision

    async def _save(self, record: SessionRecord, *messages: Message) -> None:
        if self._store is not None:
            self._revision = await self._store.save(record, *messages)
