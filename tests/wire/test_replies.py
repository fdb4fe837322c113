"""What a reply says, on every wire alike."""

import pytest

from abstractllm.events import (
    ReplyEnded,
    StopReason,
    TextDelta,
    ThinkingDelta,
    UsageReported,
)
from abstractllm.interface import ModelInfo
from abstractllm.messages import Text, Thinking, ToolCall, Usage
from abstractllm.providers.registry import create_llm
from tests.vendors import Call, Counts, Model, Reply, VendorServer
from tests.wire.asking import PROVIDERS, ask, assistant, user

EVERY = pytest.mark.parametrize("provider", PROVIDERS)
WITH_FRAGMENTS = pytest.mark.parametrize(
    "provider", ["openai", "anthropic", "huggingface"]
)

READ = ToolCall(name="read", arguments={"path": "é.txt"}, native_id="call_1", id="")
LIST = ToolCall(name="list", native_id="call_2", id="")


@EVERY
async def test_text_arrives_as_it_comes_and_the_reply_ends_once(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Reply(text=["Hel", "lo é 🎈"], usage=Counts(input=12, output=3)))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    events = await ask(llm)

    texts = [event for event in events if isinstance(event, TextDelta)]
    assert texts == [TextDelta("Hel"), TextDelta("lo é 🎈")]
    assert events[-2:] == [
        UsageReported(Usage(input_tokens=12, output_tokens=3)),
        ReplyEnded(StopReason.END_TURN),
    ]


@EVERY
async def test_thinking_comes_before_the_text_and_is_closed_by_a_part(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Reply(thinking=["Let ", "me see."], signature="seal", text=["42"]))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    events = await ask(llm)

    signature = "seal" if provider == "anthropic" else None
    assert [event for event in events if not isinstance(event, UsageReported)] == [
        ThinkingDelta("Let "),
        ThinkingDelta("me see."),
        Thinking(text="Let me see.", signature=signature),
        TextDelta("42"),
        ReplyEnded(StopReason.END_TURN),
    ]


@EVERY
async def test_tool_calls_arrive_whole_after_the_text(
    vendors: VendorServer, provider: str
) -> None:
    calls = [
        Call(name="read", arguments=['{"pa', 'th": "é', '.txt"}'], id="call_1"),
        Call(name="list", id="call_2"),
    ]
    vendors.will(Reply(text=["I look."], tool_calls=calls))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    events = await ask(llm)

    assert [event for event in events if not isinstance(event, UsageReported)] == [
        TextDelta("I look."),
        READ,
        LIST,
        ReplyEnded(StopReason.TOOL_USE),
    ]


@WITH_FRAGMENTS
@pytest.mark.parametrize("raw", ['{"path": "a', "[1]", "null", "[" * 100_000])
async def test_arguments_that_are_no_json_object_are_kept_as_they_came(
    vendors: VendorServer, provider: str, raw: str
) -> None:
    vendors.will(Reply(tool_calls=[Call(name="read", arguments=[raw])]))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    events = await ask(llm)

    assert ToolCall(name="read", raw=raw, native_id="call_1", id="") in events


@EVERY
@pytest.mark.parametrize(
    ("stop", "expected"),
    [("end", StopReason.END_TURN), ("length", StopReason.MAX_TOKENS)],
)
async def test_a_reply_tells_why_it_stopped(
    vendors: VendorServer, provider: str, stop: str, expected: StopReason
) -> None:
    vendors.will(Reply(text=["Hi"], stop=stop))  # type: ignore[arg-type]
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    assert (await ask(llm))[-1] == ReplyEnded(expected)


@WITH_FRAGMENTS
async def test_a_refusal_is_told_from_an_answer(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Reply(text=["No."], stop="refusal"))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    assert (await ask(llm))[-1] == ReplyEnded(StopReason.REFUSAL)


@WITH_FRAGMENTS
async def test_cached_tokens_are_part_of_the_input(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Reply(text=["Hi"], usage=Counts(input=100, output=2, cached=80)))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    usage = Usage(input_tokens=100, output_tokens=2, cached_tokens=80)
    assert UsageReported(usage) in await ask(llm)


@EVERY
async def test_the_whole_history_is_sent(vendors: VendorServer, provider: str) -> None:
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    await ask(llm, user("One?"), assistant(Text("Two.")), user("Three?"))

    sent = str(vendors.requests[-1].body["messages"])
    positions = [sent.index(word) for word in ("One?", "Two.", "Three?")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
async def test_models_are_listed_with_their_context_windows(
    vendors: VendorServer, provider: str
) -> None:
    vendors.models = [
        Model(id="large", context_window=200_000),
        Model(id="small", context_window=8192),
    ]
    llm = create_llm(provider, **vendors.config(provider))

    named = provider == "anthropic"
    assert await llm.models() == [
        ModelInfo(id="large", name="Large" if named else None, context_window=200_000),
        ModelInfo(id="small", name="Small" if named else None, context_window=8192),
    ]
