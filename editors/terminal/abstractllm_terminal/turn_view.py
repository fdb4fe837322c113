"""A turn as it happens: what is whole is printed for good, what grows stays live."""

from __future__ import annotations

import asyncio
from types import TracebackType

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text

from abstractllm_terminal.connection import Json
from abstractllm_terminal.rendering import dim, markdown, printable, tool_call, warning
from abstractllm_terminal.turns import ending

REFRESH_SECONDS = 1 / 12


class TurnView:
    """Shows a turn's updates.

    Only the end of a reply can still change its looks: the block of Markdown that grows.
    It is drawn anew below everything else, and never higher than the screen, beyond
    which nothing could be drawn over; whole blocks above it are never touched again.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(
            self,
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._spinner = Spinner("dots", style="dim")
        self._kind = ""
        self._text = ""
        self._printed = ""
        self._stale = False

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
        self._spinner = None
        self._live.stop()
