"""Anthropic's Messages API: what is sent, and what only this wire says."""

import itertools
from typing import Any

import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import ContextLengthExceeded, InvalidRequest, ProviderError
from abstractllm.events import Notice, UsageReported
from abstractllm.interface import ToolSpec
from abstractllm.messages import (
    Image,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)
from abstractllm.providers.registry import create_llm
from abstractllm.session import Session
from tests.vendors import Counts, Cut, Failure, Reply, VendorServer
from tests.wire.asking import (
    EVERYTHING,
    READ,
    ask,
    assistant,
    request,
    tool,
    user,
)

OLD = "claude-sonnet-4-6"


async def test_every_parameter_is_sent_or_reported(vendors: VendorServer) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model=OLD))
    parameters = {**EVERYTHING, "thinking_budget": None}

    events = await ask(llm, system_prompt="Be brief.", tools=[READ], **parameters)

    assert vendors.requests[-1].body == {
        "model": OLD,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
        "tools": [
            {
                "name": "read",
                "description": "Read a file.",
                "input_schema": READ.parameters,
            }
        ],
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "stop_sequences": ["END"],
        "output_config": {"effort": "low"},
    }
    assert events[0] == Notice(
        f"{OLD} does not take seed, frequency_penalty, presence_penalty, "
        "context_length: left out of the request."
    )


@pytest.mark.parametrize(
    "model", ["claude-sonnet-5", "claude-opus-4-7", "claude-fable-5-2"]
)
async def test_newer_models_get_no_sampling_parameters(
    vendors: VendorServer, model: str
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model=model))

    events = await ask(llm, temperature=0.5)

    assert _parameters_sent(vendors) == {"max_tokens": 8192}
    assert events[0] == Notice(
        f"{model} does not take temperature: left out of the request."
    )


@pytest.mark.parametrize(
    ("model", "budget", "sent", "told"),
    [
        (OLD, 0, {"max_tokens": 8192}, False),
        (
            OLD,
            2048,
            {
                "max_tokens": 8192 + 2048,
                "thinking": {"type": "enabled", "budget_tokens": 2048},
            },
            False,
        ),
        (
            "claude-sonnet-5",
            0,
            {"max_tokens": 8192, "thinking": {"type": "disabled"}},
            False,
        ),
        (
            "claude-sonnet-5",
            2048,
            {
                "max_tokens": 8192 + 2048,
                "thinking": {"type": "adaptive", "display": "summarized"},
            },
            True,
        ),
    ],
)
async def test_a_thinking_budget_is_given_as_the_model_takes_it(
    vendors: VendorServer, model: str, budget: int, sent: dict[str, Any], told: bool
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model=model))

    events = await ask(llm, thinking_budget=budget)

    assert _parameters_sent(vendors) == sent
    assert isinstance(events[0], Notice) is told


@pytest.mark.parametrize(
    ("budget", "most", "sent", "told"),
    [
        (100, None, (1024, 8192 + 1024), "1024 instead of 100"),
        (100, 4096, (1024, 4096), "1024 instead of 100"),
        (4096, 4096, (2048, 4096), "2048 instead of 4096"),
        (9000, 4000, (2000, 4000), "2000 instead of 9000"),
        (2048, 2000, (None, 2000), "leaves no room"),
        (2047, 2048, (2047, 2048), None),
    ],
)
async def test_a_thinking_budget_that_the_api_refuses_is_put_right_and_told(
    vendors: VendorServer,
    budget: int,
    most: int | None,
    sent: tuple[int | None, int],
    told: str | None,
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model=OLD))

    events = await ask(llm, thinking_budget=budget, max_tokens=most)

    body = vendors.requests[-1].body
    thinking = body.get("thinking", {}).get("budget_tokens")
    assert (thinking, body["max_tokens"]) == sent
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert [told in notice for notice in notices if told] == [True] * bool(told)


LONG = "All of this project's conventions. " * 200


async def test_what_the_next_request_begins_with_is_marked_for_the_cache(
    vendors: VendorServer,
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    history = [user("One"), assistant(Text("1")), user("Two"), assistant(Text("2"))]

    await ask(llm, *history, user("Three"), system_prompt=LONG, tools=[READ, READ])

    body, mark = vendors.requests[-1].body, {"type": "ephemeral"}
    assert body["system"] == [{"type": "text", "text": LONG, "cache_control": mark}]
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, mark]
    last_blocks = [message["content"][-1] for message in body["messages"]]
    marks = [block.get("cache_control") for block in last_blocks]
    assert marks == [None, None, mark, None, mark]


