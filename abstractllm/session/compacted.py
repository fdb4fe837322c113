"""What of a compacted history is sent to a model.

A summary is a message at the end of the history of its time. In its metadata it
remembers which messages it stands for. What is shown, searched and exported is
everything; what is sent is the summary in the place of those messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from abstractllm.enums import MessageRole
from abstractllm.messages import Image, Message, Part, Resource, Text, ToolResult

METADATA_KEY = "compaction"

RESULT_LEFT_OUT = (
    "(This result was left out, to save room. Call the tool again if need be.)"
)

SUMMARY = "<summary of the conversation until here>\n{}\n</summary>"


@attrs.frozen(kw_only=True)
class Compaction:
    """What the message of a compaction remembers.

    `replaces` are the ids of the first and the last message it stands for. With
    `tool_results_only` these are sent too, but for what tools returned.
    """

    replaces: tuple[str, str]
    tokens_before: int
    tokens_after: int
    tool_results_only: bool = False
    undone: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return what the metadata holds."""
        told: dict[str, Any] = {
            "replaces": list(self.replaces),
            "tokensBefore": self.tokens_before,
            "tokensAfter": self.tokens_after,
        }
        if self.tool_results_only:
            told["toolResultsOnly"] = True
        return {**told, "undone": True} if self.undone else told


def compaction_of(message: Message) -> Compaction | None:
    """Return what a message remembers of a compaction, or `None` if it is none."""
    kept = message.metadata.get(METADATA_KEY)
    if message.role is not MessageRole.SYSTEM or not isinstance(kept, Mapping):
        return None
    replaces = kept.get("replaces")
    if not isinstance(replaces, list) or len(replaces) != 2:
        return None
    return Compaction(
        replaces=(str(replaces[0]), str(replaces[1])),
        tokens_before=_count(kept.get("tokensBefore")),
        tokens_after=_count(kept.get("tokensAfter")),
        tool_results_only=kept.get("toolResultsOnly") is True,
        undone=kept.get("undone") is True,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def as_sent(branch: Sequence[Message]) -> list[Message]:
    """Return a branch of the history as a model is sent it."""
    return [message for message in slots(branch) if message is not None]


def slots(branch: Sequence[Message]) -> list[Message | None]:
    """Return what is sent in the place of each message, `None` for nothing.

    Compactions follow each other: a later one may stand for an earlier one.
    """
    sent: list[Message | None] = list(branch)
    places: dict[str, int] | None = None
    for place, message in enumerate(branch):
        compaction = compaction_of(message)
        if compaction is None:
            continue
        sent[place] = None
        if places is None:
            places = {other.id: index for index, other in enumerate(branch)}
        first, last = (places.get(name, -1) for name in compaction.replaces)
        if compaction.undone or not 0 <= first <= last < place:
            continue
        if compaction.tool_results_only:
            sent[first : last + 1] = map(_without_results, sent[first : last + 1])
        else:
            sent[first : last + 1] = [None] * (last + 1 - first)
            sent[first] = _summary(message)
    return sent


def _summary(message: Message) -> Message:
    """Return a summary as it is sent: in the user's turn, as it is no instruction."""
    parts = (Text(SUMMARY.format(message.content)),)
    return attrs.evolve(message, role=MessageRole.USER, parts=parts)


def _without_results(message: Message | None) -> Message | None:
    if message is None or message.role is not MessageRole.TOOL:
        return message
    return attrs.evolve(message, parts=tuple(map(_left_out, message.parts)))


def _left_out(part: Part) -> Part:
    match part:
        case ToolResult(content=content) if len(content) > len(RESULT_LEFT_OUT):
            return attrs.evolve(part, content=RESULT_LEFT_OUT)
        case Text() | Image() | Resource():
            return Text(RESULT_LEFT_OUT)
        case _:
            return part
