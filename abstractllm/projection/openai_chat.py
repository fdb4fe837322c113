"""OpenAI's Chat Completions, which Hugging Face and most local servers speak too.

The shapes are those of `openai.types.chat.ChatCompletionMessageParam`.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from abstractllm.interface import ToolSpec
from abstractllm.messages import Image, Message, Text
from abstractllm.projection.calls import plain_json
from abstractllm.projection.content import joined
from abstractllm.projection.history import repaired
from abstractllm.projection.target import Projected, Target
from abstractllm.projection.turns import AssistantTurn, Call, Result, UserTurn
from abstractllm.projection.wholeness import whole
from abstractllm.tools.names import named


def project(
    messages: Sequence[Message], *, target: Target, system_prompt: str | None = None
) -> Projected:
    """Return a history as chat messages; the system prompt is the first of them."""
    thinks_aloud = _takes_reasoning_back(target)
    history = repaired(
        messages,
        target=target,
        system_prompt=system_prompt,
        replays=lambda thinking: thinks_aloud and bool(thinking.text),
    )
    wire: list[dict[str, Any]] = []
    if history.system:
        wire.append({"role": "system", "content": history.system})
    for turn in history.turns:
        match turn:
            case AssistantTurn():
                wire.append(_assistant_message(turn, thinks_aloud=thinks_aloud))
            case UserTurn():
                wire.extend(_user_messages(turn, target))
    return Projected(messages=wire, notices=history.notices)


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return tools as the API's `tools` parameter."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": whole(spec.description),
                "parameters": plain_json(spec.parameters),
            },
        }
        for name, spec in named(specs)
    ]


def _takes_reasoning_back(target: Target) -> bool:
    """Return whether a model wants back what it thought before it called tools.

    DeepSeek's do, and refuse the history otherwise; without calls they refuse it with
    (https://api-docs.deepseek.com/guides/thinking_mode; earendil-works/pi#3636).
    """
    return "deepseek" in target.model.lower()


def _assistant_message(turn: AssistantTurn, *, thinks_aloud: bool) -> dict[str, Any]:
    # Mistral refuses a content key beside calls without text
    # (vybestack/llxprt-code#761).
    message: dict[str, Any] = {"role": "assistant"}
    if turn.texts:
        message["content"] = joined(turn.texts)
    if turn.calls:
        message["tool_calls"] = [_tool_call(call) for call in turn.calls]
        if thinks_aloud:
            message["reasoning_content"] = turn.thinking
    return message


def _tool_call(call: Call) -> dict[str, Any]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _user_messages(turn: UserTurn, target: Target) -> Iterator[dict[str, Any]]:
    for result in turn.results:
        yield _tool_message(result, target)
    if turn.content:
        yield {"role": "user", "content": _content(turn.content)}


def _tool_message(result: Result, target: Target) -> dict[str, Any]:
    message = {
        "role": "tool",
        "tool_call_id": result.call.id,
        "content": result.marked_content,
    }
    if target.provider == "huggingface":
        message["name"] = result.call.name  # which some models' templates want
    return message


def _content(parts: Sequence[Text | Image]) -> str | list[dict[str, Any]]:
    """Return a plain string wherever there is no image: some templates take no list."""
    texts = [part for part in parts if isinstance(part, Text)]
    if len(texts) == len(parts):
        return joined(texts)
    return [_content_part(part) for part in parts]


def _content_part(part: Text | Image) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    url = f"data:{part.media_type};base64,{part.data}"
    return {"type": "image_url", "image_url": {"url": url}}
