"""Sessions, over a provider that plays a script."""

import asyncio
from contextlib import aclosing

import pytest

from abstractllm.enums import MessageRole, ModelParameter
from abstractllm.errors import (
    InvalidParameter,
    NoProvider,
    RateLimitError,
    StreamInterrupted,
    TurnRunning,
    UnknownProvider,
)
from abstractllm.events import (
    MessageAdded,
    Notice,
    ReplyEnded,
    StopReason,
    TextDelta,
    ThinkingDelta,
    TurnEnded,
    UsageReported,
)
from abstractllm.messages import (
    ContextUse,
    Message,
    MessageStatus,
    Resource,
    Text,
    Thinking,
    Usage,
)
from abstractllm.session import Session
from tests.scripted import ScriptedProvider, Step, says


def said(session: Session) -> list[tuple[str, str, str]]:
    """Return the history as (role, text, status)."""
    return [(str(m.role), m.content, str(m.status)) for m in session.get_history()]


def test_a_reply_is_text_and_is_kept_after_its_prompt() -> None:
    session = Session(provider=ScriptedProvider(says("Hel", "lo!")))

    assert session.generate("Hi") == "Hello!"
    assert said(session) == [
        ("user", "Hi", "complete"),
        ("assistant", "Hello!", "complete"),
    ]


def test_a_reply_remembers_who_gave_it_and_what_it_cost() -> None:
    session = Session(provider=ScriptedProvider())

    reply = session.generate_with_tools("Hi")

    assert (reply.provider, reply.model, reply.usage) == (
        "scripted",
        "scripted-1",
        Usage(input_tokens=3, output_tokens=2),
    )
    assert reply == session.get_history()[-1]


def test_the_whole_history_reaches_the_provider_in_every_turn() -> None:
    provider = ScriptedProvider(says("one"), says("two"), says("three"))
    session = Session(system_prompt="Be brief.", provider=provider)

    for prompt in ("a", "b", "c"):
        session.generate(prompt)

    asked = [[m.content for m in request.messages] for request in provider.requests]
    assert asked == [
        ["a"],
        ["a", "one", "b"],
        ["a", "one", "b", "two", "c"],
    ]
    assert {request.system_prompt for request in provider.requests} == {"Be brief."}


def test_stream_yields_the_text_piece_by_piece() -> None:
    session = Session(provider=ScriptedProvider(says("Hel", "lo!")))

    assert list(session.generate("Hi", stream=True)) == ["Hel", "lo!"]
    assert session.generate_with_tools("again").content == "Hello!"


async def test_every_way_to_ask_has_an_asynchronous_form() -> None:
    session = Session(provider=ScriptedProvider(says("a", "b")))

    assert await session.generate_async("1") == "ab"
    assert (await session.generate_with_tools_async("2")).content == "ab"
    assert [text async for text in session.stream_text("3")] == ["a", "b"]


async def test_blocking_calls_work_inside_a_running_loop() -> None:
    session = Session(provider=ScriptedProvider(says("fine")))

    assert session.generate("How are you?") == "fine"


async def test_the_events_of_a_turn_come_in_order() -> None:
    usage = Usage(input_tokens=3, output_tokens=2)
    session = Session(provider=ScriptedProvider(says("Hello!")))

    events = [event async for event in session.stream("Hi")]

    prompt, reply = session.get_history()
    assert events == [
        MessageAdded(prompt),
        TextDelta("Hello!"),
        UsageReported(usage),
        MessageAdded(reply),
        TurnEnded(
            stop_reason=StopReason.END_TURN,
            usage=usage,
            message=reply,
            context=ContextUse(used=5),
        ),
    ]


def test_thinking_is_kept_apart_from_the_text() -> None:
    sealed = Thinking(text="Hmm.", signature="seal")
    script = [ThinkingDelta("Hm"), ThinkingDelta("m."), sealed, *says("Four.")]
    session = Session(provider=ScriptedProvider(script))

    reply = session.generate_with_tools("2 + 2?")

    assert reply.parts == (sealed, Text("Four."))
    assert reply.content == "Four."


def test_a_failed_turn_keeps_the_prompt_and_what_was_said() -> None:
    limit = RateLimitError("Slow down.", retry_after=7)
    provider = ScriptedProvider([TextDelta("Hal"), limit], says("Hello!"))
    session = Session(provider=provider)

    with pytest.raises(RateLimitError) as caught:
        session.generate("Hi")

    assert caught.value is limit
    assert said(session) == [
        ("user", "Hi", "complete"),
        ("assistant", "Hal", "error"),
    ]
    assert session.get_history()[-1].metadata == {
        "error": {"kind": "rateLimit", "message": "Slow down."}
    }


