"""OpenAI's Chat Completions: what is sent, and what only this wire says."""

from typing import Any

import pytest

from abstractllm.events import Notice, StopReason, TextDelta
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.providers.connection import connect
from abstractllm.providers.openai import OpenAIProvider
from abstractllm.providers.openai_reply import CompletionReader
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.registry import create_llm
from tests.vendors import VendorServer
from tests.wire.asking import (
    EVERYTHING,
    READ,
    ask,
    assistant,
    request,
    tool,
    user,
)


async def test_every_parameter_is_sent_or_reported(vendors: VendorServer) -> None:
    llm = create_llm("openai", **vendors.config("openai", model="gpt-4.1"))

    events = await ask(llm, system_prompt="Be brief.", tools=[READ], **EVERYTHING)

    assert vendors.requests[-1].body == {
        "model": "gpt-4.1",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "read",
                    "description": "Read a file.",
                    "parameters": READ.parameters,
                },
            }
        ],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "stop": ["END"],
        "seed": 7,
        "frequency_penalty": 0.1,
        "presence_penalty": 0.2,
        "reasoning_effort": "low",
    }
    assert events[0] == Notice(
        "gpt-4.1 does not take top_k, thinking_budget, context_length: left out of the "
        "request."
    )


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5.4-mini", "openai/gpt-6", "gpt-10"])
async def test_reasoning_models_get_no_sampling_parameters(
    vendors: VendorServer, model: str
) -> None:
    llm = create_llm("openai", **vendors.config("openai", model=model))

    events = await ask(llm, temperature=0.5, top_p=0.9, max_tokens=9)

    assert _parameters_sent(vendors) == {"max_tokens": 9}
    assert events[0] == Notice(
        f"{model} does not take temperature, top_p: left out of the request."
    )


@pytest.mark.parametrize(
    ("model", "asked", "sent", "told"),
    [
        ("gpt-5", "low", {"reasoning_effort": "low"}, False),
        ("gpt-5.4", "low", {}, True),
        ("gpt-5.4", None, {}, False),
        ("gpt-5.6", "low", {"reasoning_effort": "none"}, True),
        ("gpt-5.6", None, {"reasoning_effort": "none"}, False),
    ],
)
async def test_newer_models_do_not_reason_beside_tools(
    vendors: VendorServer,
    model: str,
    asked: str | None,
    sent: dict[str, Any],
    told: bool,
) -> None:
    llm = create_llm("openai", **vendors.config("openai", model=model))

    events = await ask(llm, tools=[READ], reasoning_effort=asked)

    body = _parameters_sent(vendors)
    del body["tools"]
    assert body == sent
    assert isinstance(events[0], Notice) is told


def test_openai_itself_wants_its_new_word_for_max_tokens() -> None:
    llm = OpenAIProvider({"api_key": "k", "model": "gpt-5", "max_tokens": 5})
    connection = connect(llm.vendor, llm.config)

    body, _ = llm._body(request(llm), Parameters(llm.config), connection)

    assert body["max_completion_tokens"] == 5
    assert "max_tokens" not in body


async def test_a_tool_call_and_its_result_are_sent_back(vendors: VendorServer) -> None:
    llm = create_llm("openai", **vendors.config("openai", model="m"))
    call = ToolCall(name="read", arguments={"path": "a"}, id="1")

    await ask(
        llm,
        user("Read a"),
        assistant(call),
        tool(ToolResult(call_id="1", content="text of a")),
    )

    messages = vendors.requests[-1].body["messages"]
    native_id = messages[1]["tool_calls"][0]["id"]
    assert messages[2] == {
        "role": "tool",
        "tool_call_id": native_id,
        "content": "text of a",
    }


def test_calls_that_share_an_index_are_told_apart_by_their_ids() -> None:
    events = _read(
        _fragment(0, "a", "one", "{}"),
        _fragment(0, "b", "two", '{"x"'),
        _fragment(0, None, None, ": 1}"),
        {"finish_reason": "stop", "delta": {}},
    )

    calls = [event for event in events if isinstance(event, ToolCall)]
    assert [(c.name, c.native_id, dict(c.arguments)) for c in calls] == [
        ("one", "a", {}),
        ("two", "b", {"x": 1}),
    ]


def test_calls_mean_tool_use_whatever_the_server_says() -> None:
    reader = CompletionReader()
    _read(_fragment(0, "a", "one", "{}"), {"finish_reason": "stop"}, reader=reader)

    assert reader.stop_reason is StopReason.TOOL_USE


def test_a_refusal_in_a_field_of_its_own_is_text_and_a_refusal() -> None:
    reader = CompletionReader()
    events = _read(
        {"delta": {"refusal": "I cannot."}}, {"finish_reason": "stop"}, reader=reader
    )

    assert events == [TextDelta("I cannot.")]
    assert reader.stop_reason is StopReason.REFUSAL


def _parameters_sent(vendors: VendorServer) -> dict[str, Any]:
    always = {"model", "messages", "stream", "stream_options"}
    body = vendors.requests[-1].body
    return {name: value for name, value in body.items() if name not in always}


def _fragment(
    index: int, id: str | None, name: str | None, arguments: str
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"delta": {"tool_calls": [{"index": index, "id": id, "function": function}]}}


def _read(
    *choices: dict[str, Any], reader: CompletionReader | None = None
) -> list[Any]:
    from openai.types.chat import ChatCompletionChunk

    reader = reader or CompletionReader()
    events: list[Any] = []
    for choice in choices:
        whole = {"index": 0, "delta": {}, "finish_reason": None, **choice}
        chunk = ChatCompletionChunk.construct(choices=[whole], usage=None)
        events += reader.read(chunk)
    return events
