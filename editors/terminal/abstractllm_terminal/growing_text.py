"""Text that grows, and what of it is whole already."""

from __future__ import annotations

from abc import ABC, abstractmethod

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from abstractllm_terminal.markdown import block_starts
from abstractllm_terminal.printable import printable
from abstractllm_terminal.rendering import dim, markdown


class GrowingText(ABC):
    """Text of which the rest, what is not whole yet, can be shown at any time.

    The rest is never shown higher than the screen, beyond which a terminal cannot draw
    over it.
    """

    def __init__(self) -> None:
        self.rest = ""

    def add(self, text: str) -> str:
        """Take in more text, and return what has become whole by it."""
        self.rest += printable(text)
        end = self._end_of_whole(self.rest)
        whole, self.rest = self.rest[:end], self.rest[end:]
        return whole

    @abstractmethod
    def render(self, text: str) -> RenderableType:
        """Return a piece of the text as it is shown."""

    @abstractmethod
    def _end_of_whole(self, text: str) -> int:
        """Return how much of a text cannot change its looks any more."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        height = max(console.height - 3, 1)
        source = self.rest.rstrip().split("\n")
        if len(source) > height:  # to render all of it every time would take too long
            rendered: RenderableType = Text("\n".join(source[-height:]))
        else:
            rendered = self.render(self.rest)
        for line in console.render_lines(rendered, options, pad=False)[-height:]:
            yield from line
            yield Segment.line()


class GrowingMarkdown(GrowingText):
    """A reply: all but the last block of Markdown is whole."""

    def render(self, text: str) -> RenderableType:
        """Return the Markdown as it is read."""
        return markdown(text)

    def _end_of_whole(self, text: str) -> int:
        # Half a line counts for nothing: the `2` that would end a list may become the
        # `2.` that continues it.
        starts = block_starts(text[: text.rfind("\n") + 1])
        return starts[-1] if len(starts) > 1 else 0


class GrowingThought(GrowingText):
    """What a model thinks: every line but the last is whole."""

    def render(self, text: str) -> RenderableType:
        """Return the lines, dimmed."""
        return dim(text.removesuffix("\n"))

    def _end_of_whole(self, text: str) -> int:
        return text.rfind("\n") + 1
