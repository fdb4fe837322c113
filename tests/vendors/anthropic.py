"""Anthropic's Messages API."""

from collections.abc import Sequence
from typing import Any

from tests.vendors.scripts import Call, Failure, Model, Reply
from tests.vendors.wires import Frames, Wire, compact

_STOP = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal"}


class AnthropicWire(Wire):
    """`/v1/messages` and `/v1/models`."""

    heartbeats = (b'event: ping\ndata: {"type":"ping"}\n\n',)
    malformed = b'event: content_block_delta\ndata: {"type":"content_bl\n\n'

    def frames(self, reply: Reply, model: str) -> Frames:
        """Return the stream events of a reply."""
        frames = _Blocks()
        if reply.thinking:
            start = {"type": "thinking", "thinking": "", "signature": ""}
            seal = {"type": "signature_delta", "signature": reply.signature}
            deltas = [
                {"type": "thinking_delta", "thinking": text} for text in reply.thinking
            ]
            frames.add(start, deltas, seal)
        if reply.redacted:
            frames.add({"type": "redacted_thinking", "data": reply.redacted}, [])
        if reply.text:
            deltas = [{"type": "text_delta", "text": text} for text in reply.text]
            frames.add({"type": "text", "text": ""}, deltas)
        for call in reply.tool_calls:
            frames.add(_tool_use(call), _json_deltas(call))
        return Frames(
            opening=_start(reply, model) + self.heartbeats[0],
            deltas=frames.deltas,
            closing=frames.pending + _end(reply),
        )

    def error(self, failure: Failure) -> dict[str, Any]:
        """Return the body of an error."""
        error: dict[str, Any] = {"type": failure.type, "message": failure.message}
        if failure.code:
            error["details"] = {"error_code": failure.code}
        return {"type": "error", "error": error, "request_id": "req_1"}

    def error_event(self, failure: Failure) -> bytes:
        """Return an error in mid-stream."""
        return _event("error", **self.error(failure))

    def models(self, models: Sequence[Model]) -> dict[str, Any]:
        """Return a page of models, the only one."""
        data = [
            {
                "type": "model",
                "id": model.id,
                "display_name": model.id.title(),
                "created_at": "2026-02-04T00:00:00Z",
                "lifecycle": "active",
                "max_input_tokens": model.context_window,
            }
            for model in models
        ]
        return {"data": data, "has_more": False, "first_id": None, "last_id": None}


class _Blocks:
    """Content blocks; what stands between two deltas goes out with the later one."""

    def __init__(self) -> None:
        self.deltas: list[bytes] = []
        self.pending = b""
        self._index = 0

    def add(
        self,
        start: dict[str, Any],
        deltas: list[dict[str, Any]],
        seal: dict[str, Any] | None = None,
    ) -> None:
        index = self._index
        self._index += 1
        self.pending += _event("content_block_start", index=index, content_block=start)
        for delta in deltas:
            event = _event("content_block_delta", index=index, delta=delta)
            self.deltas.append(self.pending + event)
            self.pending = b""
        if seal:
            self.pending += _event("content_block_delta", index=index, delta=seal)
        self.pending += _event("content_block_stop", index=index)


def _tool_use(call: Call) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}


def _json_deltas(call: Call) -> list[dict[str, Any]]:
    pieces = ["", *call.arguments]
    return [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


def _start(reply: Reply, model: str) -> bytes:
    counts = reply.usage
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": counts.input - counts.cached - counts.written,
            "cache_creation_input_tokens": counts.written,
            "cache_read_input_tokens": counts.cached,
            "output_tokens": 1,
        },
    }
    return _event("message_start", message=message)


def _end(reply: Reply) -> bytes:
    stop = "tool_use" if reply.tool_calls else _STOP[reply.stop]
    delta = {"stop_reason": stop, "stop_sequence": None}
    usage = {"output_tokens": reply.usage.output}
    return _event("message_delta", delta=delta, usage=usage) + _event("message_stop")


def _event(event: str, **data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (
        event.encode(),
        compact({"type": event} | data),
    )
