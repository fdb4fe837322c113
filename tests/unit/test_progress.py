"""Progress: what an editor shows of work under way, and how it is stopped."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import (
    WorkDoneProgressBegin,
    WorkDoneProgressEnd,
    WorkDoneProgressReport,
)
from pygls.exceptions import JsonRpcException

from abstractllm.enums import MessageRole
from abstractllm.events import (
    Event,
    MessageAdded,
    ModelLoading,
    Notice,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolStarted,
    TurnEnded,
)
from abstractllm.messages import Message, Text, ToolCall, Usage
from abstractllm_server.progress import Progress, Stop, TurnProgress

PROMPT = MessageAdded(Message(role=MessageRole.USER, parts=(Text("Hi"),)))
REPLY = MessageAdded(Message(role=MessageRole.ASSISTANT, parts=(Text("Ho"),)))
END = TurnEnded(stop_reason=StopReason.END_TURN, usage=Usage())

EVENTS: st.SearchStrategy[Event] = st.sampled_from(
    [
        TextDelta("a"),
        ThinkingDelta("b"),
        ToolStarted(ToolCall(name="read_file")),
        ModelLoading("Small"),
        Notice("Mind."),
        REPLY,
    ]
)


class Page:
    """An editor that writes down what it is shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, title: str, stop: Stop) -> "Line":
        self.lines.append(title)
        return Line(self, title)


class Line:
    def __init__(self, page: Page, title: str) -> None:
        self._page, self._title = page, title

    def report(self, doing: str) -> None:
        self._page.lines.append(f"{self._title}: {doing}")

    def end(self) -> None:
        self._page.lines.append(f"{self._title}, done")


def shown_of(*events: Event) -> list[str]:
    """Return what is shown of a turn."""
    page = Page()
    progress = TurnProgress(page.show, stop=lambda: None)
    for event in (PROMPT, *events, END):
        progress.add(event)
    return page.lines


def test_a_turn_shows_what_it_does_not_each_of_its_tokens() -> None:
    shown = shown_of(
        ThinkingDelta("a"),
        ThinkingDelta("b"),
        *map(TextDelta, "Hello"),
        REPLY,
        ToolStarted(ToolCall(name="read_file")),
        TextDelta("Done"),
    )

    assert shown == [
        "Answering",
        "Answering: thinking",
        "Answering: writing",
        "Answering: read_file",
        "Answering: writing",
        "Answering, done",
    ]


def test_the_loading_of_a_model_ends_with_whatever_comes_next() -> None:
    assert shown_of(ModelLoading("Small"), TextDelta("Hi")) == [
        "Answering",
        "Loading Small",
        "Loading Small, done",
        "Answering: writing",
        "Answering, done",
    ]


@given(st.lists(EVENTS))
def test_whatever_is_begun_is_ended_once_and_is_then_silent(
    events: list[Event],
) -> None:
    shown = shown_of(*events)

    for title in {line for line in shown if line in ("Answering", "Loading Small")}:
        begun = [line for line in shown if line == title]
        ended = [line for line in shown if line == f"{title}, done"]
        assert len(begun) == len(ended)
    assert (shown[0], shown[-1]) == ("Answering", "Answering, done")


class Client:
    """What pygls keeps of the editor's progress, with an editor of our own."""

    def __init__(self, answer: asyncio.Future[None]) -> None:
        self.tokens: dict[Any, asyncio.Future[None]] = {}
        self.began = asyncio.Event()
        self.told: list[Any] = []
        self._answer = answer

    async def create_async(self, token: Any) -> None:
        await self._answer
        self.tokens[token] = asyncio.get_running_loop().create_future()

    def begin(self, token: Any, value: Any) -> None:
        self.told.append(value)
        self.began.set()

    report = end = begin


def client_that_will_answer() -> tuple[Any, asyncio.Future[None]]:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    return Client(answer), answer


async def test_progress_waits_for_the_editor_and_nothing_waits_for_progress() -> None:
    client, answer = client_that_will_answer()
    progress = Progress(client, "Answering", stop=lambda: None)
    progress.report("writing")
    progress.end()
    assert client.told == []

    answer.set_result(None)
    await progress.ended

    assert client.told == [
        WorkDoneProgressBegin(title="Answering", cancellable=True),
        WorkDoneProgressReport(message="writing", cancellable=True),
        WorkDoneProgressEnd(),
    ]
    assert client.tokens == {}


async def test_an_editor_that_refuses_is_told_nothing() -> None:
    client, answer = client_that_will_answer()
    progress = Progress(client, "Answering", stop=lambda: None)
    progress.report("writing")

    answer.set_exception(JsonRpcException("No."))
    await progress.ended

    assert client.told == []


async def test_the_editors_stop_button_stops_the_work() -> None:
    client, answer = client_that_will_answer()
    stopped = asyncio.Event()
    progress = Progress(client, "Answering", stop=stopped.set)
    answer.set_result(None)
    await client.began.wait()

    next(iter(client.tokens.values())).cancel()

    await stopped.wait()
    progress.end()
    await progress.ended
