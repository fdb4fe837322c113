"""Anthropic's Messages API.

The shapes are those of `anthropic.types.MessageParam`.
"""

from collections.abc import Sequence
from typing import Any

from abstractllm.interface import ToolSpec
from abstractllm.messages import Image, Message, Text, Thinking
from abstractllm.projection.calls import plain_json
from abstractllm.projection.history import repaired
from abstractllm.projection.target import Projected, Target
from abstractllm.projection.turns import AssistantTurn, Call, Result, UserTurn
from abstractllm.projection.wholeness import is_whole, whole
from abstractllm.tools.names import named


def project(
    messages: Sequence[Message], *, target: Target, system_prompt: str | None = None
) -> Projected:
    """Return a history as messages of content blocks; the system prompt is apart."""
    history = repaired(
        messages, target=target, system_prompt=system_prompt, replays=_is_sealed
    )
    return Projected(
        messages=[_message(turn) for turn in history.turns],
        system=history.system,
        notices=history.notices,
    )


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return tools as the API's `tools` parameter."""
    return [
        {
            "name": name,
            "description": whole(spec.description),
            "input_schema": plain_json(spec.parameters),
        }
        for name, spec in named(specs)
    ]


def _is_sealed(thinking: Thinking) -> bool:
    """Return whether the API can verify that it wrote `thinking`.

    A stream that was cut leaves an empty signature (pydantic/pydantic-ai#7597).
    """
    seal = thinking.signature or _redacted(thinking)
    return seal is not None and bool(seal) and is_whole(seal)


def _redacted(thinking: Thinking) -> str | None:
    """Return the opaque text of a redacted thinking block."""
    data = (thinking.data or {}).get("redacted")
    return data if isinstance(data, str) else None


def _message(turn: AssistantTurn | UserTurn) -> dict[str, Any]:
    if isinstance(turn, AssistantTurn):
        return {"role": "assistant", "content": list(map(_block, turn.parts))}
    # Results come first, or the API does not find them.
    blocks = [*map(_block, turn.results), *map(_block, turn.content)]
    return {"role": "user", "content": blocks}


def _block(part: Text | Thinking | Image | Call | Result) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Thinking():
            return _thinking_block(part)
        case Image(data=data, media_type=media_type):
            source = {"type": "base64", "media_type": media_type, "data": data}
            return {"type": "image", "source": source}
        case Call(id=id, name=name, arguments=arguments):
            return {"type": "tool_use", "id": id, "name": name, "input": arguments}
        case Result():
            return {
                "type": "tool_result",
                "tool_use_id": part.call.id,
                "content": part.content,
                "is_error": part.is_error,
            }


def _thinking_block(thinking: Thinking) -> dict[str, Any]:
    if thinking.signature:
        return {
            "type": "thinking",
            "thinking": thinking.text,
            "signature": thinking.signature,
        }
    return {"type": "redacted_thinking", "data": _redacted(thinking)}
