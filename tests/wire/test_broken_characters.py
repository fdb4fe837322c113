"""Half an emoji anywhere in a session: every request that leaves is valid UTF-8."""

from typing import Any

import pytest

from abstractllm import MessageRole, Session, create_llm
from abstractllm.errors import InvalidParameter
from abstractllm.events import Notice
from abstractllm.messages import Resource, Text, ToolCall, ToolResult
from tests.vendors import Call, Reply, VendorServer
from tests.wire.asking import PROVIDERS, ask

EVERY = pytest.mark.parametrize("provider", PROVIDERS)

HALF = "\ud83d"
TOLD = Notice("Half a character, such as a cut emoji, was sent as \ufffd.")


def session_of(provider: str, vendors: VendorServer, **more: Any) -> Session:
    llm = create_llm(provider, **vendors.config(provider, model="m"))
    return Session(provider=llm, **more)


@EVERY
@pytest.mark.parametrize("streaming", [False, True])
def test_a_prompt_with_half_an_emoji_is_answered_and_so_is_the_next(
    vendors: VendorServer, provider: str, streaming: bool
) -> None:
    session = session_of(provider, vendors)

    answers = []
    for prompt in (f"cut {HALF}", "next"):
        answer = session.generate(prompt, stream=streaming)  # type: ignore[call-overload]
        answers.append("".join(answer))

    assert answers == ["You said: cut \ufffd", "You said: next"]
    assert session.get_history()[0].content == f"cut {HALF}"


@EVERY
async def test_it_is_told_once_and_the_halves_of_one_emoji_are_joined(
    vendors: VendorServer, provider: str
) -> None:
    session = session_of(provider, vendors)

    told = []
    for prompt in (f"cut {HALF}", "whole \ud83d\ude00"):
        told.append([e async for e in session.stream(prompt) if isinstance(e, Notice)])

    assert told == [[TOLD], []]
    assert "whole \U0001f600" in str(vendors.requests[-1].body)


@EVERY
def test_a_tool_may_be_called_with_and_answer_with_half_an_emoji(
    vendors: VendorServer, provider: str
) -> None:
    def cut(text: str) -> str:
        """Cut a text."""
        return HALF + text

    session = session_of(provider, vendors, tools=[cut])
    vendors.will(
        Reply(tool_calls=[Call(name="cut", arguments=['{"text": "\\ud83d"}'])]),
        Reply(text=["Done."]),
    )

    assert session.generate("Go") == "Done."
    assert session.generate("Again") == "You said: Again"


@EVERY
def test_whatever_a_stored_history_holds_the_session_goes_on(
    vendors: VendorServer, provider: str
) -> None:
    session = session_of(provider, vendors, system_prompt=HALF)
    call = ToolCall(name=HALF, arguments={HALF: HALF}, id=HALF, native_id=HALF)
    session.add_message(MessageRole.USER, [Resource(uri=HALF, text=HALF), Text("x")])
    session.add_message(MessageRole.ASSISTANT, [call])
    session.add_message(MessageRole.TOOL, [ToolResult(call_id=HALF, content=HALF)])

    assert session.generate("Hi") == "You said: Hi"


@EVERY
@pytest.mark.parametrize("wrong", [{"stop": HALF}, {"model": HALF}])
async def test_a_parameter_with_half_an_emoji_is_told_before_anything_is_sent(
    vendors: VendorServer, provider: str, wrong: dict[str, Any]
) -> None:
    llm = create_llm(provider, **{**vendors.config(provider, model="m"), **wrong})

    with pytest.raises(InvalidParameter):
        await ask(llm)

    assert vendors.requests == []
