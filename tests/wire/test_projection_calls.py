"""Ids, names and arguments of tool calls, shown on OpenAI's wire."""

import json
import re
from typing import Any

import attrs
import pytest

from abstractllm.messages import Message, ToolCall
from abstractllm.projection import Target, wire_of
from tests.wire.histories import (
    ANTHROPIC,
    HUGGINGFACE,
    MISTRAL,
    OPENAI,
    assistant,
    call,
    result,
    tool,
    user,
)


def calls_and_answers(
    target: Target, *history: Message
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the calls on OpenAI's wire, and the ids that the results name."""
    messages = wire_of("openai").project(history, target=target).messages
    calls = [one for message in messages for one in message.get("tool_calls", [])]
    answers = [one["tool_call_id"] for one in messages if one["role"] == "tool"]
    return calls, answers


def ids(target: Target, *history: Message) -> list[str]:
    calls, answers = calls_and_answers(target, *history)
    assert [one["id"] for one in calls] == answers
    return answers


def exchange(by: Target | None, *native_ids: str) -> list[Message]:
    calls = [call(f"{n}", native_id=native) for n, native in enumerate(native_ids)]
    return [
        user("hi"),
        assistant(*calls, by=by),
        tool(*(result(one.id) for one in calls)),
    ]


def test_the_model_that_made_a_call_gets_its_own_id_back() -> None:
    assert ids(OPENAI, *exchange(OPENAI, "call_abc-1")) == ["call_abc-1"]


@pytest.mark.parametrize(
    "by",
    [
        None,
        attrs.evolve(OPENAI, model="gpt-4"),
        attrs.evolve(ANTHROPIC, model=OPENAI.model),
    ],
    ids=["nobody", "another model", "another provider"],
)
def test_any_other_model_gets_an_id_of_ours(by: Target | None) -> None:
    [id] = ids(OPENAI, *exchange(by, "call_abc-1"))

    assert re.fullmatch("call_[a-zA-Z0-9]{24}", id)


@pytest.mark.parametrize("native_id", ["", "fn.read:0", "x" * 41, "call_1\n"])
def test_a_native_id_that_some_wire_refuses_is_replaced(native_id: str) -> None:
    [id] = ids(OPENAI, *exchange(OPENAI, native_id))

    assert re.fullmatch("call_[a-zA-Z0-9]{24}", id)


def test_a_repeated_native_id_belongs_to_its_first_call() -> None:
    first, second = ids(OPENAI, *exchange(OPENAI, "same", "same"))

    assert first == "same"
    assert re.fullmatch("call_[a-zA-Z0-9]{24}", second)


def test_a_native_id_and_one_of_ours_are_never_the_same() -> None:
    later = [assistant(call("a")), tool(result("a"))]
    ours = ids(OPENAI, *exchange(None, "x"), *later)[1]

    native, replaced = ids(OPENAI, *exchange(OPENAI, ours), *later)

    assert native == ours
    assert re.fullmatch("call_[a-zA-Z0-9]{24}", replaced)
    assert replaced != ours


def test_calls_with_the_same_stored_id_get_different_ids() -> None:
    twice = [assistant(call("x"), call("x")), tool(result("x"), result("x"))]

    assert len(set(ids(OPENAI, user("hi"), *twice, *twice))) == 4


def test_mistrals_models_get_ids_of_nine_letters_and_digits() -> None:
    foreign, native = exchange(OPENAI, "call_1"), exchange(MISTRAL, "Abcdefgh1")

    assert re.fullmatch("[a-zA-Z0-9]{9}", ids(MISTRAL, *foreign)[0])
    assert ids(MISTRAL, *native) == ["Abcdefgh1"]


def test_a_name_that_no_tool_can_have_is_made_valid() -> None:
    names = ["functions.read file", "", "n" * 99, "read_file"]
    said = assistant(*(call("a", name) for name in names))

    calls, _ = calls_and_answers(HUGGINGFACE, user("hi"), said)

    assert [one["function"]["name"] for one in calls] == [
        "functions_read_file",
        "unnamed",
        "n" * 64,
        "read_file",
    ]


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        (
            ToolCall(name="f", arguments={"a": ["é", {"b": None}]}),
            {"a": ["é", {"b": None}]},
        ),
        (ToolCall(name="f", raw='{"a": '), {"INVALID_JSON": '{"a": '}),
        (
            ToolCall(name="f", arguments={"a": float("inf")}),
            {"INVALID_JSON": '{"a": Infinity}'},
        ),
    ],
    ids=["an object", "cut text", "no JSON number"],
)
def test_arguments_are_always_an_object(made: ToolCall, sent: dict[str, Any]) -> None:
    calls, _ = calls_and_answers(OPENAI, user("hi"), assistant(made))

    assert json.loads(calls[0]["function"]["arguments"]) == sent
