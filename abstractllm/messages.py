"""Messages and their parts: frozen values that every other module speaks in."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from abstractllm.enums import MessageRole


def new_id() -> str:
    """Return a new identifier for a message, a session or a call: 32 hex digits."""
    return uuid.uuid4().hex


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@attrs.frozen
class Text:
    """Plain or Markdown text."""

    text: str


@attrs.frozen(kw_only=True)
class Thinking:
    """What a reasoning model thought before it spoke.

    Providers seal their thinking: it may be sent back only to the model that wrote it,
    verbatim. `signature` is Anthropic's seal, and `data` whatever else the provider
    needs back (Anthropic's redacted block, for one). A thinking part with neither was
    cut off, or came from a wire that does not take thinking back.
    """

    text: str = ""
    signature: str | None = None
    data: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Image:
    """A picture, base64-encoded without a `data:` prefix."""

    data: str
    media_type: str = "image/png"


@attrs.frozen(kw_only=True)
class LineRange:
    """Lines of a file, zero-based, `end` exclusive."""

    start: int
    end: int


@attrs.frozen(kw_only=True)
class Resource:
    """A piece of a file as it stood when it was sent; `version` is the editor's."""

    uri: str
    text: str
    range: LineRange | None = None
    version: int | None = None


@attrs.frozen(kw_only=True)
class ToolCall:
    """A model's wish to call a tool.

    `id` is ours and unique; `native_id` is the provider's, which is not (llama.cpp
    repeats one constant). `raw` keeps arguments that are no JSON object; `arguments`
    is empty then.
    """

    name: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict)
    id: str = attrs.field(factory=new_id)
    native_id: str | None = None
    raw: str | None = None


@attrs.frozen(kw_only=True)
class ToolResult:
    """What a tool call came to; `call_id` is the `ToolCall.id` it answers."""

    call_id: str
    content: str
    is_error: bool = False


@attrs.frozen
class Unknown:
    """A part of a kind, or in a form, that this version cannot read.

    `data` is its JSON object as it was found. It is kept, and never sent to a model.
    """

    data: Mapping[str, Any]


KnownPart: TypeAlias = Text | Thinking | Image | Resource | ToolCall | ToolResult
Part: TypeAlias = KnownPart | Unknown


@attrs.frozen(kw_only=True)
class Usage:
    """Tokens as the provider counted them.

    `input_tokens` holds everything the model read, cached or not; `cached_tokens` is
    the part of it that came from the provider's cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
        )


@attrs.frozen
class Cost:
    """What tokens cost, in billionths of a dollar: whole numbers add up exactly.

    `is_whole` is false where it is the sum of known prices and of unknown ones.
    """

    nano_dollars: int = 0
    is_whole: bool = True

    @property
    def dollars(self) -> float:
        """The cost in US dollars."""
        return self.nano_dollars / 1e9

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.nano_dollars + other.nano_dollars, self.is_whole and other.is_whole
        )


def total_cost(costs: Iterable[Cost | None]) -> Cost | None:
    """Return the sum of costs, some of which may be unknown; `None` if all are."""
    every = list(costs)
    known = [cost for cost in every if cost is not None]
    if every and not known:
        return None
    return sum(known, Cost(is_whole=len(known) == len(every)))


@attrs.frozen(kw_only=True)
class ContextUse:
    """How much of a model's context window a session fills, in tokens.

    `window` is `None` where it is not known; `estimated` tells that `used` was not
    counted by the provider.
    """

    used: int
    window: int | None = None
    estimated: bool = False


class MessageStatus(StrEnum):
    """Whether a message is all that was to be said."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    ERROR = "error"


@attrs.frozen(kw_only=True)
class Message:
    """One message of a session; `parent_id` is the message it follows.

    `cost` is `None` where the price of the model is not known.
    """

    role: MessageRole
    parts: tuple[Part, ...]
    id: str = attrs.field(factory=new_id)
    parent_id: str | None = None
    provider: str | None = None
    model: str | None = None
    usage: Usage | None = None
    cost: Cost | None = None
    created_at: datetime = attrs.field(factory=now)
    status: MessageStatus = MessageStatus.COMPLETE
    metadata: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def content(self) -> str:
        """The message's text; for tool messages, the text of the results."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text):
            return self.parts[0].text
        texts = []
        for part in self.parts:
            if isinstance(part, Text):
                texts.append(part.text)
            elif isinstance(part, ToolResult):
                texts.append(part.content)
        return "".join(texts)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls this message asks for, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """The tool results this message holds, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolResult))
