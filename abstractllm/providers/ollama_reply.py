"""Reading a reply of Ollama's chat API: one JSON object on each line."""

from collections.abc import Iterable, Mapping
from typing import Any

from abstractllm.events import ProviderEvent, StopReason, TextDelta, UsageReported
from abstractllm.messages import ToolCall, Usage
from abstractllm.providers.failures import RefusedInStream, refusal_of
from abstractllm.providers.streaming import ThinkingDraft, tool_call


class ChatReader:
    """Reads the lines of one reply."""

    def __init__(self) -> None:
        self.stop_reason: StopReason | None = None
        self._thinking = ThinkingDraft()
        self._calls_tools = False

    def read(self, chunk: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        """Return the events of the next line; raises `RefusedInStream`."""
        if "error" in chunk:
            raise RefusedInStream(refusal_of(chunk))
        yield from self._read_message(chunk["message"])
        if chunk["done"]:
            yield from self._thinking.close()
            yield _usage(chunk)
            self.stop_reason = self._stop_reason(chunk.get("done_reason"))

    def _read_message(self, message: Mapping[str, Any]) -> Iterable[ProviderEvent]:
        if thought := message.get("thinking"):
            yield from self._thinking.add(thought)
        if text := message.get("content"):
            yield from self._thinking.close()
            yield TextDelta(text)
        for call in message.get("tool_calls") or ():
            self._calls_tools = True
            yield from self._thinking.close()
            yield _tool_call(call)

    def _stop_reason(self, reason: str | None) -> StopReason:
        if reason == "length":
            return StopReason.MAX_TOKENS
        # Ollama says "stop" when it calls tools, too.
        return StopReason.TOOL_USE if self._calls_tools else StopReason.END_TURN


def _tool_call(call: Mapping[str, Any]) -> ToolCall:
    function = call["function"]
    native_id, arguments = call.get("id") or None, function["arguments"]
    if isinstance(arguments, str):
        return tool_call(function["name"], native_id, arguments)
    return ToolCall(
        name=function["name"], native_id=native_id, arguments=dict(arguments or {})
    )


def _usage(chunk: Mapping[str, Any]) -> UsageReported:
    """Return the counts of a last line; what is not set was 0."""
    return UsageReported(
        Usage(
            input_tokens=chunk.get("prompt_eval_count", 0),
            output_tokens=chunk.get("eval_count", 0),
        )
    )
