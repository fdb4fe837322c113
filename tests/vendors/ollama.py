"""Ollama's chat API: a JSON object on each line."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.vendors.scripts import Call, Failure, Model, Reply
from tests.vendors.wires import Frames, Wire, compact


class OllamaWire(Wire):
    """`/api/chat`, `/api/tags` and `/api/show`."""

    content_type = "application/x-ndjson"
    heartbeats = (b'{"message":{"role":"assistant","content":""},"done":false}\n',)
    malformed = b'{"message":{"role":\n'

    def frames(self, reply: Reply, model: str) -> Frames:
        """Return the lines of a reply; there is no opening, and no word for refusal."""
        return Frames(
            deltas=[_line(model, message) for message in _messages(reply)],
            closing=_line(
                model,
                {"content": ""},
                done=True,
                done_reason="length" if reply.stop == "length" else "stop",
                total_duration=4883583458,
                load_duration=1334875,
                prompt_eval_count=reply.usage.input,
                prompt_eval_duration=342546000,
                eval_count=reply.usage.output,
                eval_duration=4535599000,
            ),
        )

    def error(self, failure: Failure) -> dict[str, Any]:
        """Return the body of an error."""
        return {"error": failure.message}

    def error_event(self, failure: Failure) -> bytes:
        """Return an error in mid-stream."""
        return compact(self.error(failure)) + b"\n"

    def models(self, models: Sequence[Model]) -> dict[str, Any]:
        """Return the list of models, which does not hold their context windows."""
        return {
            "models": [
                {
                    "name": model.id,
                    "model": model.id,
                    "modified_at": "2026-05-04T17:37:44.706015396-07:00",
                    "size": 3826793677,
                    "digest": "fe938a131f40e6f6d40083c9f0f430a5",
                    "details": {"format": "gguf", "family": "llama"},
                }
                for model in models
            ]
        }


def shown(model: Model) -> dict[str, Any]:
    """Return what `/api/show` tells of a model."""
    return {
        "details": {"format": "gguf", "family": "llama"},
        "model_info": {
            "general.architecture": "llama",
            "llama.context_length": model.context_window,
        },
        "capabilities": ["completion", "tools"],
    }


def _messages(reply: Reply) -> Iterator[dict[str, Any]]:
    for text in reply.thinking:
        yield {"content": "", "thinking": text}
    for text in reply.text:
        yield {"content": text}
    for call in reply.tool_calls:
        yield {"content": "", "tool_calls": [_tool_call(call)]}


def _tool_call(call: Call) -> dict[str, Any]:
    arguments = json.loads("".join(call.arguments))
    return {"id": call.id, "function": {"name": call.name, "arguments": arguments}}


def _line(
    model: str, message: dict[str, Any], done: bool = False, **more: Any
) -> bytes:
    line = {
        "model": model,
        "created_at": "2026-08-04T08:52:19.385406455Z",
        "message": {"role": "assistant", **message},
        "done": done,
        **more,
    }
    return compact(line) + b"\n"
