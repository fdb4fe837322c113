"""Reading a reply of OpenAI's Chat Completions, and of servers that imitate it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from abstractllm.events import ProviderEvent, StopReason, TextDelta, UsageReported
from abstractllm.messages import Usage
from abstractllm.providers.failures import RefusedInStream, refusal_of
from abstractllm.providers.streaming import ThinkingDraft, tool_call

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

_STOP_REASONS = {
    "length": StopReason.MAX_TOKENS,
    "tool_calls": StopReason.TOOL_USE,
    "function_call": StopReason.TOOL_USE,
    "content_filter": StopReason.REFUSAL,
}


@attrs.define
class _CallDraft:
    index: int | None
    native_id: str | None = None
    name: str = ""
    arguments: str = ""


class CompletionReader:
    """Reads the chunks of one reply."""

    def __init__(self) -> None:
        self.stop_reason: StopReason | None = None
        self._thinking = ThinkingDraft()
        self._calls: list[_CallDraft] = []
        self._refused = False

    def read(self, chunk: "ChatCompletionChunk") -> Iterable[ProviderEvent]:
        """Return the events of the next chunk; raises `RefusedInStream`."""
        if error := getattr(chunk, "error", None):
            raise RefusedInStream(refusal_of(error))
        for choice in chunk.choices or ():
            if choice.delta is not None:
                yield from self._read_delta(choice.delta)
            if choice.finish_reason:
                yield from self._finish(choice.finish_reason)
        if chunk.usage:
            yield _usage(chunk.usage)

    def _read_delta(self, delta: "ChoiceDelta") -> Iterable[ProviderEvent]:
        # `reasoning_content` is DeepSeek's word, llama.cpp's and older vLLM's;
        # `reasoning` is OpenRouter's, newer vLLM's and Ollama's.
        thought = getattr(delta, "reasoning_content", None)
        if thought := thought or getattr(delta, "reasoning", None):
            yield from self._thinking.add(thought)
        if text := delta.content or delta.refusal:
            self._refused = self._refused or bool(delta.refusal)
            yield from self._thinking.close()
            yield TextDelta(text)
        for fragment in delta.tool_calls or ():
            self._read_call(fragment)

    def _read_call(self, fragment: "ChoiceDeltaToolCall") -> None:
        call = self._call_of(fragment)
        if function := fragment.function:
            # Some servers repeat the name in every fragment.
            call.name = call.name or function.name or ""
            call.arguments += function.arguments or ""

    def _call_of(self, fragment: "ChoiceDeltaToolCall") -> _CallDraft:
        """Return the call that a fragment continues, or a new one.

        Some servers give every call the index 0, or none: then a new id tells.
        """
        for call in reversed(self._calls):
            if call.index == fragment.index and (
                not fragment.id or fragment.id == call.native_id
            ):
                return call
        self._calls.append(_CallDraft(fragment.index, fragment.id or None))
        return self._calls[-1]

    def _finish(self, reason: str) -> Iterable[ProviderEvent]:
        yield from self._thinking.close()
        for call in self._calls:
            yield tool_call(call.name, call.native_id, call.arguments)
        self.stop_reason = self._stop_reason(reason)
        self._calls.clear()

    def _stop_reason(self, reason: str) -> StopReason:
        if self._refused:
            return StopReason.REFUSAL
        # Some servers say "stop" although they call tools.
        default = StopReason.TOOL_USE if self._calls else StopReason.END_TURN
        return _STOP_REASONS.get(reason, default)


def _usage(usage: "CompletionUsage") -> UsageReported:
    details = usage.prompt_tokens_details
    return UsageReported(
        Usage(
            input_tokens=usage.prompt_tokens or 0,
            output_tokens=usage.completion_tokens or 0,
            cached_tokens=(details.cached_tokens if details else 0) or 0,
        )
    )
