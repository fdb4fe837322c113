"""Taking back what a turn changed, and bringing it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import attrs

from abstractllm.errors import (
    ChangeRefused,
    FileRefused,
    InvalidParameter,
    StoreError,
)
from abstractllm.events import ChangedFile, ChangeKind
from abstractllm.session.journal import Journal
from abstractllm.session.recording import Door, FileRecord, text_hash
from abstractllm.session.turn_changes import REVERTED_KEY, TurnChanges, turns_of

if TYPE_CHECKING:  # what compares texts is loaded once some have changed
    from abstractllm.workspace.changes import FileChange


@attrs.frozen(kw_only=True)
class Refusal:
    """A file that was left as it is, and why."""

    uri: str
    reason: str


@attrs.frozen(kw_only=True)
class Restored:
    """What came of taking edits back, or of bringing them back.

    `done` are the files, by the URIs that the turn found them under.
    """

    done: tuple[str, ...]
    refused: tuple[Refusal, ...]


class Checkpoints:
    """The files that the turns of a session changed, on the branch that is shown.

    A turn goes by its last message of the assistant.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def changed(
        self, among: Collection[str] | None = None
    ) -> dict[str, tuple[ChangedFile, ...]]:
        """Return the changed files of each turn that changed any.

        Of the turns `among` these alone, if they are given.
        """
        turns = turns_of(self._journal.history.branch)
        return {
            turn.id: await self._told(turn)
            for turn in turns
            if among is None or turn.id in among
        }

    async def texts(self, message_id: str) -> list[FileChange]:
        """Return the files that a turn changed, with their texts.

        Raises `InvalidParameter` where no such turn is, `ChangeRefused` where the texts
        are not kept.
        """
        turn = self._turn(message_id)
        return [await self._change(record) for record in turn.files]

    async def restore(
        self, message_id: str, door: Door, uris: Collection[str] | None, *, back: bool
    ) -> Restored:
        """Take a turn's edits `back`, or make them again, file by file.

        `door` refuses the files that changed since. Of `uris` alone if they are given.
        Raises `InvalidParameter` where no such turn is.
        """
        from abstractllm.workspace.changes import WorkspaceChange

        turn = self._turn(message_id)
        files = [file for file in turn.files if _is_one_of(file, uris)]
        done: list[str] = []
        refused: list[Refusal] = []
        # The last first, as it may stand where the first one was.
        for record in reversed(files) if back else files:
            try:
                change = await self._change(record)
                await door(WorkspaceChange((change.inverse if back else change,)))
                done.append(record.uri)
            except (FileRefused, ChangeRefused) as error:
                if (record.uri in turn.reverted) is not back:  # or it is so already
                    refused.append(Refusal(uri=record.uri, reason=str(error)))
        if done:
            await self._mark(turn, done, reverted=back)
        return Restored(done=tuple(done), refused=tuple(refused))

    def _turn(self, message_id: str) -> TurnChanges:
        for turn in turns_of(self._journal.history.branch):
            if turn.id == message_id:
                return turn
        raise InvalidParameter(
            f"`messageId` names no answer that changed files: {message_id!r}."
        )

    async def _change(self, record: FileRecord) -> FileChange:
        from abstractllm.workspace.changes import FileChange

        hashes = [name for name in (record.before, record.after) if name is not None]
        texts = await self._journal.texts(hashes)
        for name in hashes:
            if name not in texts or text_hash(texts[name]) != name:
                raise ChangeRefused(
                    f"What was in {record.name} before and after is not kept."
                )
        return FileChange(
            uri=record.uri,
            name=record.name,
            before=None if record.before is None else texts[record.before],
            after=None if record.after is None else texts[record.after],
            new_uri=record.new_uri,
            new_name=record.new_name,
            mode=record.mode,
        )

    async def _told(self, turn: TurnChanges) -> tuple[ChangedFile, ...]:
        return tuple([await self._changed_file(turn, record) for record in turn.files])

    async def _changed_file(self, turn: TurnChanges, record: FileRecord) -> ChangedFile:
        added, removed = record.added, record.removed
        if added is None or removed is None:
            added, removed = await self._counted(record)
        return ChangedFile(
            uri=record.uri,
            new_uri=record.new_uri,
            kind=_kind(record),
            added=added,
            removed=removed,
            reverted=record.uri in turn.reverted,
        )

    async def _counted(self, record: FileRecord) -> tuple[int, int]:
        try:
            return (await self._change(record)).line_counts
        except (ChangeRefused, StoreError):  # what is not kept cannot be counted
            return 0, 0

    async def _mark(
        self, turn: TurnChanges, uris: Sequence[str], *, reverted: bool
    ) -> None:
        """Remember with the turn which files are taken back."""
        others = turn.reverted.difference(uris)
        now = sorted(others.union(uris) if reverted else others)
        message = turn.messages[-1]
        metadata = {**message.metadata, REVERTED_KEY: now}
        await self._journal.change(attrs.evolve(message, metadata=metadata))


def _is_one_of(record: FileRecord, uris: Collection[str] | None) -> bool:
    return uris is None or record.uri in uris or record.new_uri in uris


def _kind(record: FileRecord) -> ChangeKind:
    if record.before is None:
        return ChangeKind.CREATED
    if record.after is None:
        return ChangeKind.DELETED
    return ChangeKind.RENAMED if record.new_uri else ChangeKind.EDITED
