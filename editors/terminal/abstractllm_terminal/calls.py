"""A tool call while it goes on, and what is shown of it once it is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from abstractllm_terminal.connection import Json
from abstractllm_terminal.diffs import Diff, parsed
from abstractllm_terminal.printable import printable
from abstractllm_terminal.rendering import dim, tool_call

SHORT = 12
"""Lines of a diff, or of an output, that reminds of what was done."""

INDENT = "  "

_FIELDS = {"status": "status", "toolKind": "kind", "title": "title", "diff": "diff"}
"""What updates tell of a call, by its name on the wire."""


@attrs.define(kw_only=True)
class Call:
    """What is known of a call; `status` is the wire's, and `stopped` is ours."""

    name: str
    arguments: Mapping[str, object]
    status: str = "pending"
    kind: str | None = None
    title: str | None = None
    diff: str | None = None
    output: str = ""
    result: str = ""
    was_asked: bool = False
    """Whether the user was shown all of it when he was asked."""

    def update(self, told: Json) -> None:
        """Take in an update about the call."""
        match told:
            case {"kind": "toolOutput", "text": text}:
                self.output += text
            case {"kind": "toolResult", "content": content}:
                self.result = content
            case _:
                for key in _FIELDS.keys() & told.keys():
                    setattr(self, _FIELDS[key], told[key])

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ("done", "failed", "rejected")

    @property
    def line(self) -> Text:
        """What it does, and how far it is, in one line."""
        return tool_call(self.name, self.arguments, self.status, self.title)

    @property
    def tail(self) -> Text:
        """The last lines of what it puts out while it runs."""
        lines = _output_lines(self.output)[-SHORT:]
        text = "\n".join(INDENT + line for line in lines)
        return Text(text, style="dim", no_wrap=True, overflow="ellipsis", end="")

    def pieces(self) -> Iterator[RenderableType]:
        """Yield what to show of it for good."""
        yield self.line
        if outcome := self._outcome():
            yield _Indented(outcome)

    def _outcome(self) -> RenderableType | None:
        text = self.result or self.output
        if self.status in ("failed", "rejected"):
            return dim(text.partition("\n")[0]) if text else None
        if self.kind == "run":
            return dim("\n".join(_ends(text))) if text else None
        if self.status == "done" and self.diff and not self.was_asked:
            return Diff(lines=parsed(self.diff), most=SHORT)
        return None


@attrs.frozen
class _Indented:
    piece: RenderableType

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        width = max(options.max_width - len(INDENT), 1)
        narrower = options.update(width=width)
        for line in console.render_lines(self.piece, narrower, pad=False):
            yield Segment(INDENT)
            yield from line
            yield Segment.line()


def _ends(result: str) -> list[str]:
    """Return how a command ended, and the end of what it put out."""
    first, *lines = _output_lines(result)
    if left_out := max(len(lines) - SHORT, 0):
        lines[:left_out] = [f"… {left_out} lines before"]
    return [first, *lines]


def _output_lines(output: str) -> list[str]:
    """Return lines as a terminal would show them that wrote over what was returned."""
    lines = output.rstrip().replace("\r\n", "\n").split("\n")
    return [printable(line.rpartition("\r")[2]) for line in lines]
