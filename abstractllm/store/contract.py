"""What a session store keeps and promises."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from abstractllm.enums import MessageRole, SessionMode
from abstractllm.messages import ContextUse, Cost, Message, Usage, now


@attrs.frozen(kw_only=True)
class SessionRecord:
    """All of a session but its messages.

    `provider_config` is free of `SECRET_PARAMETERS`. `head_id` is the last message of
    the history that is shown; `None` means an empty history. `former_heads` are those
    that were left for another branch, the last one last.
    """

    id: str
    title: str | None = None
    system_prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    provider_config: Mapping[str, Any] = attrs.field(factory=dict)
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    mode: SessionMode = SessionMode.EDIT
    head_id: str | None = None
    former_heads: tuple[str, ...] = ()
    pinned: bool = False
    context: ContextUse | None = None
    created_at: datetime = attrs.field(factory=now)
    updated_at: datetime = attrs.field(factory=now)


@attrs.frozen(kw_only=True)
class SessionInfo:
    """What a list of sessions shows; `message_count` is of all messages.

    `usage` and `cost` are of those that are no copies: what a fork begins with was paid
    for once. `cost` is `None` where no price is known. Its JSON form is the `info` of
    the wire. `running_elsewhere` tells that another process answers there.
    """

    id: str
    title: str | None
    provider: str | None
    model: str | None
    created_at: datetime
    updated_at: datetime
    message_count: int
    usage: Usage
    cost: Cost | None
    context: ContextUse | None
    mode: SessionMode
    pinned: bool
    running_elsewhere: bool = False


@attrs.frozen(kw_only=True)
class SessionUsage:
    """What one session used since a time; `cost` is as in `SessionInfo`."""

    session_id: str
    title: str | None
    usage: Usage
    cost: Cost | None


@attrs.frozen(kw_only=True)
class SessionPage:
    """Some sessions, in the order of a list, and where the next page starts."""

    sessions: tuple[SessionInfo, ...]
    next_cursor: str | None = None


@attrs.frozen(kw_only=True)
class SearchHit:
    """A message that holds what was searched for.

    `snippet` is one line of it; `matches` are where what was found begins and ends
    there, in characters.
    """

    session_id: str
    title: str | None
    message_id: str
    role: MessageRole
    created_at: datetime
    snippet: str
    matches: tuple[tuple[int, int], ...]


@attrs.frozen(kw_only=True)
class TitleHit:
    """A session whose title holds what was searched for."""

    session_id: str
    title: str


@attrs.frozen(kw_only=True)
class SearchPage:
    """What was found, the newest first, and where the next page starts."""

    hits: tuple[SearchHit, ...]
    titles: tuple[TitleHit, ...] = ()
    next_cursor: str | None = None


@attrs.frozen(kw_only=True)
class StoredSession:
    """A session as the store holds it; `messages` is the whole tree, oldest first.

    `revision` grows with every write to the session, from whichever process. `notices`
    are sentences for the user about what could not be read.
    """

    record: SessionRecord
    messages: tuple[Message, ...]
    revision: int
    notices: tuple[str, ...] = ()


@attrs.frozen
class Finding:
    """Something that is wrong with a store: its kind, and a sentence for the user.

    `kind` is `damage`, `textIndex`, `orphans`, `copies`, `heads`, `counts`, `setAside`
    or `odd`; nothing can be done about the last two.
    """

    kind: str
    message: str
    mended: bool = False


@attrs.frozen(kw_only=True)
class Examination:
    """What a store holds, the version of its schema, and what is wrong with it."""

    sessions: int
    messages: int
    schema: int
    bytes: int
    findings: tuple[Finding, ...]


class SessionStore(Protocol):
    """Keeps sessions. Every method is durable when it returns.

    Safe to use from any event loop, and by several processes at once. Every method
    raises `StoreError` when the store cannot be read or written, and `StoreClosed` once
    it is closed.
    """

    @property
    def generation(self) -> int:
        """Grows when what is kept was taken away, or replaced, as a whole."""

    async def create(self, record: SessionRecord, *messages: Message) -> int:
        """Add a session with messages, and return its revision.

        Raises `SessionExists` if it is there.
        """

    async def save(
        self,
        record: SessionRecord,
        *messages: Message,
        fields: Collection[str] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> int:
        """Write a session and these of its messages, in one transaction.

        `fields` names the fields of the record that are written; the others stay as
        they are stored, byte for byte. `None` writes all of them. A message is written
        over one with the same id. The other messages stay as they are. `texts` are kept
        by their hashes for `texts` to give back. Returns the new revision. Raises
        `UnknownSession` if it was deleted.
        """

    async def texts(self, session_id: str, hashes: Collection[str]) -> dict[str, str]:
        """Return those of a session's kept texts that are asked for and there."""

    async def read(self, session_id: str) -> StoredSession | None:
        """Return a session with all its messages, or `None`."""

    async def revision(self, session_id: str) -> int | None:
        """Return a session's revision, or `None` where there is no such session."""

    async def info(self, session_id: str) -> SessionInfo | None:
        """Return what the list shows of one session, or `None`."""

    async def page(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return sessions, pinned ones first, and then the last changed first.

        All of them without `limit`. Raises `InvalidParameter` for a cursor that no page
        gave.
        """

    async def fork(
        self, session_id: str, record: SessionRecord, message_ids: Sequence[str]
    ) -> int:
        """Begin the session `record` with these messages of another one.

        Texts that the other one keeps go along. Returns the revision; raises
        `SessionExists`.
        """

    async def search(
        self,
        query: str,
        limit: int,
        cursor: str | None = None,
        session_id: str | None = None,
    ) -> SearchPage:
        """Return messages that hold a text, the newest first, whatever its script.

        Small and capital letters are the same. In one session alone if it is given;
        else the first page holds titles too. A fork's copies are found in the fork
        alone. Raises `InvalidParameter` for a blank query, or a cursor that none gave.
        """

    async def usage(self, since: datetime | None = None) -> list[SessionUsage]:
        """Return what each session used that used any, since a time or in all.

        The one that used the most recently comes first.
        """

    async def delete(self, session_id: str) -> bool:
        """Remove a session and its messages; return whether it was there."""

    async def undelete(self, session_id: str) -> bool:
        """Bring back a session that this store deleted while it was open.

        Returns whether it could; raises `SessionExists`.
        """

    async def take_lease(self, session_id: str) -> None:
        """Keep other processes from answering in a session, as long as this one lives.

        Raises `TurnRunning` where one of them does.
        """

    async def check_lease(self, session_id: str) -> None:
        """Raise `TurnRunning` where another process answers in a session."""

    async def give_back_lease(self, session_id: str) -> None:
        """Let other processes answer in a session."""

    async def changed_elsewhere(self) -> list[str]:
        """Return sessions that others made, changed or deleted since the last time.

        A turn that begins or ends elsewhere is a change, too. The first time returns
        none.
        """

    async def examine(self, *, mend: bool = False) -> Examination:
        """Return what is wrong with the store, and mend what can be mended."""

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
