"""A conversation: what was said so far, and how it is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import (
    AsyncGenerator,
    Collection,
    Generator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abstractllm.blocking import blocking
from abstractllm.enums import MessageRole, SessionMode
from abstractllm.errors import InvalidParameter, TurnRunning
from abstractllm.events import ChangedFile
from abstractllm.messages import Message, Part, Text
from abstractllm.session.journal import Journal
from abstractllm.session.session_file import write_session_file
from abstractllm.session.trust import Trust, mode_of
from abstractllm.store.contract import SessionRecord

if TYPE_CHECKING:  # what takes edits back is loaded once somebody asks for them
    from abstractllm.session.checkpoints import Checkpoints, Restored
    from abstractllm.session.recording import Door
    from abstractllm.workspace.changes import FileChange


class Conversation:
    """The half of a `Session` that needs no provider: its record and its history.

    What waits has two names for one implementation: `save` blocks, `await save_async`
    does not. While a turn runs, whatever would change the history raises `TurnRunning`.
    """

    def __init__(self, journal: Journal, trust: Trust) -> None:
        self._journal = journal
        self._trust = trust
        self._turn_running = False

    @property
    def record(self) -> SessionRecord:
        """What is known of the session beside its messages: title, times and so on."""
        return self._journal.record

    @property
    def id(self) -> str:
        """The session's identifier."""
        return self.record.id

    @property
    def system_prompt(self) -> str | None:
        """The standing instruction to the model."""
        return self.record.system_prompt

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the creator wanted to remember."""
        return self.record.metadata

    @property
    def mode(self) -> SessionMode:
        """How freely the session's models may act.

        `auto` holds where the user chose it, not where a database says so that came
        with the workspace.
        """
        return self._trust.mode(self.record)

    async def set_mode_async(self, mode: SessionMode | str) -> None:
        """Let models act more or less freely from now on, also in a running turn.

        Raises `InvalidParameter` for a mode that is none.
        """
        mode = mode_of(mode)
        await self._trust.grant_mode_async(self.id, mode)
        await self._journal.change(mode=mode)

    set_mode = blocking(set_mode_async)

    @property
    def turn_running(self) -> bool:
        """Whether the session answers a prompt right now."""
        return self._turn_running

    @property
    def size(self) -> int:
        """How many messages the session holds, on all branches."""
        return self._journal.history.size

    def get_history(self) -> list[Message]:
        """Return the current branch of the history, oldest message first."""
        return list(self._journal.history)

    def get_tree(self) -> tuple[Message, ...]:
        """Return the messages of all branches, in the order they were added."""
        return self._journal.history.tree

    def get_page(
        self, last: int | None = None, before: str | None = None
    ) -> tuple[list[Message], bool]:
        """Return a part of the current branch, and whether older messages remain.

        At most its `last` messages, of those before the message `before` if it is
        given. Raises `InvalidParameter` where `before` is no message of the branch.
        """
        branch = self._journal.history.branch
        end = len(branch) if before is None else _place(branch, before)
        start = 0 if last is None else max(0, end - last)
        return list(branch[start:end]), start > 0

    async def changed_files_async(
        self, among: Collection[str] | None = None
    ) -> dict[str, tuple[ChangedFile, ...]]:
        """Return what the turns of the current branch changed.

        By the last message of the assistant of each turn that changed files; of the
        messages `among` these alone, if they are given.
        """
        return await self._checkpoints.changed(among)

    changed_files = blocking(changed_files_async)

    async def edited_texts_async(self, message_id: str) -> list[FileChange]:
        """Return the files that a turn changed, with their texts before and after.

        Raises `InvalidParameter` where no such turn is, and `ChangeRefused` where the
        texts are not kept.
        """
        return await self._checkpoints.texts(message_id)

    edited_texts = blocking(edited_texts_async)

    async def revert_edits_async(
        self, message_id: str, door: Door, uris: Collection[str] | None = None
    ) -> Restored:
        """Take back what a turn changed, file by file, through `door`.

        `door` applies a change where it still fits: `DiskWorkspace.apply`, for one. A
        file that changed since is left as it is. With `uris`, only these files are
        taken back. Raises `InvalidParameter` and `TurnRunning`.
        """
        async with self._changing():
            return await self._checkpoints.restore(message_id, door, uris, back=True)

    revert_edits = blocking(revert_edits_async)

    async def reapply_edits_async(
        self, message_id: str, door: Door, uris: Collection[str] | None = None
    ) -> Restored:
        """Make again what `revert_edits` took back; see there."""
        async with self._changing():
            return await self._checkpoints.restore(message_id, door, uris, back=False)

    reapply_edits = blocking(reapply_edits_async)

    async def add_message_async(
        self,
        role: MessageRole | str,
        content: str | Sequence[Part],
        metadata: Mapping[str, Any] | None = None,
    ) -> Message:
        """Append a message to the history and return it.

        Raises `InvalidParameter` for a role that is none.
        """
        message = Message(
            role=_role(role), parts=parts_of(content), metadata=dict(metadata or {})
        )
        async with self._changing():
            return await self._journal.add(message)

    add_message = blocking(add_message_async)

    async def clear_history_async(self) -> None:
        """Start over with an empty history; what was said stays in the store."""
        async with self._changing():
            await self._journal.show(None)

    clear_history = blocking(clear_history_async)

    async def rename_async(self, title: str) -> None:
        """Give the session another title."""
        await self._journal.change(title=title)

    rename = blocking(rename_async)

    async def pin_async(self, pinned: bool = True) -> None:
        """List the session before those that are not pinned, or no longer."""
        await self._journal.change(pinned=pinned, updated_at=self.record.updated_at)

    pin = blocking(pin_async)

    async def save_async(self, path: str | os.PathLike[str]) -> None:
        """Write the session to a JSON file, without keys; raises `OSError`."""
        journal = self._journal
        await asyncio.to_thread(
            write_session_file,
            Path(path),
            journal.record,
            journal.history,
            journal.document,
        )

    save = blocking(save_async)

    async def _refresh(self) -> None:
        """Take in what other processes wrote; raises `UnknownSession`."""
        await self._journal.refresh()

    @property
    def _checkpoints(self) -> Checkpoints:
        from abstractllm.session.checkpoints import Checkpoints

        return Checkpoints(self._journal)

    @asynccontextmanager
    async def _changing(self) -> AsyncGenerator[None, None]:
        """Be the only one in this process who changes the history meanwhile."""
        with self._alone():
            await self._journal.check_lease()
            yield

    @asynccontextmanager
    async def _answering(self) -> AsyncGenerator[None, None]:
        """Be the only one anywhere who changes the history meanwhile."""
        with self._alone():
            async with self._journal.lease():
                yield

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        if self._turn_running:
            raise TurnRunning(
                "This session still answers another prompt. Wait for the end of the "
                "turn, or cancel it."
            )
        self._turn_running = True
        try:
            yield
        finally:
            self._turn_running = False


def parts_of(content: str | Sequence[Part]) -> tuple[Part, ...]:
    """Return a message's content, given as text or as parts, as parts."""
    return (Text(content),) if isinstance(content, str) else tuple(content)


def _place(branch: Sequence[Message], message_id: str) -> int:
    for place in reversed(range(len(branch))):
        if branch[place].id == message_id:
            return place
    raise InvalidParameter(
        f"`before` names no message of this history: {message_id!r}. Load it anew."
    )


def _role(role: str) -> MessageRole:
    try:
        return MessageRole(role)
    except ValueError:
        roles = ", ".join(MessageRole)
        raise InvalidParameter(
            f"There is no role {role!r}. Use one of: {roles}."
        ) from None
