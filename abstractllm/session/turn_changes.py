"""What each turn of a history changed, in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import cattrs

from abstractllm.encoding import from_json
from abstractllm.enums import MessageRole
from abstractllm.messages import Message
from abstractllm.session.recording import METADATA_KEY, FileRecord

REVERTED_KEY = "reverted"
"""In the metadata of a turn's last results: which of its files are taken back."""


@attrs.frozen
class TurnChanges:
    """The changes of one turn.

    `id` is that of its last message of the assistant, `messages` are the results that
    remember the changes, and `files` is what came of them together.
    """

    id: str
    messages: tuple[Message, ...]
    files: tuple[FileRecord, ...]

    @property
    def reverted(self) -> frozenset[str]:
        """The URIs of the files that are taken back."""
        uris = self.messages[-1].metadata.get(REVERTED_KEY)
        return frozenset(uris if isinstance(uris, list) else ())


def turns_of(branch: Iterable[Message]) -> Iterator[TurnChanges]:
    """Yield the turns that changed files, the oldest first."""
    answer: str | None = None
    results: list[Message] = []
    for message in [*branch, None]:
        if message is None or message.role is MessageRole.USER:
            files = combined([r for result in results for r in _records(result)])
            if answer is not None and files:
                yield TurnChanges(answer, tuple(results), files)
            answer, results = None, []
        elif message.role is MessageRole.ASSISTANT:
            answer = message.id
        elif METADATA_KEY in message.metadata:
            results.append(message)


def combined(records: Sequence[FileRecord]) -> tuple[FileRecord, ...]:
    """Return changes that followed each other as one change for each file."""
    gone: list[FileRecord] = []
    files: dict[str, FileRecord] = {}
    for record in records:
        earlier = files.pop(record.uri, None)
        place = record.new_uri or record.uri
        if place in files:  # a file that was deleted; another one takes its place
            gone.append(files.pop(place))
        files[place] = record if earlier is None else _followed(earlier, record)
    every = (*gone, *files.values())
    return tuple(f for f in every if f.before != f.after or f.new_uri)


def _followed(earlier: FileRecord, later: FileRecord) -> FileRecord:
    uri, name = later.new_uri or later.uri, later.new_name or later.name
    both = attrs.evolve(earlier, after=later.after, added=None, removed=None)
    if earlier.before is None:
        return attrs.evolve(both, uri=uri, name=name)
    if later.after is None or uri == earlier.uri:
        return attrs.evolve(both, new_uri=None, new_name=None)
    return attrs.evolve(both, new_uri=uri, new_name=name)


def _records(message: Message) -> list[FileRecord]:
    """Return what a message remembers; what cannot be read changed nothing."""
    kept = message.metadata.get(METADATA_KEY)
    try:
        return from_json(kept, list[FileRecord])
    except (cattrs.BaseValidationError, TypeError):
        return []
