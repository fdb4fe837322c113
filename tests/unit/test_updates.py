"""Updates: what an editor is sent of a turn's events."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abstractllm.enums import ToolKind
from abstractllm.errors import RateLimitError
from abstractllm.events import (
    CallDetails,
    ChangedFile,
    ChangeKind,
    Event,
    Notice,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolOutput,
    ToolProposed,
    ToolRejected,
    ToolStarted,
    TurnEnded,
    UsageReported,
)
from abstractllm.messages import ToolCall, ToolResult, Usage
from abstractllm_server import updates
from abstractllm_server.updates import UpdateStream

CALL = ToolCall(name="add", arguments={"a": 1}, id="c1")

EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(TextDelta, st.text()),
    st.builds(ThinkingDelta, st.text()),
    st.just(UsageReported(Usage())),
    st.just(Notice("Mind.")),
)


def sent_of(*events: Event) -> list[dict[str, Any]]:
    """Return the updates that events come to when they arrive all at once."""
    sent: list[dict[str, Any]] = []

    async def feed() -> None:
        stream = UpdateStream(lambda seq, update: sent.append(update))
        for event in (
            *events,
            TurnEnded(stop_reason=StopReason.END_TURN, usage=Usage()),
        ):
            stream.add(event)

    asyncio.run(feed())
    return sent[:-1]


def texts(told: list[dict[str, Any]], kind: str) -> str:
    return "".join(update["text"] for update in told if update["kind"] == kind)


def test_the_first_delta_is_sent_at_once_and_the_next_ones_are_joined() -> None:
    assert sent_of(*map(TextDelta, "abcd")) == [
        {"kind": "textDelta", "text": "a"},
        {"kind": "textDelta", "text": "bcd"},
    ]


def test_thinking_and_text_are_not_joined() -> None:
    assert sent_of(ThinkingDelta("a"), ThinkingDelta("b"), TextDelta("c")) == [
        {"kind": "thinkingDelta", "text": "a"},
        {"kind": "thinkingDelta", "text": "b"},
        {"kind": "textDelta", "text": "c"},
    ]


async def test_joined_deltas_are_sent_without_waiting_for_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(updates, "DELTA_SECONDS", 0)
    arrived: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    stream = UpdateStream(lambda seq, update: arrived.put_nowait(update))

    stream.add(TextDelta("a"))
    stream.add(TextDelta("b"))

    assert [await arrived.get(), await arrived.get()] == [
        {"kind": "textDelta", "text": "a"},
        {"kind": "textDelta", "text": "b"},
    ]


@given(st.lists(EVENTS))
def test_no_text_is_lost_and_nothing_overtakes_it(events: list[Event]) -> None:
    told = sent_of(*events)

    for kind, cls in (("textDelta", TextDelta), ("thinkingDelta", ThinkingDelta)):
        assert texts(told, kind) == "".join(
            event.text for event in events if isinstance(event, cls)
        )
    others = [e for e in events if not isinstance(e, TextDelta | ThinkingDelta)]
    kinds = [u["kind"] for u in told if not u["kind"].endswith("Delta")]
    assert kinds == [
        "usage" if isinstance(e, UsageReported) else "notice" for e in others
    ]


@given(st.lists(EVENTS))
def test_what_was_sent_so_far_is_all_of_it_in_order(events: list[Event]) -> None:
    sent: list[dict[str, Any]] = []
    numbers: list[int] = []

    def send(seq: int, update: dict[str, Any]) -> None:
        numbers.append(seq)
        sent.append(update)

    async def feed() -> UpdateStream:
        stream = UpdateStream(send)
        for event in events:
            stream.add(event)
        return stream

    stream = asyncio.run(feed())

    assert numbers == list(range(stream.next_seq))
    for kind in ("textDelta", "thinkingDelta"):
        assert texts(stream.so_far, kind) == texts(sent, kind)


def test_a_tool_call_is_told_from_wish_to_result() -> None:
    told = sent_of(CALL, ToolStarted(CALL), ToolResult(call_id="c1", content="3"))

    call = {"kind": "toolCall", "callId": "c1", "name": "add", "arguments": {"a": 1}}
    assert told == [
        {**call, "status": "pending"},
        {**call, "status": "running"},
        {"kind": "toolResult", "callId": "c1", "content": "3", "isError": False},
        {**call, "status": "done"},
    ]


def test_what_is_known_of_a_call_is_told_once() -> None:
    details = CallDetails(kind=ToolKind.EDIT, title="Edit a", diff="--- a/a\n")

    told = sent_of(
        CALL,
        ToolProposed(CALL, details),
        ToolStarted(CALL, details),
        ToolResult(call_id="c1", content="Done."),
    )

    call = {"kind": "toolCall", "callId": "c1", "name": "add", "arguments": {"a": 1}}
    assert [update for update in told if update["kind"] == "toolCall"] == [
        {**call, "status": "pending"},
        {
            **call,
            "status": "awaitingApproval",
            "toolKind": "edit",
            "title": "Edit a",
            "diff": "--- a/a\n",
        },
        {**call, "status": "running"},
        {**call, "status": "done"},
    ]


def test_a_rejected_call_is_told_as_one_that_never_ran() -> None:
    told = sent_of(
        CALL,
        ToolProposed(CALL, CallDetails()),
        ToolRejected("c1"),
        ToolResult(call_id="c1", content="No.", is_error=True),
    )

    assert [update.get("status") for update in told] == [
        "pending",
        "awaitingApproval",
        None,
        "rejected",
    ]
    assert told[2] == {
        "kind": "toolResult",
        "callId": "c1",
        "content": "No.",
        "isError": True,
    }


def test_a_commands_output_is_joined_as_deltas_are_and_apart_from_others() -> None:
    assert sent_of(
        ToolOutput("c1", "a"),
        ToolOutput("c1", "b"),
        ToolOutput("c1", "c"),
        ToolOutput("c2", "d"),
        TextDelta("e"),
    ) == [
        {"kind": "toolOutput", "callId": "c1", "text": "a"},
        {"kind": "toolOutput", "callId": "c1", "text": "bc"},
        {"kind": "toolOutput", "callId": "c2", "text": "d"},
        {"kind": "textDelta", "text": "e"},
    ]


def test_a_turn_that_changed_files_ends_with_them() -> None:
    sent: list[dict[str, Any]] = []
    stream = UpdateStream(lambda seq, update: sent.append(update))
    changed = ChangedFile(uri="file:///a", kind=ChangeKind.EDITED, added=2, removed=1)

    stream.add(
        TurnEnded(stop_reason=StopReason.END_TURN, usage=Usage(), changes=(changed,))
    )

    assert sent[0]["changes"] == [
        {
            "uri": "file:///a",
            "kind": "edited",
            "newUri": None,
            "added": 2,
            "removed": 1,
            "reverted": False,
        }
    ]


def test_an_error_ends_the_turn_with_its_kind_and_advice() -> None:
    sent: list[dict[str, Any]] = []
    stream = UpdateStream(lambda seq, update: sent.append(update))

    stream.add(
        TurnEnded(
            stop_reason=StopReason.ERROR,
            usage=Usage(input_tokens=3),
            error=RateLimitError("Slow down.", retry_after=7),
        )
    )

    assert sent == [
        {
            "kind": "turnEnded",
            "stopReason": "error",
            "messageId": None,
            "usage": {"inputTokens": 3, "outputTokens": 0, "cachedTokens": 0},
            "cost": None,
            "context": None,
            "error": {"kind": "rateLimit", "message": "Slow down.", "retryAfter": 7},
        }
    ]
