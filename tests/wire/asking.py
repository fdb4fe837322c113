"""How the tests in this folder ask a provider something."""

from collections.abc import Sequence
from typing import Any

import attrs

from abstractllm.enums import MessageRole, ModelParameter
from abstractllm.events import ProviderEvent
from abstractllm.interface import AbstractLLMInterface, Request, ToolSpec, parameters
from abstractllm.messages import Message, Part, Text, ToolCall, ToolResult

READ = ToolSpec(
    name="read",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}},
)

EVERYTHING = {
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "max_tokens": 100,
    "stop": "END",
    "seed": 7,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "reasoning_effort": "low",
    "thinking_budget": 2048,
    "context_length": 4096,
}
"""Every parameter that may go into a request."""

PROVIDERS = ("openai", "anthropic", "ollama", "huggingface")


def user(text: str) -> Message:
    return Message(role=MessageRole.USER, parts=(Text(text),))


def assistant(*parts: Part) -> Message:
    return Message(role=MessageRole.ASSISTANT, parts=parts)


def tool(*results: ToolResult) -> Message:
    return Message(role=MessageRole.TOOL, parts=results)


def request(
    llm: AbstractLLMInterface,
    *messages: Message,
    system_prompt: str | None = None,
    tools: Sequence[ToolSpec] = (),
    **config: Any,
) -> Request:
    """Return a request with the provider's configuration, as a session makes it."""
    model = {ModelParameter.MODEL: llm.model}
    return Request(
        messages=messages or (user("Hi"),),
        system_prompt=system_prompt,
        tools=tuple(tools),
        config={**llm.config, **model, **parameters(config)},
    )


async def ask(
    llm: AbstractLLMInterface, *messages: Message, **more: Any
) -> list[ProviderEvent]:
    """Return all events of a reply; the ids of tool calls, which are new, as ""."""
    events = llm.stream(request(llm, *messages, **more))
    return [_without_id(event) async for event in events]


def _without_id(event: ProviderEvent) -> ProviderEvent:
    return attrs.evolve(event, id="") if isinstance(event, ToolCall) else event
