"""The tools of one turn: finding the one a model calls, and running it."""

import asyncio
import inspect
import json
from collections.abc import Iterable, Iterator
from typing import Any

from abstractllm.errors import AbstractLLMError, InvalidParameter
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.tools.definition import Tool, ToolDefinition, tool_definition
from abstractllm.tools.names import named


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

    async def call(self, call: ToolCall) -> ToolResult:
        """Run the called tool. Whatever goes wrong is a result the model can read."""
        tool = self._tools.get(self._names.get(call.name, ""))
        if tool is None or tool.function is None:
            names = ", ".join(t.name for t in self if t.function) or "none"
            return _failure(
                call, f"There is no tool {call.name!r} here. Tools: {names}."
            )
        if call.raw is not None:
            return _failure(call, "The arguments are no JSON object. Call it again.")
        try:
            return ToolResult(call_id=call.id, content=await _run(tool, call))
        except InvalidParameter as error:
            return _failure(call, f"Wrong arguments. {error}")
        except AbstractLLMError as error:
            return _failure(call, str(error))
        except Exception as error:  # a tool is anybody's code
            return _failure(call, f"{type(error).__name__}: {error}")


async def _run(tool: ToolDefinition, call: ToolCall) -> str:
    bound = tool.bind(call.arguments)
    if inspect.iscoroutinefunction(tool.function):
        return _as_text(await bound())
    result = await asyncio.to_thread(bound)
    return _as_text(await result if inspect.isawaitable(result) else result)


def _as_text(result: Any) -> str:
    if isinstance(result, str):
        return result
    return json.dumps(result, default=str, ensure_ascii=False)


def _failure(call: ToolCall, message: str) -> ToolResult:
    return ToolResult(call_id=call.id, content=message, is_error=True)
