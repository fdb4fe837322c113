"""The rules that hold on every wire, shown on Anthropic's, the strictest."""

from typing import Any

import pytest

from abstractllm.errors import UnknownProvider
from abstractllm.messages import Image, Message, MessageStatus, ToolResult
from abstractllm.projection import Projected, wire_of
from tests.wire.histories import (
    ANTHROPIC,
    PNG,
    assistant,
    call,
    result,
    system,
    tool,
    user,
)

INTERRUPTED = "The call was interrupted. Whether it had an effect is not known."
LOST_RESULT = ("A tool result without its call was left out.",)


def project(*history: Message, system_prompt: str | None = None) -> Projected:
    wire = wire_of("anthropic")
    return wire.project(history, target=ANTHROPIC, system_prompt=system_prompt)


def turns(*history: Message) -> list[tuple[str, list[Any]]]:
    """Return the projection, each block by what tells it from others."""
    return [
        (message["role"], [brief(block) for block in message["content"]])
        for message in project(*history).messages
    ]


def brief(block: dict[str, Any]) -> Any:
    match block:
        case {"type": "text", "text": text}:
            return text
        case {"type": "tool_use", "input": {"path": path}}:
            return ("call", path)
        case {"type": "tool_result", "content": content, "is_error": is_error}:
            return ("error" if is_error else "result", content)
        case _:
            return block["type"]


def test_a_plain_conversation_stays_as_it_is() -> None:
    history = [user("hi"), assistant("Hello."), user("Who are you?")]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["Hello."]),
        ("user", ["Who are you?"]),
    ]


def test_adjacent_user_messages_become_one_turn() -> None:
    assert turns(user("hi"), user("there")) == [("user", ["hi", "there"])]


def test_a_history_that_starts_with_the_assistant_gets_a_user_turn_first() -> None:
    assert turns(assistant("Welcome."), user("hi")) == [
        ("user", ["Continue."]),
        ("assistant", ["Welcome."]),
        ("user", ["hi"]),
    ]


def test_a_history_that_ends_with_the_assistant_is_continued() -> None:
    assert turns(user("hi"), assistant("Hello.")) == [
        ("user", ["hi"]),
        ("assistant", ["Hello."]),
        ("user", ["Continue."]),
    ]


def test_adjacent_replies_are_parted_by_the_continue_that_was_sent_between() -> None:
    assert turns(user("hi"), assistant("One."), assistant("Two."), user("ok")) == [
        ("user", ["hi"]),
        ("assistant", ["One."]),
        ("user", ["Continue."]),
        ("assistant", ["Two."]),
        ("user", ["ok"]),
    ]


def test_an_empty_history_can_still_be_sent() -> None:
    assert turns() == [("user", ["Continue."])]


def test_blank_texts_are_left_out() -> None:
    history = [user(" \n", "hi"), assistant("\n", call("a")), tool(result("a"), "\t")]

    assert turns(*history) == [
        ("user", [" \nhi"]),
        ("assistant", [("call", "a.py")]),
        ("user", [("result", "found")]),
    ]


def test_a_blank_reply_keeps_its_place() -> None:
    history = [user("hi"), assistant(" "), user("again")]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["(no reply)"]),
        ("user", ["again"]),
    ]


@pytest.mark.parametrize("status", [MessageStatus.INTERRUPTED, MessageStatus.ERROR])
def test_a_cut_reply_keeps_its_partial_text(status: MessageStatus) -> None:
    history = [user("hi"), assistant("Hel", status=status), user("go on")]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["Hel"]),
        ("user", ["go on"]),
    ]


def test_text_goes_before_calls() -> None:
    history = [user("hi"), assistant("Let ", call("a"), "me."), tool(result("a"))]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["Let me.", ("call", "a.py")]),
        ("user", [("result", "found")]),
    ]


def test_results_go_right_after_their_calls_and_before_the_users_words() -> None:
    history = [
        user("hi"),
        assistant(call("a"), call("b")),
        user("well?"),
        tool(result("b", "2")),
        tool(result("a", "1")),
    ]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", [("call", "a.py"), ("call", "b.py")]),
        ("user", [("result", "1"), ("result", "2"), "well?"]),
    ]


def test_a_result_may_stand_in_the_message_of_its_call() -> None:
    history = [user("hi"), assistant(call("a"), result("a"), "Done."), user("ok")]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["Done.", ("call", "a.py")]),
        ("user", [("result", "found"), "ok"]),
    ]


