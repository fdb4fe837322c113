"""Tools: how a model sees them, and what a turn does with its calls."""

import asyncio
from typing import Any

import pytest

from abstractllm.errors import InvalidParameter
from abstractllm.events import StopReason, ToolStarted, TurnEnded
from abstractllm.messages import MessageStatus, ToolCall, ToolResult
from abstractllm.session import Session
from abstractllm.tools.definition import ToolDefinition, tool_definition
from abstractllm.tools.toolbox import Toolbox
from tests.scripted import ScriptedProvider, calls, result_of, says


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


async def call(tool: Any, **arguments: Any) -> tuple[str, bool]:
    """Call a tool the way a turn does; return what the model is told."""
    name = tool_definition(tool).name
    result = await result_of(Toolbox([tool]), ToolCall(name=name, arguments=arguments))
    return result.content, result.is_error


def test_a_function_becomes_a_tool_by_its_name_docstring_and_signature() -> None:
    tool = ToolDefinition.from_function(add)

    assert (tool.name, tool.description) == ("add", "Add two numbers.")
    assert tool.parameters == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "a": {"title": "A", "type": "integer"},
            "b": {"default": 2, "title": "B", "type": "integer"},
        },
        "required": ["a"],
    }


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "f", "description": "d", "parameters": {"type": "object"}},
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "d",
                "parameters": {"type": "object"},
            },
        },
    ],
)
def test_a_dictionary_becomes_a_tool(tool: dict[str, Any]) -> None:
    assert tool_definition(tool) == ToolDefinition(
        name="f", description="d", parameters={"type": "object"}
    )


async def test_a_tool_whose_name_no_vendor_takes_is_called_by_the_one_it_gets() -> None:
    tools = [
        ToolDefinition(name=name, function=lambda name=name: name)
        for name in ("my.tool", "my_tool", "my tool")
    ]
    box = Toolbox(tools)

    answers = [
        (await result_of(box, ToolCall(name=name))).content
        for name in ("my_tool_2", "my_tool", "my_tool_3", "my.tool")
    ]

    assert answers == ["my.tool", "my_tool", "my tool", "my.tool"]


@pytest.mark.parametrize("nonsense", [3, {"title": "f"}, {}])
def test_what_is_no_tool_is_refused(nonsense: Any) -> None:
    with pytest.raises(InvalidParameter):
        Session(tools=[nonsense])


async def test_arguments_are_checked_and_converted() -> None:
    assert await call(add, a=1) == ("3", False)
    assert await call(add, a="40") == ("42", False)
    assert await call(add, a="many") == (
        "Wrong arguments. a: Input should be a valid integer, unable to parse string "
        "as an integer",
        True,
    )
    assert await call(add, b=1, c=2) == (
        "Wrong arguments. a: Missing required argument; c: Unexpected keyword argument",
        True,
    )


async def test_asynchronous_functions_are_awaited() -> None:
    async def later(text: str) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"said": text}

    assert await call(later, text="hé") == ('{"said": "hé"}', False)


async def test_a_tool_that_fails_is_a_result_the_model_can_read() -> None:
    def broken() -> str:
        raise FileNotFoundError("no such file")

    assert await call(broken) == ("FileNotFoundError: no such file", True)


async def test_an_unknown_tool_and_broken_json_are_told_to_the_model() -> None:
    toolbox = Toolbox([add])

    unknown = await toolbox.call(ToolCall(name="subtract", id="1"))
    broken = await toolbox.call(ToolCall(name="add", raw='{"a": 1', id="2"))

    assert unknown == ToolResult(
        call_id="1",
        content="There is no tool 'subtract' here. Tools: add.",
        is_error=True,
    )
    assert broken == ToolResult(
        call_id="2",
        content="The arguments are no JSON object. Call it again.",
        is_error=True,
    )


async def test_a_synchronous_tool_does_not_block_the_loop() -> None:
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    release = asyncio.Event()

    def slow() -> str:
        loop.call_soon_threadsafe(entered.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return "done"

    running = asyncio.create_task(call(slow))
    await entered.wait()
    release.set()

    assert await running == ("done", False)


def test_a_turn_runs_the_tools_a_model_calls_and_tells_it_the_results() -> None:
    provider = ScriptedProvider(calls("add", {"a": 40}), says("It is 42."))
    session = Session(provider=provider, tools=[add])

    reply = session.generate_with_tools("40 + 2?")

    assert reply.content == "It is 42."
    assert [m.parts for m in provider.requests[1].messages[1:]] == [
        (ToolCall(name="add", arguments={"a": 40}, id="call-add"),),
        (ToolResult(call_id="call-add", content="42"),),
    ]
    assert [tool.name for tool in provider.requests[0].tools] == ["add"]


async def test_a_tool_is_announced_before_it_runs() -> None:
    order: list[str] = []

    def note() -> str:
        order.append("runs")
        return "ok"

    provider = ScriptedProvider(calls("note"), says("Done."))
    async for event in Session(provider=provider, tools=[note]).stream("Go"):
        if isinstance(event, ToolCall | ToolStarted | ToolResult):
            order.append(type(event).__name__)

    assert order == ["ToolCall", "ToolStarted", "runs", "ToolResult"]


def test_a_calls_tools_are_offered_beside_the_sessions() -> None:
    def other() -> str:
        return "x"

    provider = ScriptedProvider()
    Session(provider=provider, tools=[add]).generate("Hi", tools=[other])

    assert [tool.name for tool in provider.requests[0].tools] == ["add", "other"]


async def test_a_model_that_calls_for_ever_is_stopped_at_the_cap() -> None:
    provider = ScriptedProvider(calls("add", {"a": 1}))
    session = Session(provider=provider, tools=[add])

    *_, ended = [event async for event in session.stream("Go", max_tool_calls=3)]

    assert isinstance(ended, TurnEnded)
    assert ended.stop_reason is StopReason.MAX_TOOL_CALLS
    assert len(provider.requests) == 4


async def test_cancelling_during_a_tool_keeps_the_results_there_are() -> None:
    entered = asyncio.Event()

    async def stuck() -> str:
        entered.set()
        await asyncio.Event().wait()
        return "never"

    script = [*calls("add", {"a": 1})[:1], *calls("stuck")]
    session = Session(
        provider=ScriptedProvider(script, says("Hello!")), tools=[add, stuck]
    )
    turn = asyncio.create_task(session.generate_async("Go"))
    await entered.wait()
    turn.cancel()
    await asyncio.wait([turn])

    last = session.get_history()[-1]
    assert last.parts == (
        ToolResult(call_id="call-add", content="3"),
        ToolResult(
            call_id="call-stuck",
            content="The user stopped the turn before this was done.",
            is_error=True,
        ),
    )
    assert last.status is MessageStatus.INTERRUPTED
    assert await session.generate_async("Go on") == "Hello!"
