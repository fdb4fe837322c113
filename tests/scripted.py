"""A provider that plays what a test wrote, and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from abstractllm.events import (
    ProviderEvent,
    ReplyEnded,
    StopReason,
    TextDelta,
    UsageReported,
)
from abstractllm.interface import AbstractLLMInterface, ModelInfo, Request
from abstractllm.messages import ToolCall, ToolResult, Usage
from abstractllm.tools.toolbox import Toolbox

Step = ProviderEvent | Exception | asyncio.Event


class ScriptedProvider(AbstractLLMInterface):
    """Plays one script a request, the last one again and again.

    A script's exceptions are raised, and its `asyncio.Event`s waited for.
    """

    name = "scripted"
    default_model = "scripted-1"

    def __init__(self, *scripts: Sequence[Step], **config: Any) -> None:
        super().__init__(config)
        self.requests: list[Request] = []
        self.closed = 0
        self._scripts = list(scripts) or [says("Hello!")]

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        self.requests.append(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        try:
            for step in script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.closed += 1

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo(id=self.default_model)]


def says(*texts: str) -> list[Step]:
    """Return a script that says `texts` and ends; it costs 3 tokens in, 2 out."""
    return [
        *map(TextDelta, texts),
        UsageReported(Usage(input_tokens=3, output_tokens=2)),
        ReplyEnded(StopReason.END_TURN),
    ]


def calls(name: str, arguments: Mapping[str, Any] | None = None) -> list[Step]:
    """Return a script that calls a tool."""
    return [
        ToolCall(name=name, arguments=dict(arguments or {}), id=f"call-{name}"),
        ReplyEnded(StopReason.TOOL_USE),
    ]


async def result_of(toolbox: Toolbox, call: ToolCall) -> ToolResult:
    """Return what a call of a tool that does not act comes to."""
    result = await toolbox.call(call)
    assert isinstance(result, ToolResult)
    return result
