"""Work that the editor itself shows as under way, with a way to stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from lsprotocol.types import (
    WorkDoneProgressBegin,
    WorkDoneProgressEnd,
    WorkDoneProgressReport,
)
from pygls import progress
from pygls.exceptions import JsonRpcException

from abstractllm.events import (
    Event,
    MessageAdded,
    ModelLoading,
    TextDelta,
    ThinkingDelta,
    ToolProposed,
    ToolStarted,
    TurnEnded,
)
from abstractllm.messages import new_id

Stop = Callable[[], None]


class Shown(Protocol):
    """A piece of work that the user sees."""

    def report(self, doing: str) -> None:
        """Say what is done right now."""

    def end(self) -> None:
        """Say that it is over; nothing may follow."""


class Progress:
    """The progress of LSP: asked for by a request, then begun, reported and ended.

    It begins when the editor has agreed. Nothing waits for that: where an editor
    refuses, or never answers, nothing is shown, and the work goes on.
    """

    def __init__(self, editor: progress.Progress, title: str, stop: Stop) -> None:
        """Show `title`; call `stop` when the user stops it."""
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self.ended = asyncio.create_task(self._show(editor, title, stop))

    def report(self, doing: str) -> None:
        """Say what is done right now."""
        self._said.put_nowait(doing)

    def end(self) -> None:
        """Say that it is over."""
        self._said.put_nowait(None)

    async def _show(self, editor: progress.Progress, title: str, stop: Stop) -> None:
        token = new_id()
        try:
            await editor.create_async(token)
        except JsonRpcException:
            return
        # All that ever happens to this future is that the user cancels it.
        editor.tokens[token].add_done_callback(lambda _: stop())
        editor.begin(token, WorkDoneProgressBegin(title=title, cancellable=True))
        while (doing := await self._said.get()) is not None:
            report = WorkDoneProgressReport(cancellable=True, message=doing)
            editor.report(token, report)
        editor.end(token, WorkDoneProgressEnd())
        del editor.tokens[token]


class TurnProgress:
    """Shows a turn and, while it is loaded, the local model that it waits for."""

    def __init__(self, show: Callable[[str, Stop], Shown], stop: Stop) -> None:
        """Show the turn by `show`; `stop` cancels it."""
        self._show = show
        self._stop = stop
        self._turn: Shown | None = None
        self._loading: Shown | None = None
        self._doing = ""

    def add(self, event: Event) -> None:
        """Take in the next event of the turn."""
        if self._loading is not None:
            self._loading.end()
            self._loading = None
        match event:
            case MessageAdded() if self._turn is None:
                self._turn = self._show("Answering", self._stop)
            case ModelLoading(model):
                self._loading = self._show(f"Loading {model}", self._stop)
            case ThinkingDelta():
                self._report("thinking")
            case TextDelta():
                self._report("writing")
            case ToolProposed():
                self._report("waiting for you")
            case ToolStarted(call):
                self._report(call.name)
            case TurnEnded() if self._turn is not None:
                self._turn.end()

    def _report(self, doing: str) -> None:
        if self._turn is not None and doing != self._doing:
            self._doing = doing
            self._turn.report(doing)
