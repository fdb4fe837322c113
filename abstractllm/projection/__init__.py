"""Pure functions from a history to the messages of one wire.

A wire is a way of speaking that one or more providers share. A projection depends on
the history and its target alone, and never changes what is stored.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from abstractllm.errors import UnknownProvider
from abstractllm.interface import ToolSpec
from abstractllm.messages import Message
from abstractllm.projection import anthropic, ollama, openai_chat
from abstractllm.projection.target import Projected, Target

__all__ = ["Projected", "Target", "Wire", "wire_of"]


class Wire(Protocol):
    """How a history and tools are written for a provider."""

    def project(
        self,
        messages: Sequence[Message],
        *,
        target: Target,
        system_prompt: str | None = None,
    ) -> Projected:
        """Return a history as this wire's messages, whatever the history holds."""

    def tools(self, specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
        """Return tools as this wire declares them."""


_WIRES: Mapping[str, Wire] = {
    "openai": openai_chat,
    "huggingface": openai_chat,
    "anthropic": anthropic,
    "ollama": ollama,
}


def wire_of(provider: str) -> Wire:
    """Return the wire that a provider speaks; raise `UnknownProvider` for none."""
    try:
        return _WIRES[provider]
    except KeyError:
        names = ", ".join(sorted(_WIRES))
        raise UnknownProvider(
            f"There is no provider {provider!r}. Use one of: {names}."
        ) from None
