"""A session's record and history, and where they are kept."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs

from abstractllm.errors import StoreError, UnknownSession
from abstractllm.finishing import finish
from abstractllm.messages import Message, now
from abstractllm.session.context_use import context_use
from abstractllm.session.history import History
from abstractllm.store.contract import SessionRecord, SessionStore, StoredSession

logger = logging.getLogger(__name__)

MOST_FORMER_HEADS = 64
"""So many branches are shown again as they were left; others to their newest end."""


class Journal:
    """What a session knows. Every change is in the store, if there is one, on return.

    What the store refuses is not remembered here either. The journal is the only
    writer of its session in this process; `refresh` takes in what other processes
    wrote.
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
        self.notices: tuple[str, ...] = ()
        """Sentences for the user about what of the session could not be read."""
        self.document: Mapping[str, Any] | None = None
        """The session file that the session was read from, as it was."""
        self._texts: dict[str, str] = {}
        self._store = store
        self._revision = revision

    @classmethod
    def opened(cls, stored: StoredSession, store: SessionStore) -> Journal:
        """Return the journal of a session that the store holds."""
        journal = cls(stored.record, store=store)
        journal._take(stored)
        return journal

    @classmethod
    def of_file(cls, stored: StoredSession, document: Mapping[str, Any]) -> Journal:
        """Return the journal of a session that a file held, kept in memory alone."""
        journal = cls(stored.record)
        journal._take(stored)
        journal.document = document
        return journal

    async def add(self, message: Message, **changes: Any) -> Message:
        """Append a message, change fields of the record, and return the message."""
        return await self.add_after(self.history.head_id, message, **changes)

    async def add_after(
        self, parent_id: str | None, message: Message, **changes: Any
    ) -> Message:
        """Put a message after any other, or at the very beginning, and show it."""
        message = attrs.evolve(message, parent_id=parent_id)
        if parent_id != self.history.head_id:
            changes |= self._left()
        await self.change(message, head_id=message.id, **changes)
        return message

    async def show(self, head_id: str | None) -> None:
        """Show the branch that ends with this message; `None` shows an empty one."""
        if head_id == self.history.head_id:
            return
        before = self.record.context
        window = None if before is None else before.window
        context = context_use(self.history.path(head_id), window)
        await self.change(head_id=head_id, context=context, **self._left())

    def _left(self) -> dict[str, Any]:
        """Return what remembers the current head, which another one follows now."""
        head = self.history.head_id
        if head is None:
            return {}
        others = (former for former in self.record.former_heads if former != head)
        return {"former_heads": (*others, head)[-MOST_FORMER_HEADS:]}

    async def change(self, *messages: Message, **changes: Any) -> None:
        """Change fields of the record, and keep these messages with it.

        The store finishes what it began, so a caller who is cancelled waits for it:
        what is stored and what is remembered stay the same.
        """
        await finish(self._write(messages, changes))

    async def fork(self, record: SessionRecord, branch: Sequence[Message]) -> Journal:
        """Return the journal of a new session that begins with a branch of this one.

        Raises `SessionExists`.
        """
        head_id = branch[-1].id if branch else None
        record = attrs.evolve(record, head_id=head_id)
        revision = None
        if self._store is not None:
            ids = [message.id for message in branch]
            forking = self._store.fork(self.record.id, record, ids)
            revision = await finish(forking)
        history = History(branch, head_id)
        forked = Journal(record, history, store=self._store, revision=revision)
        forked._texts = dict(self._texts)
        return forked

    async def keep_draft(
        self, message: Message, texts: Mapping[str, str] | None = None
    ) -> None:
        """Keep a message that is still being written, and texts by their hashes.

        It is in the store, for the case that this process dies, and not yet in the
        history, which `add` with the same id completes. Should that fail, `refresh`
        finds the draft.
        """
        message = attrs.evolve(message, parent_id=self.history.head_id)
        await self._save((message,), {"head_id": message.id}, texts or {})

    async def texts(self, hashes: Collection[str]) -> dict[str, str]:
        """Return those of the kept texts that are asked for and there."""
        if self._store is None:
            return {name: self._texts[name] for name in hashes if name in self._texts}
        return await self._store.texts(self.record.id, hashes)

    @asynccontextmanager
    async def lease(self) -> AsyncGenerator[None, None]:
        """Keep other processes from answering in the session meanwhile.

        Raises `TurnRunning` where one of them does.
        """
        if self._store is None:
            yield
            return
        await finish(self._store.take_lease(self.record.id))
        try:
            yield
        finally:
            try:
                await finish(self._store.give_back_lease(self.record.id))
            except StoreError:  # it ends with this process
                logger.warning("a lease was not given back", exc_info=True)

    async def check_lease(self) -> None:
        """Raise `TurnRunning` where another process answers in the session."""
        if self._store is not None:
            await self._store.check_lease(self.record.id)

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
        self.notices = stored.notices
        self._revision = stored.revision

    async def _write(
        self, messages: tuple[Message, ...], changes: dict[str, Any]
    ) -> None:
        changes = {"updated_at": now(), **changes}
        self._revision = await self._save(messages, changes, {})
        # Evolved anew: while the store wrote, another change may have been taken in.
        self.record = attrs.evolve(self.record, **changes)
        for message in messages:
            self.history.add(message)
        if "head_id" in changes:
            self.history.show(changes["head_id"])

    async def _save(
        self,
        messages: tuple[Message, ...],
        changes: dict[str, Any],
        texts: Mapping[str, str],
    ) -> int | None:
        if self._store is None:
            self._texts.update(texts)
            return None
        record = attrs.evolve(self.record, **changes)
        return await self._store.save(record, *messages, fields=changes, texts=texts)
