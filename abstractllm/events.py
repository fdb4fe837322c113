"""What a stream yields: first a provider's events, then what a turn adds to them.

Deltas are for showing, parts are for keeping: the text of a reply is its `TextDelta`s
joined; a `Thinking` part closes the `ThinkingDelta`s before it and holds the same text
with the provider's seal; a `ToolCall` arrives whole, never in pieces.
"""

from enum import StrEnum
from typing import TypeAlias

import attrs

from abstractllm.enums import ToolKind
from abstractllm.errors import AbstractLLMError
from abstractllm.messages import (
    ContextUse,
    Cost,
    Message,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)


class StopReason(StrEnum):
    """Why a reply or a turn ended."""

    END_TURN = "endTurn"
    MAX_TOKENS = "maxTokens"
    REFUSAL = "refusal"
    TOOL_USE = "toolUse"
    """Of a reply only: the model waits for tool results."""
    MAX_TOOL_CALLS = "maxToolCalls"
    """Of a turn only, as are the next two."""
    CANCELLED = "cancelled"
    ERROR = "error"


@attrs.frozen
class TextDelta:
    """More text of the reply."""

    text: str


@attrs.frozen
class ThinkingDelta:
    """More of what the model thinks."""

    text: str


@attrs.frozen
class UsageReported:
    """The tokens of this reply so far; a later report replaces an earlier one."""

    usage: Usage


class NoticeLevel(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"


@attrs.frozen
class Notice:
    """Something the user should know that is no error."""

    message: str
    level: NoticeLevel = NoticeLevel.WARNING


@attrs.frozen
class ModelLoading:
    """A model of this machine is loaded before it can answer, which may take a while.

    `model` is its name for people, without a path.
    """

    model: str


@attrs.frozen
class ReplyEnded:
    """The provider's reply is complete; always a provider's last event."""

    stop_reason: StopReason


ProviderEvent: TypeAlias = (
    TextDelta
    | ThinkingDelta
    | Thinking
    | ToolCall
    | UsageReported
    | Notice
    | ModelLoading
    | ReplyEnded
)


@attrs.frozen
class MessageAdded:
    """A message entered the history: the prompt, a reply or tool results."""

    message: Message


@attrs.frozen(kw_only=True)
class CallDetails:
    """What is known of a call beside its arguments.

    `diff` is a unified diff of what it changes; `command` and `folder` are what it
    runs, and where. `kind` is `None` for a program's own function.
    """

    kind: ToolKind | None = None
    title: str | None = None
    diff: str | None = None
    command: str | None = None
    folder: str | None = None


@attrs.frozen
class ToolProposed:
    """A call waits for approval."""

    call: ToolCall
    details: CallDetails


@attrs.frozen
class ToolStarted:
    """A tool runs now."""

    call: ToolCall
    details: CallDetails = CallDetails()


@attrs.frozen
class ToolOutput:
    """More of what a running tool puts out."""

    call_id: str
    text: str


@attrs.frozen
class ToolRejected:
    """A call was not approved; its result follows, which says why."""

    call_id: str


class ChangeKind(StrEnum):
    """What became of a file."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    RENAMED = "renamed"


@attrs.frozen(kw_only=True)
class ChangedFile:
    """What a turn did to a file, in all; `added` and `removed` are numbers of lines.

    `reverted` tells that the user took it back.
    """

    uri: str
    kind: ChangeKind
    new_uri: str | None = None
    added: int = 0
    removed: int = 0
    reverted: bool = False


@attrs.frozen(kw_only=True)
class TurnEnded:
    """The turn is over; always a turn's last event.

    `message` is the last assistant message, if there is one. `error` is set exactly
    when `stop_reason` is `ERROR`. `changes` are the files that its tools changed.
    `cost` is that of `usage`, `None` where no price is known; `context` is how full the
    model's context is now.
    """

    stop_reason: StopReason
    usage: Usage
    message: Message | None = None
    error: AbstractLLMError | None = None
    changes: tuple[ChangedFile, ...] = ()
    cost: Cost | None = None
    context: ContextUse | None = None


Event: TypeAlias = (
    TextDelta
    | ThinkingDelta
    | ToolCall
    | ToolProposed
    | ToolStarted
    | ToolOutput
    | ToolRejected
    | ToolResult
    | UsageReported
    | Notice
    | ModelLoading
    | MessageAdded
    | TurnEnded
)
