"""The tools of one turn: finding the one a model calls, and running it."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from abstractllm.errors import AbstractLLMError, InvalidParameter
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.tools.definition import Tool, ToolDefinition, tool_definition
from abstractllm.tools.names import named
from abstractllm.tools.proposal import Proposal


class Toolbox:
    """Tools by name; a later one takes the place of an earlier one of its name.

    A model may call a tool by its own name, or by the one it is declared under.
    """

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools = {tool.name: tool for tool in map(tool_definition, tools)}
        declared = {name: spec.name for name, spec in named(self._tools.values())}
        self._names = {**declared, **{name: name for name in self._tools}}

    def __iter__(self) -> Iterator[ToolDefinition]:
        return iter(self._tools.values())

    def find(self, call: ToolCall) -> ToolDefinition | None:
        """Return the tool that is called, if it is here."""
        return self._tools.get(self._names.get(call.name, ""))

    async def call(self, call: ToolCall) -> ToolResult | Proposal:
        """Run the called tool; one that acts only proposes to.

        Whatever goes wrong is a result the model can read.
        """
        tool = self.find(call)
        if tool is None or tool.function is None:
            names = ", ".join(t.name for t in self if t.function) or "none"
            return failure(
                call, f"There is no tool {call.name!r} here. Tools: {names}."
            )
        if call.raw is not None:
            return failure(call, "The arguments are no JSON object. Call it again.")
        return await _outcome(call, lambda: _run(tool, call))

    async def perform(
        self, call: ToolCall, perform: Callable[[], Awaitable[str]]
    ) -> ToolResult:
        """Do what the called tool proposed; what goes wrong is a result, too."""
        outcome = await _outcome(call, perform)
        assert isinstance(outcome, ToolResult), "what was approved proposes nothing"
        return outcome


def failure(call: ToolCall, message: str) -> ToolResult:
    """Return the result of a call that came to nothing."""
    return ToolResult(call_id=call.id, content=message, is_error=True)


async def _outcome(
    call: ToolCall, run: Callable[[], Awaitable[str | Proposal]]
) -> ToolResult | Proposal:
    try:
        came_to = await run()
    except InvalidParameter as error:
        return failure(call, f"Wrong arguments. {error}")
    except AbstractLLMError as error:
        return failure(call, str(error))
    except Exception as error:  # a tool is anybody's code
        return failure(call, f"{type(error).__name__}: {error}")
    if isinstance(came_to, Proposal):
        return came_to
    return ToolResult(call_id=call.id, content=came_to)


async def _run(tool: ToolDefinition, call: ToolCall) -> str | Proposal:
    bound = tool.bind(call.arguments)
    if inspect.iscoroutinefunction(tool.function):
        return _as_outcome(await bound())
    result = await asyncio.to_thread(bound)
    return _as_outcome(await result if inspect.isawaitable(result) else result)


def _as_outcome(result: Any) -> str | Proposal:
    if isinstance(result, str | Proposal):
        return result
    return json.dumps(result, default=str, ensure_ascii=False)
