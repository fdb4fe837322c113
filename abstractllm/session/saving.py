"""What of a session is in the store, and what the store has yet to take.

A disk may be full, a folder read-only, locked or gone. The session then goes on in
memory, and what was refused is written with the next that the store takes.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Collection, Mapping, Sequence

import attrs

from abstractllm.errors import SessionExists, StoreClosed, StoreError, UnknownSession
from abstractllm.finishing import finish
from abstractllm.messages import Message
from abstractllm.session.history import History
from abstractllm.session.outage import Outage
from abstractllm.store.contract import SessionRecord, SessionStore, StoredSession

_logger = logging.getLogger(__name__)

NOWHERE = -1
"""The generation of a session that no database has taken yet."""


@attrs.define
class _Unsaved:
    """What the store has not taken: messages, fields of the record, texts."""

    messages: dict[str, Message] = attrs.field(factory=dict)
    fields: set[str] = attrs.field(factory=set)
    texts: dict[str, str] = attrs.field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self.messages or self.fields or self.texts)

    def and_then(self, later: _Unsaved) -> _Unsaved:
        """Return both; the later version of a message holds."""
        return _Unsaved(
            {**self.messages, **later.messages},
            self.fields | later.fields,
            {**self.texts, **later.texts},
        )

    def forget(self, taken: _Unsaved) -> None:
        """Let go of messages of which a later version was taken."""
        for name in taken.messages:
            self.messages.pop(name, None)


class Saving:
    """Writes one session to its store.

    What the store refuses is no error here: it waits. `StoreClosed` alone is raised, by
    every method.
    """

    def __init__(
        self,
        session_id: str,
        store: SessionStore,
        outage: Outage,
        revision: int | None = None,
    ) -> None:
        """Write to `store`, where the session has this revision; `None`: it is new."""
        self._id = session_id
        self._store = store
        self._outage = outage
        self._revision = revision
        self._generation = NOWHERE if revision is None else store.generation
        self._unsaved = _Unsaved()

    @property
    def is_all_stored(self) -> bool:
        """Whether the store has the whole session, as far as it knows."""
        return not self._unsaved and self.is_stored

    @property
    def is_stored(self) -> bool:
        """Whether the store has anything of the session, as far as it knows."""
        return self._generation == self._store.generation

    async def begin(self, record: SessionRecord, messages: Sequence[Message]) -> None:
        """Begin the session; raises `SessionExists`."""
        await self._begin(self._store.create(record, *messages))

    async def fork(
        self,
        ours: SessionRecord,
        history: History,
        record: SessionRecord,
        branch: Sequence[Message],
    ) -> Saving:
        """Begin the session `record` with messages of this one; `SessionExists`."""
        if not self.is_all_stored:
            await self.save(ours, history)
        forked = Saving(record.id, self._store, self._outage)
        if self.is_all_stored:
            ids = [message.id for message in branch]
            await forked._begin(self._store.fork(self._id, record, ids))
        else:
            await forked.begin(record, branch)
        return forked

    async def save(
        self,
        record: SessionRecord,
        history: History,
        messages: Sequence[Message] = (),
        fields: Collection[str] = (),
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Write these messages and fields, after what was refused before.

        `record` and `history` are the whole session, for a database that never had it,
        or was made anew. Raises `UnknownSession` if the session was deleted.
        """
        is_behind = not self.is_all_stored
        new = _Unsaved({m.id: m for m in messages}, set(fields), dict(texts or {}))
        unsaved, self._unsaved = self._unsaved.and_then(new), _Unsaved()
        try:
            revision = await self._write(record, history, unsaved)
        except StoreError as error:
            self._unsaved = unsaved.and_then(self._unsaved)
            self._is_refused(error)
        else:
            self._unsaved.forget(unsaved)
            # Others may have written meanwhile: what they wrote is news.
            self._is_taken(None if is_behind else revision)

    async def news(
        self, record: SessionRecord, history: History
    ) -> StoredSession | None:
        """Return the session if another process wrote to it.

        What waits is written first; while that is refused there are no news. Raises
        `UnknownSession` if it was deleted.
        """
        if self._id in self._outage.waiting:
            await self.save(record, history)
        try:
            stored = await self._read_news(record, history)
        except StoreError as error:
            _bear(error)
            return None
        if stored is None:
            return None
        self._revision = stored.revision
        return stored

    async def texts(self, hashes: Collection[str]) -> dict[str, str]:
        """Return those of the kept texts that are asked for and there.

        Raises `StoreError`, too.
        """
        waiting = self._unsaved.texts
        found = {name: waiting[name] for name in hashes if name in waiting}
        if missing := [name for name in hashes if name not in waiting]:
            found |= await self._store.texts(self._id, missing)
        return found

    async def take_lease(self) -> None:
        """Keep other processes from answering; raises `TurnRunning`."""
        await _borne(finish(self._store.take_lease(self._id)))

    async def check_lease(self) -> None:
        """Raise `TurnRunning` where another process answers."""
        await _borne(self._store.check_lease(self._id))

    async def give_back_lease(self) -> None:
        """Let other processes answer."""
        try:
            await finish(self._store.give_back_lease(self._id))
        except StoreError:  # it ends with this process
            _logger.warning("a lease was not given back", exc_info=True)

    async def _read_news(
        self, record: SessionRecord, history: History
    ) -> StoredSession | None:
        revision = await self._store.revision(self._id)
        if revision is None:
            self._check_deleted()
            return None  # its database is gone, and a look makes no new one
        if self.is_all_stored and revision == self._revision:
            return None
        if not self.is_all_stored:
            await self.save(record, history)
        if not self.is_all_stored:
            return None
        stored = await self._store.read(self._id)
        if stored is None:
            self._check_deleted()
        return stored

    async def _begin(self, writing: Awaitable[int]) -> None:
        try:
            self._is_taken(await writing)
        except StoreError as error:
            self._is_refused(error)

    async def _write(
        self, record: SessionRecord, history: History, unsaved: _Unsaved
    ) -> int:
        """Write what is new, or the whole session into a database that lacks it."""
        if self.is_stored:
            try:
                return await self._write_new(record, unsaved)
            except UnknownSession:
                self._check_deleted()
        messages = {message.id: message for message in history.tree}
        whole = attrs.evolve(unsaved, messages=messages | unsaved.messages)
        try:
            revision = await self._store.create(record, *whole.messages.values())
        except SessionExists:  # what could be read of it in a damaged database
            return await self._write_new(record, whole)
        if whole.texts:
            only_texts = _Unsaved(texts=whole.texts)
            revision = await self._write_new(record, only_texts)
        return revision

    async def _write_new(self, record: SessionRecord, new: _Unsaved) -> int:
        messages = new.messages.values()
        return await self._store.save(
            record, *messages, fields=new.fields, texts=new.texts
        )

    def _is_taken(self, revision: int | None) -> None:
        self._revision = revision
        self._generation = self._store.generation
        if not self._unsaved:
            self._outage.end(self._id)

    def _is_refused(self, error: StoreError) -> None:
        _bear(error)
        self._outage.begin(self._id, str(error))

    def _check_deleted(self) -> None:
        """Raise `UnknownSession` unless the whole database is another one now."""
        if self.is_stored:
            raise UnknownSession(f"The session {self._id!r} was deleted.")


async def _borne(asking: Awaitable[None]) -> None:
    try:
        await asking
    except StoreError as error:
        _bear(error)


def _bear(error: StoreError) -> None:
    """Go on though the store failed; its end is the end of what uses it."""
    if isinstance(error, StoreClosed):
        raise error
    _logger.warning("the session store failed: %s", error)
