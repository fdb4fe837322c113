"""Reading a reply of Anthropic's Messages API."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from abstractllm.events import (
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    UsageReported,
)
from abstractllm.messages import Thinking, Usage
from abstractllm.providers.failures import RefusedInStream, refusal_of
from abstractllm.providers.streaming import tool_call

if TYPE_CHECKING:
    from anthropic.types import RawMessageStreamEvent

_STOP_REASONS = {
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "tool_use": StopReason.TOOL_USE,
    "refusal": StopReason.REFUSAL,
}


@attrs.define
class _Block:
    start: Any
    text: str = ""
    signature: str = ""


class MessageReader:
    """Reads the stream events of one reply."""

    def __init__(self) -> None:
        self.stop_reason: StopReason | None = None
        self._blocks: dict[int, _Block] = {}
        self._counts: dict[str, int] = {}

    def read(self, chunk: "RawMessageStreamEvent") -> Iterable[ProviderEvent]:
        """Return the events of the next stream event; raises `RefusedInStream`."""
        if getattr(chunk, "error", None):  # of no type that the SDK knows
            raise RefusedInStream(refusal_of(chunk))
        match chunk.type:
            case "message_start":
                yield self._count(chunk.message.usage)
            case "content_block_start":
                yield from self._begin(chunk.index, chunk.content_block)
            case "content_block_delta":
                yield from self._continue(self._blocks[chunk.index], chunk.delta)
            case "content_block_stop":
                yield from self._end(self._blocks.pop(chunk.index))
            case "message_delta":
                if reason := chunk.delta.stop_reason:
                    default = StopReason.END_TURN
                    self.stop_reason = _STOP_REASONS.get(reason, default)
                yield self._count(chunk.usage)

    def _begin(self, index: int, start: Any) -> Iterable[ProviderEvent]:
        self._blocks[index] = _Block(start)
        if start.type == "text" and start.text:
            yield TextDelta(start.text)

    def _continue(self, block: _Block, delta: Any) -> Iterable[ProviderEvent]:
        match delta.type:
            case "text_delta" if delta.text:
                yield TextDelta(delta.text)
            case "thinking_delta" if delta.thinking:
                block.text += delta.thinking
                yield ThinkingDelta(delta.thinking)
            case "signature_delta":
                block.signature += delta.signature
            case "input_json_delta":
                block.text += delta.partial_json

    def _end(self, block: _Block) -> Iterable[ProviderEvent]:
        match block.start.type:
            case "thinking":
                yield Thinking(text=block.text, signature=block.signature or None)
            case "redacted_thinking":
                yield Thinking(data={"redacted": block.start.data})
            case "tool_use":
                yield tool_call(block.start.name, block.start.id, block.text)

    def _count(self, usage: Any) -> UsageReported:
        """Add a report to what is known: a later one may leave counts out.

        `input_tokens` on this wire is without what was read from or written to the
        cache.
        """
        for name in (
            "input_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "output_tokens",
        ):
            count = getattr(usage, name, None)
            if count is not None:
                self._counts[name] = count
        cached = self._counts.get("cache_read_input_tokens", 0)
        written = self._counts.get("cache_creation_input_tokens", 0)
        return UsageReported(
            Usage(
                input_tokens=self._counts.get("input_tokens", 0) + cached + written,
                output_tokens=self._counts.get("output_tokens", 0),
                cached_tokens=cached,
            )
        )
