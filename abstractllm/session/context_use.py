"""How much of a model's context window a history fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from abstractllm.messages import (
    ContextUse,
    Image,
    Message,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from abstractllm.session.compacted import compaction_of

CHARACTERS_A_TOKEN = 4
"""In English, about; what is estimated is told as such."""

IMAGE_TOKENS = 1000
"""About what vendors count for a picture."""


def context_use(branch: Sequence[Message], window: int | None) -> ContextUse | None:
    """Return how much a request with these messages and their answer took.

    As the provider of the last answer counted it, and estimated where none did, or for
    what was added since.
    """
    added: list[Message] = []
    for message in reversed(branch):
        compaction = compaction_of(message)
        if compaction is not None:
            if compaction.undone:
                continue
            return ContextUse(
                used=compaction.tokens_after + estimated_tokens(added),
                window=window,
                estimated=True,
            )
        if message.usage is not None:
            used = message.usage.input_tokens + message.usage.output_tokens
            return _use(used, added, window)
        added.append(message)
    return _use(0, added, window) if added else None


def estimated_tokens(messages: Iterable[Message]) -> int:
    """Return about how many tokens messages are."""
    characters = images = 0
    for message in messages:
        for part in message.parts:
            match part:
                case Text(text) | Thinking(text=text) | Resource(text=text):
                    characters += len(text)
                case ToolResult(content=content):
                    characters += len(content)
                case ToolCall(name=name, arguments=arguments):
                    characters += len(name) + len(str(dict(arguments)))
                case Image():
                    images += 1
    return -(-characters // CHARACTERS_A_TOKEN) + images * IMAGE_TOKENS


def _use(counted: int, added: list[Message], window: int | None) -> ContextUse:
    return ContextUse(
        used=counted + estimated_tokens(added), window=window, estimated=bool(added)
    )