def test_after_a_failed_turn_the_next_one_works() -> None:
    provider = ScriptedProvider([RateLimitError("Slow down.")], says("Hello!"))
    session = Session(provider=provider)
    with pytest.raises(RateLimitError):
        session.generate("Hi")

    assert session.generate("Hi again") == "Hello!"


def test_a_stream_that_ends_without_an_end_is_an_error() -> None:
    session = Session(provider=ScriptedProvider([TextDelta("Hal")]))

    with pytest.raises(StreamInterrupted):
        session.generate("Hi")

    assert said(session)[-1] == ("assistant", "Hal", "error")


async def test_a_cancelled_turn_keeps_its_text_and_closes_the_connection() -> None:
    provider = ScriptedProvider([TextDelta("Hal"), asyncio.Event()], says("Hello!"))
    session = Session(provider=provider)
    started = asyncio.Event()

    async def read() -> None:
        async for event in session.stream("Hi"):
            if isinstance(event, TextDelta):
                started.set()

    turn = asyncio.create_task(read())
    await started.wait()
    turn.cancel()
    await asyncio.wait([turn])

    assert turn.cancelled()
    assert provider.closed == 1
    assert said(session)[-1] == ("assistant", "Hal", "interrupted")
    assert await session.generate_async("Go on") == "Hello!"


async def test_leaving_a_stream_early_stops_the_turn() -> None:
    provider = ScriptedProvider([TextDelta("Hal"), asyncio.Event()])
    session = Session(provider=provider)

    async with aclosing(session.stream_text("Hi")) as texts:
        assert await anext(texts) == "Hal"

    assert provider.closed == 1
    assert said(session)[-1] == ("assistant", "Hal", "interrupted")


def test_leaving_a_blocking_stream_early_stops_the_turn() -> None:
    never = says(*(["and on "] * 1000))
    session = Session(provider=ScriptedProvider(never))

    for text in session.generate("Talk", stream=True):
        assert text == "and on "
        break

    assert not session.turn_running


async def test_a_second_prompt_during_a_turn_is_refused() -> None:
    session = Session(provider=ScriptedProvider([TextDelta("Hal"), asyncio.Event()]))

    async with aclosing(session.stream_text("Hi")) as texts:
        await anext(texts)
        with pytest.raises(TurnRunning):
            await session.generate_async("Hello?")
        with pytest.raises(TurnRunning):
            await session.add_message_async(MessageRole.USER, "Hello?")
        with pytest.raises(TurnRunning):
            await session.clear_history_async()

    assert [text for _, text, _ in said(session)] == ["Hi", "Hal"]


def test_parameters_of_a_call_go_over_the_sessions_and_these_over_the_providers() -> (
    None
):
    provider = ScriptedProvider(model="m", temperature=0.1, max_tokens=1, seed=1)
    session = Session(
        provider=provider,
        provider_config={"temperature": 0.2, ModelParameter.MAX_TOKENS: 2},
    )

    session.generate("Hi", provider_config={"temperature": 0.3})

    assert provider.requests[0].config == {
        ModelParameter.MODEL: "m",
        ModelParameter.TEMPERATURE: 0.3,
        ModelParameter.MAX_TOKENS: 2,
        ModelParameter.SEED: 1,
    }


def test_a_sessions_key_and_model_do_not_follow_it_to_another_provider() -> None:
    own, other = ScriptedProvider(), ScriptedProvider(model="other", api_key="theirs")
    session = Session(
        provider=own,
        provider_config={
            "model": "mine",
            "api_key": "secret",
            "base_url": "http://mine",
            "temperature": 0.5,
        },
    )

    session.generate("Hi", provider=other)
    session.generate("Hi")

    assert other.requests[0].config == {
        ModelParameter.MODEL: "other",
        ModelParameter.API_KEY: "theirs",
        ModelParameter.TEMPERATURE: 0.5,
    }
    assert own.requests[0].config == {
        ModelParameter.MODEL: "mine",
        ModelParameter.API_KEY: "secret",
        ModelParameter.BASE_URL: "http://mine",
        ModelParameter.TEMPERATURE: 0.5,
    }


def test_switching_the_provider_lasts_and_keeps_the_history() -> None:
    first, second = ScriptedProvider(says("one")), ScriptedProvider(says("two"))
    session = Session(provider=first)
    session.generate("a")

    session.switch_provider(second)
    session.generate("b")

    assert [m.content for m in second.requests[0].messages] == ["a", "one", "b"]
    assert session.provider is second


def test_a_session_without_a_provider_says_so_and_keeps_no_prompt() -> None:
    session = Session()

    with pytest.raises(NoProvider):
        session.generate("Hi")

    assert session.get_history() == []


