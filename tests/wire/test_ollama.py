"""Ollama's chat API: what is sent, and what only this wire says."""

from typing import Any

import pytest

from abstractllm.enums import MessageRole
from abstractllm.events import Notice
from abstractllm.interface import ToolSpec
from abstractllm.messages import Image, Message, Text, ToolCall, ToolResult
from abstractllm.providers.registry import create_llm
from tests.vendors import VendorServer
from tests.wire.asking import EVERYTHING, ask, assistant, tool, user

NESTED = ToolSpec(
    name="edit",
    parameters={
        "type": "object",
        "$defs": {
            "Edit": {"type": "object", "properties": {"at": {"type": "integer"}}}
        },
        "properties": {
            "edits": {"type": "array", "items": {"$ref": "#/$defs/Edit"}},
            "where": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["edits"],
        "additionalProperties": False,
    },
)


async def test_every_parameter_is_sent_or_reported(vendors: VendorServer) -> None:
    llm = create_llm("ollama", **vendors.config("ollama", model="llama3.2"))

    events = await ask(
        llm, system_prompt="Be brief.", tools=[NESTED], max_retries=3, **EVERYTHING
    )

    assert vendors.requests[-1].path == "/api/chat"
    assert vendors.requests[-1].body == {
        "model": "llama3.2",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
        ],
        "stream": True,
        "truncate": False,
        "shift": False,
        "think": "low",
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "edit",
                    "description": "",
                    "parameters": NESTED.parameters,
                },
            }
        ],
        "options": {
            "temperature": 0.5,
            "top_p": 0.9,
            "top_k": 40,
            "num_predict": 100,
            "stop": ["END"],
            "seed": 7,
            "frequency_penalty": 0.1,
            "presence_penalty": 0.2,
            "num_ctx": 4096,
        },
    }
    assert events[:2] == [
        Notice("llama3.2 does not take thinking_budget: left out of the request."),
        Notice("Ollama's client never retries: max_retries unused."),
    ]


@pytest.mark.parametrize(
    ("effort", "think"), [("none", False), ("high", "high"), ("xhigh", "high")]
)
async def test_reasoning_effort_is_said_in_ollamas_words(
    vendors: VendorServer, effort: str, think: bool | str
) -> None:
    llm = create_llm("ollama", **vendors.config("ollama", model="m"))

    await ask(llm, reasoning_effort=effort)

    assert vendors.requests[-1].body["think"] == think


@pytest.mark.parametrize(
    ("message", "more", "expected"),
    [
        (user("Hi"), {}, 8192),
        (user("a" * 3 * 9_000), {}, 16_384),
        (user("字" * 9_000), {}, 16_384),
        (user("Hi"), {"max_tokens": 30_000}, 32_768),
        (user("a" * 3 * 40_000), {}, 65_536),
    ],
)
async def test_the_context_holds_all_that_is_sent_and_the_answer(
    vendors: VendorServer, message: Message, more: dict[str, Any], expected: int
) -> None:
    llm = create_llm("ollama", **vendors.config("ollama", model="m"))

    await ask(llm, message, **more)

    assert vendors.requests[-1].body["options"]["num_ctx"] == expected


async def test_a_picture_counts_as_a_picture_not_as_its_letters(
    vendors: VendorServer,
) -> None:
    llm = create_llm("ollama", **vendors.config("ollama", model="m"))
    picture = Image(data="iVBORw0KGgo" * 20_000)
    prompt = Message(role=MessageRole.USER, parts=(Text("What is it?"), picture))

    await ask(llm, prompt)

    body = vendors.requests[-1].body
    assert body["messages"][0]["images"] == [picture.data]
    assert body["options"]["num_ctx"] == 8192


async def test_a_call_goes_back_as_an_object_and_its_result_by_name(
    vendors: VendorServer,
) -> None:
    llm = create_llm("ollama", **vendors.config("ollama", model="m"))
    call = ToolCall(name="read", arguments={"path": "a"}, id="1")
    result = ToolResult(call_id="1", content="text of a")

    await ask(llm, user("Read a"), assistant(call), tool(result))

    assert vendors.requests[-1].body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": {"name": "read", "arguments": {"path": "a"}}}],
        },
        {"role": "tool", "tool_name": "read", "content": "text of a"},
    ]


async def test_a_host_may_come_without_a_scheme_and_with_v1(
    vendors: VendorServer,
) -> None:
    host = vendors.url.removeprefix("http://")
    llm = create_llm("ollama", model="m", base_url=f"{host}/v1")

    await ask(llm)

    assert vendors.requests[-1].path == "/api/chat"
