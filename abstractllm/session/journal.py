"""A session's record and history, and where they are kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs

from abstractllm.finishing import finish
from abstractllm.messages import Message, now
from abstractllm.session.context_use import context_use
from abstractllm.session.history import History
from abstractllm.session.outage import Outage
from abstractllm.session.saving import Saving
from abstractllm.store.contract import SessionRecord, SessionStore, StoredSession

MOST_FORMER_HEADS = 64
"""So many branches are shown again as they were left; others to their newest end."""


class Journal:
    """What a session knows. Every change is in the store, if there is one, on return.

    What the store refuses is remembered here, and saved when it takes it again. The
    journal is the only writer of its session in this process; `refresh` takes in what
    other processes wrote.
    """

    def __init__(
        self,
        record: SessionRecord,
        history: History | None = None,
        *,
        saving: Saving | None = None,
    ) -> None:
        self.record = record
        # One whose branch is empty is false.
        self.history = History() if history is None else history
        self.notices: tuple[str, ...] = ()
        """Sentences for the user about what of the session could not be read."""
        self.document: Mapping[str, Any] | None = None
        """The session file that the session was read from, as it was."""
        self._saving = saving
        self._texts: dict[str, str] = {}
        """Those of a session that has no store."""

    @classmethod
    async def begun(
        cls,
        record: SessionRecord,
        messages: Sequence[Message],
        store: SessionStore,
        outage: Outage,
    ) -> Journal:
        """Return the journal of a new session; raises `SessionExists`."""
        saving = Saving(record.id, store, outage)
        # At once, and in no task of its own: a list that is asked for next shows it.
        await saving.begin(record, messages)
        return cls(record, History(messages, record.head_id), saving=saving)

    @classmethod
    def opened(
        cls, stored: StoredSession, store: SessionStore, outage: Outage
    ) -> Journal:
        """Return the journal of a session that the store holds."""
        saving = Saving(stored.record.id, store, outage, stored.revision)
        journal = cls(stored.record, saving=saving)
        journal._take(stored)
        return journal

    @classmethod
    def of_file(cls, stored: StoredSession, document: Mapping[str, Any]) -> Journal:
        """Return the journal of a session that a file held, kept in memory alone."""
        journal = cls(stored.record)
        journal._take(stored)
        journal.document = document
        return journal

    @property
    def is_all_stored(self) -> bool:
        """Whether the store has all of the session, if there is a store."""
        return self._saving is None or self._saving.is_all_stored

    @property
    def is_stored(self) -> bool:
        """Whether a store has anything of the session, as far as it knows."""
        return self._saving is not None and self._saving.is_stored

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
        saving = None
        if self._saving is not None:
            beginning = self._saving.fork(self.record, self.history, record, branch)
            saving = await finish(beginning)
        forked = Journal(record, History(branch, head_id), saving=saving)
        forked._texts = dict(self._texts)
        return forked

    async def keep_draft(
        self, message: Message, texts: Mapping[str, str] | None = None
    ) -> None:
        """Keep a message that is still being written, and texts by their hashes.

        It is in the store, for the case that this process dies, and not yet in the
        history, which `add` with the same id completes.
        """
        message = attrs.evolve(message, parent_id=self.history.head_id)
        await self._save((message,), {"head_id": message.id}, texts or {})

    async def texts(self, hashes: Collection[str]) -> dict[str, str]:
        """Return those of the kept texts that are asked for and there."""
        if self._saving is None:
            return {name: self._texts[name] for name in hashes if name in self._texts}
        return await self._saving.texts(hashes)

    @asynccontextmanager
    async def lease(self) -> AsyncGenerator[None, None]:
        """Keep other processes from answering in the session meanwhile.

        Raises `TurnRunning` where one of them does.
        """
        if self._saving is None:
            yield
            return
        await self._saving.take_lease()
        try:
            yield
        finally:
            await self._saving.give_back_lease()

    async def check_lease(self) -> None:
        """Raise `TurnRunning` where another process answers in the session."""
        if self._saving is not None:
            await self._saving.check_lease()

    async def refresh(self) -> None:
        """Read the session again if another process wrote to it.

        What the store refused is written first. Raises `UnknownSession` if it was
        deleted.
        """
        if self._saving is None:
            return
        stored = await finish(self._saving.news(self.record, self.history))
        if stored is not None:
            self._take(stored)

    def _take(self, stored: StoredSession) -> None:
        self.record = stored.record
        self.history = History(stored.messages, stored.record.head_id)
        self.notices = stored.notices

    async def _write(
        self, messages: tuple[Message, ...], changes: dict[str, Any]
    ) -> None:
        changes = {"updated_at": now(), **changes}
        await self._save(messages, changes, {})
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
    ) -> None:
        if self._saving is None:
            self._texts.update(texts)
            return
        record = attrs.evolve(self.record, **changes)
        await self._saving.save(record, self.history, messages, changes, texts)
