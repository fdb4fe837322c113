"""A turn as it happens in a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    RenderableType,
    RenderResult,
)
from rich.live import Live
from rich.spinner import Spinner

from abstractllm_terminal.approving import approve
from abstractllm_terminal.calls import Call
from abstractllm_terminal.changed_files import changed_files
from abstractllm_terminal.connection import Json
from abstractllm_terminal.growing_text import (
    GrowingMarkdown,
    GrowingText,
    GrowingThought,
)
from abstractllm_terminal.rendering import dim, warning
from abstractllm_terminal.turns import ending

REFRESH_SECONDS = 1 / 12


class TurnView:
    """Shows a turn's updates.

    What is whole is printed for good. Only what still grows, or a sign that something
    is awaited, is live: drawn again and again below everything else.
    """

    def __init__(self, console: Console, folder: Path) -> None:
        """Show a turn in the workspace `folder`."""
        self._console = console
        self._folder = folder
        self._live = self._new_live()
        self._spinner = Spinner("dots", style="dim")
        self._growing: GrowingText | None = None
        self._calls: dict[str, Call] = {}
        """Those that are not over, by their ids."""
        self._running: Call | None = None
        self._printed: object = None
        self._is_stale = False
        self._is_hidden = False

    async def __aenter__(self) -> TurnView:
        self._live.start(refresh=True)
        self._refreshing = asyncio.create_task(self._refresh())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._refreshing.cancel()
        self._settle()
        self._hide()

    def show(self, update: Json) -> None:
        """Show the next update of the turn."""
        match update:
            case {"kind": "textDelta", "text": text}:
                self._grow(GrowingMarkdown, text)
            case {"kind": "thinkingDelta", "text": text}:
                self._grow(GrowingThought, text)
            case {"kind": "toolCall"}:
                self._show_tool_call(update)
            case {"kind": "toolOutput" | "toolResult", "callId": call_id}:
                if call := self._calls.get(call_id):
                    call.update(update)
            case {"kind": "notice", "message": message, "level": level}:
                self._settle()
                self._print("notice", (dim if level == "info" else warning)(message))
            case {"kind": "turnEnded"}:
                self._show_end(update)

    async def ask(self, question: Json) -> Json:
        """Have the user decide about a call; see `approve`."""
        with self._stepped_aside():
            if self._is_apart(Call):
                self._console.print()
            self._printed = Call
            if call := self._calls.get(question["callId"]):
                call.was_asked = True
            return await approve(self._console, question)

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        if self._is_hidden:
            return
        growing = self._visible_text
        if self._is_apart(type(growing) if growing else "spinner"):
            yield ""
        yield growing or self._spinner
        if not growing and self._running and self._running.output:
            yield self._running.tail

    @property
    def _visible_text(self) -> GrowingText | None:
        growing = self._growing
        return growing if growing and growing.rest.strip() else None

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            if self._is_hidden:
                continue
            if self._is_stale or not self._visible_text:  # the spinner moves by itself
                self._is_stale = False
                self._live.refresh()

    def _grow(self, growing_class: type[GrowingText], text: str) -> None:
        if not isinstance(self._growing, growing_class):
            self._settle()
            self._growing = growing_class()
        is_first = not self._growing.rest
        whole = self._growing.add(text)
        self._is_stale = True
        if whole.strip():
            self._print(growing_class, self._growing.render(whole))
        elif is_first:
            self._live.refresh()

    def _settle(self) -> None:
        """Print the rest of what grew; it is whole now."""
        growing, self._growing = self._growing, None
        if growing and growing.rest.strip():
            self._print(type(growing), growing.render(growing.rest.rstrip()))

    def _show_tool_call(self, update: Json) -> None:
        self._settle()
        call = self._calls.setdefault(
            update["callId"], Call(name=update["name"], arguments=update["arguments"])
        )
        call.update(update)
        self._running = None if call.is_over else call
        self._spinner.update(text="" if call.is_over else call.line)
        if call.is_over:
            del self._calls[update["callId"]]
            self._print(Call, Group(*call.pieces()))

    def _show_end(self, ended: Json) -> None:
        self._settle()
        self._is_hidden = True
        for call in self._calls.values():
            call.status = "stopped"
            self._print(Call, Group(*call.pieces()))
        if changes := ended.get("changes"):
            self._print("changes", changed_files(changes, self._folder))
        if sentence := ending(ended):
            self._print("ending", warning(sentence))
        usage = ended["usage"]
        if usage["inputTokens"] or usage["outputTokens"]:
            tokens = f"{usage['inputTokens']} in, {usage['outputTokens']} out"
            self._print("ending", dim(tokens))

    @contextmanager
    def _stepped_aside(self) -> Iterator[None]:
        """Leave the screen to somebody else for a while."""
        self._settle()
        self._hide()
        try:
            yield
        finally:
            self._live = self._new_live()
            self._is_hidden = False
            self._live.start(refresh=True)

    def _hide(self) -> None:
        self._is_hidden = True
        self._live.stop()

    def _new_live(self) -> Live:
        # One that was stopped would go back up to where it stood.
        return Live(
            self,
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _print(self, kind: object, piece: RenderableType) -> None:
        if self._is_apart(kind):
            self._console.print()
        self._console.print(piece)
        self._printed = kind

    def _is_apart(self, kind: object) -> bool:
        """Return whether an empty line goes before a piece of this kind."""
        return kind is GrowingMarkdown or kind != self._printed
