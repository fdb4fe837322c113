"""Keeping what the tools of a turn change, so that it can be taken back.

A message of results remembers each changed file with the texts before and after, by
their hashes; the texts lie in the store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from abstractllm.encoding import to_json
from abstractllm.messages import Message
from abstractllm.session.journal import Journal

if TYPE_CHECKING:
    from abstractllm.workspace.changes import FileChange, WorkspaceChange

Door: TypeAlias = "Callable[[WorkspaceChange], Awaitable[WorkspaceChange]]"
"""Applies a change and returns it as it came to be, or raises.

Some editors change a text once more when they save it.
"""

METADATA_KEY = "changes"


@attrs.frozen(kw_only=True)
class FileRecord:
    """A change of a file as a message remembers it; see `FileChange`."""

    call_id: str
    uri: str
    name: str
    before: str | None
    """The hash of a text."""
    after: str | None
    new_uri: str | None = None
    new_name: str | None = None
    mode: int | None = None
    added: int | None = None
    """Lines; `None` where that was not counted."""
    removed: int | None = None


class Recording:
    """The changes that the calls of one message make."""

    def __init__(self, journal: Journal, message: Callable[[], Message]) -> None:
        """Keep them with `message()`, as a draft."""
        self._journal = journal
        self._message = message
        self._records: list[FileRecord] = []

    @property
    def metadata(self) -> dict[str, Any]:
        """What the message remembers."""
        if not self._records:
            return {}
        return {METADATA_KEY: [to_json(record) for record in self._records]}

    async def apply(
        self, call_id: str, change: WorkspaceChange, door: Door
    ) -> WorkspaceChange:
        """Keep a change, and have it applied; forget it where `door` raises.

        Returns it as it came to be, which is what is kept then.
        """
        kept = len(self._records)

        async def keep(change: WorkspaceChange) -> None:
            self._records[kept:] = [_record(call_id, file) for file in change.files]
            await self._journal.keep_draft(self._message(), _texts(change))

        try:
            await keep(change)
            made = await door(change)
        except Exception:
            del self._records[kept:]
            await self._journal.keep_draft(self._message())
            raise
        if made != change:
            await keep(made)
        return made


def text_hash(text: str) -> str:
    """Return the name that a text is kept under."""
    import hashlib  # it loads OpenSSL, and the server has no need of that to start

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _record(call_id: str, file: FileChange) -> FileRecord:
    added, removed = file.line_counts
    return FileRecord(
        call_id=call_id,
        uri=file.uri,
        name=file.name,
        before=None if file.before is None else text_hash(file.before),
        after=None if file.after is None else text_hash(file.after),
        new_uri=file.new_uri,
        new_name=file.new_name,
        mode=file.mode,
        added=added,
        removed=removed,
    )


def _texts(change: WorkspaceChange) -> dict[str, str]:
    texts = (text for file in change.files for text in (file.before, file.after))
    return {text_hash(text): text for text in texts if text is not None}