def test_a_call_without_a_result_was_interrupted() -> None:
    history = [
        user("hi"),
        assistant(call("a"), call("b")),
        tool(result("b")),
        user("?"),
    ]

    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", [("call", "a.py"), ("call", "b.py")]),
        ("user", [("error", INTERRUPTED), ("result", "found"), "?"]),
    ]


def test_a_result_without_a_call_is_left_out_and_the_user_is_told() -> None:
    history = [user("hi"), tool(result("a")), assistant("Hello."), user("ok")]

    assert project(*history).notices == LOST_RESULT
    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", ["Hello."]),
        ("user", ["ok"]),
    ]


def test_a_result_that_comes_after_the_next_reply_is_too_late() -> None:
    history = [user("hi"), assistant(call("a")), assistant("Hm."), tool(result("a"))]

    assert project(*history).notices == LOST_RESULT
    assert turns(*history) == [
        ("user", ["hi"]),
        ("assistant", [("call", "a.py")]),
        ("user", [("error", INTERRUPTED)]),
        ("assistant", ["Hm."]),
        ("user", ["Continue."]),
    ]


def test_a_call_takes_one_result_and_no_second() -> None:
    history = [
        user("hi"),
        assistant(call("a")),
        tool(result("a", "1"), result("a", "2")),
    ]

    assert project(*history).notices == LOST_RESULT
    assert turns(*history)[-1] == ("user", [("result", "1")])


@pytest.mark.parametrize("id", ["", "tool:0"])
def test_calls_with_the_same_id_are_paired_in_order(id: str) -> None:
    history = [
        user("hi"),
        assistant(call(id), call(id)),
        tool(result(id, "1"), result(id, "2")),
        assistant(call(id)),
        tool(result(id, "3")),
    ]

    answers = [blocks for role, blocks in turns(*history) if role == "user"]
    assert answers == [
        ["hi"],
        [("result", "1"), ("result", "2")],
        [("result", "3")],
    ]
    assert project(*history).notices == ()


def test_a_blank_result_says_so() -> None:
    silent = ToolResult(call_id="a", content=" ", is_error=True)

    assert turns(user("hi"), assistant(call("a")), tool(silent))[-1] == (
        "user",
        [("error", "(no output)")],
    )


def test_system_messages_that_open_a_history_join_the_system_prompt() -> None:
    projected = project(
        system("Be brief."), system(" "), user("hi"), system_prompt="Be kind."
    )

    assert projected.system == "Be kind.\n\nBe brief."
    assert len(projected.messages) == 1


def test_a_later_system_message_stays_in_place_as_tagged_text() -> None:
    history = [user("hi"), assistant(call("a")), system("Hurry."), tool(result("a"))]

    assert project(*history).system is None
    assert turns(*history)[-1] == (
        "user",
        [("result", "found"), "<system>\nHurry.\n</system>"],
    )


def test_an_image_from_a_tool_follows_its_result() -> None:
    history = [user("hi"), assistant(call("a")), tool(result("a"), Image(data=PNG))]

    assert turns(*history)[-1] == (
        "user",
        [("result", "found"), "Returned by the tool beside its result:", "image"],
    )


def test_an_image_that_no_vendor_takes_is_left_out_and_the_user_is_told() -> None:
    history = [
        user(Image(data=PNG, media_type="image/bmp"), Image(data="?"), Image(data=""))
    ]

    assert turns(*history) == [("user", ["(an image was left out here)"] * 3)]
    assert project(*history).notices == (
        "An image was left out: it is no PNG, JPEG, GIF or WebP.",
    )


def test_an_image_from_the_assistant_is_left_out_and_the_user_is_told() -> None:
    history = [user("Draw."), assistant("Here:", Image(data=PNG)), user("Thanks.")]

    assert turns(*history)[1] == (
        "assistant",
        ["Here:", "(an image was left out here)"],
    )
    assert project(*history).notices == (
        "An image was left out: models take images from the user only.",
    )


def test_a_call_that_no_assistant_made_is_left_out_and_the_user_is_told() -> None:
    projected = project(user("hi", call("a")))

    assert projected.messages == project(user("hi")).messages
    assert projected.notices == ("A tool call that no assistant made was left out.",)


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(UnknownProvider, match="no provider 'openia'"):
        wire_of("openia")
