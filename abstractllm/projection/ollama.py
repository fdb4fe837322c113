"""Ollama's native chat API, `/api/chat`.

The shapes are those of `ollama.Message`. Calls have no ids on this wire: a result
belongs to a call by its tool's name and its place (ollama/ollama#11417).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from abstractllm.interface import ToolSpec
from abstractllm.messages import Image, Message, Text
from abstractllm.projection import openai_chat
from abstractllm.projection.content import joined
from abstractllm.projection.history import repaired
from abstractllm.projection.target import Projected, Target
from abstractllm.projection.turns import AssistantTurn, UserTurn


def project(
    messages: Sequence[Message], *, target: Target, system_prompt: str | None = None
) -> Projected:
    """Return a history as chat messages; the system prompt is the first of them."""
    history = repaired(messages, target=target, system_prompt=system_prompt)
    wire: list[dict[str, Any]] = []
    if history.system:
        wire.append({"role": "system", "content": history.system})
    for turn in history.turns:
        match turn:
            case AssistantTurn():
                wire.append(_assistant_message(turn))
            case UserTurn():
                wire.extend(_user_messages(turn))
    return Projected(messages=wire, notices=history.notices)


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return tools as the API's `tools` parameter, which has OpenAI's shape."""
    return openai_chat.tools(specs)


def _assistant_message(turn: AssistantTurn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": joined(turn.texts)}
    if turn.calls:
        # An object, not a JSON string: a string gets a 400 (Xoshbin/asyar#513).
        message["tool_calls"] = [
            {"function": {"name": call.name, "arguments": call.arguments}}
            for call in turn.calls
        ]
    return message


def _user_messages(turn: UserTurn) -> Iterator[dict[str, Any]]:
    for result in turn.results:
        yield {
            "role": "tool",
            "tool_name": result.call.name,
            "content": result.marked_content,
        }
    if turn.content:
        texts = [part for part in turn.content if isinstance(part, Text)]
        images = [part.data for part in turn.content if isinstance(part, Image)]
        message: dict[str, Any] = {"role": "user", "content": joined(texts)}
        if images:
            message["images"] = images
        yield message
