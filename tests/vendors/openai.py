"""OpenAI's Chat Completions."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.vendors.scripts import Call, Counts, Failure, Model, Reply
from tests.vendors.wires import Frames, Wire, compact

_FINISH = {"end": "stop", "length": "length", "refusal": "content_filter"}


class OpenAIWire(Wire):
    """`/v1/chat/completions` and `/v1/models`."""

    heartbeats = (b": ping\n\n", b'data: {"choices":[]}\n\n')
    malformed = b'data: {"choices":[{"delta"\n\n'

    def frames(self, reply: Reply, model: str) -> Frames:
        """Return the chunks of a reply; the usage comes in one of its own."""
        finish = "tool_calls" if reply.tool_calls else _FINISH[reply.stop]
        return Frames(
            opening=_delta(
                model, {"role": "assistant", "content": "", "refusal": None}
            ),
            deltas=[_delta(model, delta) for delta in _deltas(reply)],
            closing=_delta(model, {}, finish)
            + _event(_chunk(model, [], _usage(reply.usage)))
            + b"data: [DONE]\n\n",
        )

    def error(self, failure: Failure) -> dict[str, Any]:
        """Return the body of an error."""
        return {
            "error": {
                "message": failure.message,
                "type": failure.type,
                "param": None,
                "code": failure.code,
            }
        }

    def error_event(self, failure: Failure) -> bytes:
        """Return an error in mid-stream: the same body, as an event."""
        return _event(self.error(failure))

    def models(self, models: Sequence[Model]) -> dict[str, Any]:
        """Return the list of models, with OpenRouter's word for the context window."""
        data = [
            {
                "id": model.id,
                "object": "model",
                "created": 1686935002,
                "owned_by": "system",
                "context_length": model.context_window,
            }
            for model in models
        ]
        return {"object": "list", "data": data}


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    for text in reply.thinking:
        yield {"reasoning_content": text}
    for text in reply.text:
        yield {"content": text}
    for index, call in enumerate(reply.tool_calls):
        yield from _fragments(index, call)


def _fragments(index: int, call: Call) -> Iterator[dict[str, Any]]:
    start = {"name": call.name, "arguments": ""}
    fragment = {"index": index, "id": call.id, "type": "function", "function": start}
    yield {"tool_calls": [fragment]}
    for piece in call.arguments:
        yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _usage(usage: Counts) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _delta(model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event(_chunk(model, [choice], None))


def _chunk(
    model: str, choices: list[dict[str, Any]], usage: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "id": "chatcmpl-123",
        "object": "chat.completion.chunk",
        "created": 1694268190,
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": choices,
        "usage": usage,
    }


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + compact(data) + b"\n\n"
