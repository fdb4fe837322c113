"""What each vendor's SDK takes: its own request types, read to the end."""

from collections.abc import Iterable
from typing import Any

import ollama
from anthropic.types import MessageParam
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

from abstractllm.projection import Projected, Target

_OPENAI: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionMessageParam])
_ANTHROPIC: TypeAdapter[Any] = TypeAdapter(list[MessageParam])


def accept_by_sdk(projected: Projected, target: Target) -> None:
    """Return if the target's SDK takes the messages; raise `ValidationError` if not."""
    match target.provider:
        case "ollama":
            for message in projected.messages:
                ollama.Message.model_validate(with_images(message))
        case "anthropic":
            read_all(_ANTHROPIC.validate_python(projected.messages))
        case _:
            read_all(_OPENAI.validate_python(projected.messages))


def with_images(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as ollama's `Client.chat` gives it to `ollama.Message`."""
    images = [ollama.Image(value=image) for image in message.get("images", [])]
    return {**message, "images": images}


def read_all(value: Any) -> None:
    """Go through a validated value: pydantic checks an `Iterable` as it is read."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            read_all(item)
