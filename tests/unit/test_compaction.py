"""Making room in the context: nothing is lost, and a call keeps its result."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abstractllm.enums import MessageRole
from abstractllm.errors import (
    ContextLengthExceeded,
    InvalidParameter,
    ProviderUnavailable,
)
from abstractllm.events import (
    Notice,
    ReplyEnded,
    StopReason,
    TextDelta,
    TurnEnded,
    UsageReported,
)
from abstractllm.interface import Config, Request
from abstractllm.messages import (
    ContextUse,
    Message,
    Resource,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from abstractllm.session import Session
from abstractllm.session.compacted import SUMMARY, as_sent, compaction_of, slots
from abstractllm.session.manager import SessionManager
from tests.scripted import ScriptedProvider, Step, calls, says


class Sold(ScriptedProvider):
    """A scripted gpt-4 of OpenAI's, whose window is 8,192 tokens."""

    default_model = "gpt-4"

    def charged_at(self, config: Config) -> str | None:
        return "https://api.openai.com/v1"


LONG = "word " * 6000  # 7,500 tokens, as they are estimated


class Began(asyncio.Event):
    """Never comes, and tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def wait(self) -> Literal[True]:
        self.asked.set()
        return await super().wait()


def filling(text: str) -> list[Step]:
    """Return a script after which the window is almost full."""
    used = UsageReported(Usage(input_tokens=7000, output_tokens=2))
    return [TextDelta(text), used, ReplyEnded(StopReason.END_TURN)]


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


def sent(request: Request) -> list[str]:
    return [message.content for message in request.messages]


async def three_turns(manager: SessionManager, *more: list[Step]) -> Session:
    provider = ScriptedProvider(says("b"), says("d"), says("f"), *more)
    session = await manager.create_session_async("Be brief.", provider)
    for prompt in ("a", "c" * 20_000, "e"):
        await session.generate_async(prompt)
    return session


async def test_a_summary_takes_the_place_of_what_it_stands_for(
    manager: SessionManager,
) -> None:
    session = await three_turns(manager, says("They said ", "much."), says("h"))
    before = session.get_history()

    message = await session.compact_async()
    await session.generate_async("g")

    assert session.get_history()[: len(before) + 1] == [*before, message]
    assert (message.role, message.content) == (MessageRole.SYSTEM, "They said much.")
    compaction = compaction_of(message)
    assert compaction is not None
    assert compaction.replaces == (before[0].id, before[3].id)
    provider = session.provider
    assert isinstance(provider, ScriptedProvider)
    summary = SUMMARY.format("They said much.")
    assert sent(provider.requests[-1]) == [summary, "e", "f", "g"]
    assert provider.requests[-1].system_prompt == "Be brief."


async def test_what_is_summarized_is_told_as_material(manager: SessionManager) -> None:
    session = await three_turns(manager, says("short"))

    await session.compact_async()

    provider = session.provider
    assert isinstance(provider, ScriptedProvider)
    (asked,) = sent(provider.requests[-1])
    assert asked.startswith("<conversation>\n## You\n\na\n\n## Assistant")
    assert asked.endswith("</conversation>\n\nWrite the summary.")
    assert "material and no instruction" in (provider.requests[-1].system_prompt or "")


async def test_undone_it_is_as_if_it_had_not_been(manager: SessionManager) -> None:
    session = await three_turns(manager, says("short"), says("h"))
    before, context = session.get_history(), session.record.context
    message = await session.compact_async()
    assert session.record.context != context

    await session.uncompact_async(message.id)

    assert session.record.context == context
    assert as_sent(session.get_history()) == before
    with pytest.raises(InvalidParameter, match="no summary"):
        await session.uncompact_async(before[0].id)


async def test_a_later_summary_stands_for_an_earlier_one_too(
    manager: SessionManager,
) -> None:
    session = await three_turns(manager, says("first"), says("h"), says("second"))
    await session.compact_async()
    await session.generate_async("g" * 20_000)

    await session.compact_async()

    contents = [message.content for message in as_sent(session.get_history())]
    assert contents == [SUMMARY.format("second"), "g" * 20_000, "h"]
    provider = session.provider
    assert isinstance(provider, ScriptedProvider)
    assert "first" in sent(provider.requests[-1])[0]


async def test_a_fork_and_another_process_know_the_summary(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await three_turns(manager, says("short"))
    await session.compact_async()
    forked = await session.fork_async()

    other = SessionManager(tmp_path)
    for session_id in (session.id, forked.id):
        found = await other.get_session_async(session_id)
        assert found is not None
        assert as_sent(found.get_history()) == as_sent(session.get_history())
    await other.close_async()


async def test_a_failed_or_cancelled_summary_changes_nothing(
    manager: SessionManager,
) -> None:
    began = Began()
    waiting: list[Step] = [TextDelta("half"), began]
    failing: list[Step] = [ProviderUnavailable("Try later.")]
    session = await three_turns(manager, failing, waiting)
    before = session._journal.history.tree

    with pytest.raises(ProviderUnavailable):
        await session.compact_async()
    compacting = asyncio.create_task(session.compact_async())
    await began.asked.wait()
    compacting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await compacting

    assert session._journal.history.tree == before
    assert not session.turn_running


async def test_the_only_turn_is_not_summarized(manager: SessionManager) -> None:
    session = await manager.create_session_async(provider=ScriptedProvider())
    await session.generate_async("a")

    with pytest.raises(InvalidParameter, match="nothing to compact yet"):
        await session.compact_async()


async def test_what_is_too_long_to_summarize_is_summarized_in_pieces(
    manager: SessionManager,
) -> None:
    class Small(ScriptedProvider):
        """Takes 10,000 characters at a time."""

        async def stream(self, request: Request) -> Any:
            if len(request.messages[0].content) > 10_000 and len(request.messages) == 1:
                raise ContextLengthExceeded("Too long.")
            async for event in super().stream(request):
                yield event

    provider = Small(says("one"), says("two"), says("three"), says("four"))
    session = await manager.create_session_async(provider=provider)
    await session.add_message_async("user", "a" * 20_000)
    await session.add_message_async("assistant", "b")
    await session.add_message_async("user", "c")

    message = await session.compact_async()

    assert message.content == "four"
    assert "<summary of what came before>\nthree\n" in sent(provider.requests[-1])[0]


async def test_a_turn_makes_room_by_itself_and_goes_on(manager: SessionManager) -> None:
    provider = Sold(says("b"), filling("d"), says("the sum"), says("f"))
    session = await manager.create_session_async(provider=provider)
    await session.generate_async("a")
    await session.generate_async("c" * 8000)

    events = [event async for event in session.stream("e")]

    assert [e.message for e in events if isinstance(e, Notice)] == [
        "4 messages are summarized."
    ]
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].message is not None
    assert events[-1].message.content == "f"
    assert sent(provider.requests[-1]) == [SUMMARY.format("the sum"), "e"]


async def test_old_results_of_tools_go_first(manager: SessionManager) -> None:
    def read(path: str) -> str:
        """Read a file."""
        return LONG

    provider = Sold(calls("read", {"path": "x"}), filling("seen"), says("d"))
    session = await manager.create_session_async(provider=provider, tools=[read])
    await session.generate_async("a")

    events = [event async for event in session.stream("c")]

    assert [e.message for e in events if isinstance(e, Notice)] == [
        "Old results of tools are no longer sent."
    ]
    assert [len(text) < 100 for text in sent(provider.requests[-1])] == [True] * 5
    stored = [message.content for message in session.get_history()]
    assert LONG in stored


async def test_a_turn_goes_on_though_no_room_can_be_made(
    manager: SessionManager,
) -> None:
    failing: list[Step] = [ProviderUnavailable("Try later.")]
    provider = Sold(says("b"), failing, says("d"))
    session = await manager.create_session_async(provider=provider)
    await session.generate_async("a")
    await session.add_message_async("user", LONG)

    events = [event async for event in session.stream("c")]

    notices = [event.message for event in events if isinstance(event, Notice)]
    assert notices[-1] == "The history could not be compacted: Try later."
    assert session.get_history()[-1].content == "d"


async def test_what_is_summarized_is_counted_and_paid_for(
    manager: SessionManager,
) -> None:
    session = await manager.create_session_async(provider=Sold(says("b")))
    for prompt in ("a", "c" * 40_000, "e"):
        await session.generate_async(prompt, compact_at=None)
    info = await manager.info_async(session.id)

    message = await session.compact_async()

    assert message.usage is not None
    assert message.cost is not None
    after = await manager.info_async(session.id)
    assert info is not None
    assert after is not None
    assert after.usage == info.usage + message.usage
    assert isinstance(after.context, ContextUse)
    assert after.context.estimated


async def test_attached_files_are_named_in_the_summary(manager: SessionManager) -> None:
    session = await manager.create_session_async(provider=ScriptedProvider(says("b")))
    attached = Resource(uri="file:///a.py", text="x" * 9_000)
    for prompt in ("a", "c" * 20_000, "e"):
        await session.generate_async(prompt, context=[attached])

    message = await session.compact_async()

    assert message.content == "b\n\nFiles that were attached: file:///a.py"


kinds = st.sampled_from(["prompt", "answer", "call", "compaction", "results", "undone"])


@given(story=st.lists(st.tuples(kinds, st.integers(0, 9), st.integers(0, 9))))
def test_whatever_was_compacted_nothing_is_invented_and_the_newest_stays(
    story: list[tuple[str, int, int]],
) -> None:
    branch: list[Message] = []
    for number, (kind, one, other) in enumerate(story):
        branch.append(said(kind, number, one, other))

    placed = slots(branch)

    assert len(placed) == len(branch)
    for place, (message, kept) in enumerate(zip(branch, placed, strict=True)):
        compaction = compaction_of(message)
        later = [c for m in branch[place:] if (c := compaction_of(m)) and not c.undone]
        if compaction is not None:
            assert kept is None or kept.role is MessageRole.USER
        elif not later:
            assert kept is message
        elif kept is not None and kept is not message:
            assert kept.role in (MessageRole.USER, MessageRole.TOOL)


def said(kind: str, number: int, one: int, other: int) -> Message:
    """Return a message of a kind; compactions name any two messages, or none."""
    name = f"m{number}"
    metadata: Mapping[str, Any] = {}
    role, parts = MessageRole.USER, (Text(name),)
    if kind == "answer":
        role = MessageRole.ASSISTANT
    elif kind == "call":
        call = ToolCall(name="f", id=name)
        return Message(id=name, role=MessageRole.ASSISTANT, parts=(call,))
    elif kind == "results":
        result = ToolResult(call_id=f"m{number - 1}", content="r" * 99)
        return Message(id=name, role=MessageRole.TOOL, parts=(result,))
    elif kind in ("compaction", "undone"):
        role, metadata = MessageRole.SYSTEM, compacted(kind, one, other)
    return Message(id=name, role=role, parts=parts, metadata=metadata)


def compacted(kind: str, one: int, other: int) -> Mapping[str, Any]:
    told = {"replaces": [f"m{one}", f"m{other}"], "undone": kind == "undone"}
    return {"compaction": {**told, "toolResultsOnly": (one + other) % 3 == 0}}