async def test_but_for_its_marks_each_request_begins_with_the_one_before(
    vendors: VendorServer,
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    session = Session(provider=llm, system_prompt=LONG, tools=[{"name": "look"}])

    for prompt in ("One", "Two", "Three", "Four"):
        vendors.will(Reply(text=[prompt.lower()], usage=Counts(input=9, cached=7)))
        await session.generate_async(prompt)

    bodies = [_without_marks(received.body) for received in vendors.requests]
    for earlier, later in itertools.pairwise(bodies):
        count = len(earlier["messages"])
        assert {**later, "messages": later["messages"][:count]} == earlier
    assert [m.usage for m in session.get_history()][1::2] == [
        Usage(input_tokens=9, output_tokens=5, cached_tokens=7)
    ] * 4


def _without_marks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    if isinstance(value, dict):
        return {k: _without_marks(v) for k, v in value.items() if k != "cache_control"}
    return value


@pytest.mark.parametrize(
    ("prompt", "error_class"),
    [
        ("word " * 150_000, ContextLengthExceeded),
        ("word " * 1_000, InvalidRequest),
    ],
)
async def test_a_refused_prompt_that_fills_the_window_is_too_long(
    vendors: VendorServer, prompt: str, error_class: type[ProviderError]
) -> None:
    vendors.will(Failure(status=400, type="invalid_request_error", message="No."))
    llm = create_llm("anthropic", **vendors.config("anthropic", model=OLD))

    with pytest.raises(ProviderError) as caught:
        await ask(llm, user(prompt))

    assert type(caught.value) is error_class


async def test_a_large_picture_does_not_make_a_prompt_too_long(
    vendors: VendorServer,
) -> None:
    vendors.will(Failure(status=400, type="invalid_request_error", message="No."))
    llm = create_llm("anthropic", **vendors.config("anthropic", model=OLD))
    picture = Image(data="iVBORw0KGgo" * 100_000)

    with pytest.raises(InvalidRequest):
        await ask(llm, Message(role=MessageRole.USER, parts=(picture,)))


async def test_tools_of_the_history_are_declared_but_not_offered(
    vendors: VendorServer,
) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    calls = [ToolCall(name=name, id=str(i)) for i, name in enumerate("aba")]
    results = tuple(ToolResult(call_id=call.id, content="ok") for call in calls)

    await ask(llm, user("Call them"), assistant(*calls), tool(*results))

    empty = {"type": "object", "properties": {}}
    assert _parameters_sent(vendors) == {
        "max_tokens": 8192,
        "tools": [
            {"name": "a", "description": "", "input_schema": empty},
            {"name": "b", "description": "", "input_schema": empty},
        ],
        "tool_choice": {"type": "none"},
    }


async def test_a_number_of_any_size_goes_back_as_it_was(vendors: VendorServer) -> None:
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    call = ToolCall(name="count", arguments={"to": 2**100}, id="1")
    result = ToolResult(call_id="1", content="-")

    await ask(llm, user("Hi"), assistant(call), tool(result))

    [block] = vendors.requests[-1].body["messages"][1]["content"]
    assert block["input"] == {"to": 2**100}


async def test_redacted_thinking_is_kept_for_the_model(vendors: VendorServer) -> None:
    vendors.will(Reply(redacted="opaque", text=["Hi"]))
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))

    assert Thinking(data={"redacted": "opaque"}) in await ask(llm)


async def test_sealed_thinking_goes_back_to_the_model_that_wrote_it(
    vendors: VendorServer,
) -> None:
    vendors.will(Reply(thinking=["Hm."], signature="seal", text=["Hi"]))
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    [thinking] = [event for event in await ask(llm) if isinstance(event, Thinking)]
    call = ToolCall(name="a", id="1")
    reply = Message(
        role=MessageRole.ASSISTANT,
        parts=(thinking, call),
        provider="anthropic",
        model="m",
    )
    result = ToolResult(call_id="1", content="ok")

    await ask(llm, user("Hi"), reply, tool(result), tools=[ToolSpec(name="a")])

    sent = vendors.requests[-1].body["messages"][1]["content"][0]
    assert sent == {"type": "thinking", "thinking": "Hm.", "signature": "seal"}


async def test_everything_that_was_read_counts_as_input(vendors: VendorServer) -> None:
    counts = Counts(input=100, cached=80, written=15, output=7)
    vendors.will(Reply(text=["Hi"], usage=counts))
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))

    reports = [event for event in await ask(llm) if isinstance(event, UsageReported)]

    assert reports == [
        UsageReported(Usage(input_tokens=100, output_tokens=1, cached_tokens=80)),
        UsageReported(Usage(input_tokens=100, output_tokens=7, cached_tokens=80)),
    ]


async def test_the_input_is_counted_before_the_first_word(
    vendors: VendorServer,
) -> None:
    counts = Counts(input=100, cached=80)
    vendors.will(Cut(after=0, reply=Reply(text=["Hi"], usage=counts)))
    llm = create_llm("anthropic", **vendors.config("anthropic", model="m"))
    events = llm.stream(request(llm))

    first = await anext(events)
    await events.aclose()

    assert first == UsageReported(
        Usage(input_tokens=100, output_tokens=1, cached_tokens=80)
    )


async def test_a_base_url_may_end_in_v1(vendors: VendorServer) -> None:
    config = vendors.config("anthropic", model="m", base_url=f"{vendors.url}/v1/")

    await ask(create_llm("anthropic", **config))

    assert vendors.requests[-1].path == "/v1/messages"


def _parameters_sent(vendors: VendorServer) -> dict[str, Any]:
    body = vendors.requests[-1].body
    always = {"model", "messages", "stream"}
    return {name: value for name, value in body.items() if name not in always}