def test_an_unknown_provider_is_named_at_once() -> None:
    with pytest.raises(UnknownProvider, match="opnai"):
        Session(provider="opnai")


def test_an_unknown_parameter_is_named_at_once() -> None:
    with pytest.raises(InvalidParameter, match="temprature"):
        Session(provider_config={"temprature": 1})


@pytest.mark.parametrize("prompt", ["", "  \n", []])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidParameter):
        Session(provider=ScriptedProvider()).generate(prompt)


def test_messages_can_be_added_by_hand_and_cleared() -> None:
    session = Session()

    session.add_message(MessageRole.USER, "Hello")
    session.add_message("assistant", "Hi!", metadata={"by": "hand"})

    assert said(session) == [
        ("user", "Hello", "complete"),
        ("assistant", "Hi!", "complete"),
    ]
    session.clear_history()
    assert session.get_history() == []


def test_a_role_that_is_none_is_named() -> None:
    with pytest.raises(InvalidParameter, match="'robot'"):
        Session().add_message("robot", "Beep")


def test_context_is_kept_with_the_prompt() -> None:
    file = Resource(uri="file:///a.py", text="x = 1", version=3)
    session = Session(provider=ScriptedProvider())

    session.generate("What is x?", context=[file])

    assert session.get_history()[0].parts == (file, Text("What is x?"))


def test_the_first_line_of_the_first_prompt_becomes_the_title() -> None:
    session = Session(provider=ScriptedProvider())

    session.generate("Why is\nthe sky blue?")
    session.generate("And the sea?")

    assert session.record.title == "Why is"


def test_metadata_and_parameters_can_be_read_back() -> None:
    session = Session(provider_config={"temperature": 0.7}, metadata={"user_id": "1"})

    assert session.metadata == {"user_id": "1"}
    assert session.provider_config == {"temperature": 0.7}


def test_the_history_is_projected_for_any_provider_by_name() -> None:
    session = Session(system_prompt="Be brief.")
    session.add_message(MessageRole.USER, "Hello")

    assert session.get_messages_for_provider("openai") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]
    assert session.get_messages_for_provider("anthropic")[0]["role"] == "user"
    with pytest.raises(UnknownProvider):
        session.get_messages_for_provider("opnai")


def test_a_reply_cut_by_the_token_limit_is_whole_as_far_as_it_goes() -> None:
    script: list[Step] = [TextDelta("Once upon"), ReplyEnded(StopReason.MAX_TOKENS)]
    session = Session(provider=ScriptedProvider(script))

    reply = session.generate_with_tools("Tell a tale")

    assert (reply.content, reply.status) == ("Once upon", MessageStatus.COMPLETE)


async def test_a_broken_provider_leaves_the_session_usable() -> None:
    breaks: list[Step] = [TextDelta("Hal"), ZeroDivisionError()]
    broken = ScriptedProvider(breaks, says("fine"))
    session = Session(provider=broken)

    with pytest.raises(ZeroDivisionError):
        await session.generate_async("Hi")

    assert said(session)[-1] == ("assistant", "Hal", "interrupted")
    assert await session.generate_async("And now?") == "fine"


async def test_a_notice_is_told_once_in_a_session() -> None:
    left_out = Notice("An image was left out.")
    provider = ScriptedProvider([left_out, *says("Hello!")])
    session = Session(provider=provider)

    first = [event async for event in session.stream("a")]
    second = [event async for event in session.stream("b")]

    assert (first.count(left_out), second.count(left_out)) == (1, 0)


def test_a_message_is_a_value() -> None:
    message = Message(role=MessageRole.USER, parts=(Text("a"), Text("b")))

    assert message.content == "ab"
    with pytest.raises(AttributeError):
        message.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("last", "before", "shown", "more"),
    [
        (None, None, "0123", False),
        (2, None, "23", True),
        (4, None, "0123", False),
        (2, "2", "01", False),
        (1, "2", "1", True),
        (None, "3", "012", False),
        (1, "0", "", False),
    ],
)
def test_a_page_of_the_history_ends_before_a_message_and_tells_of_older_ones(
    last: int | None, before: str | None, shown: str, more: bool
) -> None:
    session = Session()
    ids = {n: session.add_message(MessageRole.USER, n).id for n in "0123"}

    page, remain = session.get_page(last, before and ids[before])

    assert ("".join(message.content for message in page), remain) == (shown, more)


def test_a_page_before_a_message_of_no_history_or_of_a_cleared_one_is_refused() -> None:
    session = Session()
    cleared = session.add_message(MessageRole.USER, "cleared")
    session.clear_history()
    session.add_message(MessageRole.USER, "shown")

    with pytest.raises(InvalidParameter, match="`before`"):
        session.get_page(before=cleared.id)
    assert [m.content for m in session.get_history()] == ["shown"]
