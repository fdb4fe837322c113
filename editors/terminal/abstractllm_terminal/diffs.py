"""Unified diffs in colours, with their parts numbered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from functools import cached_property

import attrs
from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from abstractllm_terminal.printable import escaped

LONGEST_LINE = 2000
"""Characters of a line that are shown of a diff that is cut."""

MOST_PAIRS = 2_000_000
"""Pairs of equal lines that are compared; beyond, it would take minutes."""

_PART = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")

_STYLES = {"+": "green", "-": "red", " ": "", "@": "cyan", "\\": "dim"}


@attrs.frozen
class Line:
    """A line of a diff; `kind` is its sign, `@` where a part begins, else empty."""

    kind: str
    text: str


@attrs.frozen(kw_only=True, slots=False)
class Diff:
    """A diff as it is shown: with `most`, cut to that many lines."""

    lines: Sequence[Line]
    most: int | None = None
    numbered: bool = False
    """Whether parts say which they are, where there are several."""

    @cached_property
    def parts(self) -> int:
        """How many parts it has, which can be approved one by one."""
        return sum(line.kind == "@" for line in self.lines)

    @property
    def is_cut(self) -> bool:
        """Whether some of it is not shown."""
        return self.most is not None and (
            len(self.lines) > self.most
            or any(len(line.text) > LONGEST_LINE for line in self.lines)
        )

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        part = 0
        for line in self.lines[: self.most]:
            part += line.kind == "@"
            yield from self._shown(line, part, options.max_width)
        if self.most is not None and len(self.lines) > self.most:
            yield Text(f"… {len(self.lines) - self.most} more lines", style="dim")

    def _shown(self, line: Line, part: int, width: int) -> Iterator[Text]:
        """Yield a line; what does not fit goes on below, behind an empty margin.

        So no text that is changed can be taken for a line with a sign.
        """
        text = line.text
        if self.most is not None and len(text) > LONGEST_LINE:
            text = f"{text[:LONGEST_LINE]}… (the line is longer)"
        if line.kind == "@" and self.numbered and self.parts > 1:
            text += f" part {part} of {self.parts}"
        margin = 1 if line.kind in ("+", "-", " ") else 0
        sign, rest = text[:margin], escaped(text[margin:].expandtabs(4))
        for piece in chop_cells(rest, max(width - margin, 2)) or [""]:
            yield Text(sign + piece, style=_STYLES.get(line.kind, "bold"))
            sign = " " * margin


def parsed(diff: str) -> list[Line]:
    """Return the lines of a unified diff.

    Parts are counted out by the numbers of lines that they name, since what is in them
    may look like a heading.
    """
    lines = []
    old = new = 0
    for text in diff.split("\n")[:-1]:
        kind = ""
        if old or new:
            kind = text[:1]
            old -= kind in ("-", " ")
            new -= kind in ("+", " ")
        elif found := _PART.match(text):
            kind = "@"
            old, new = (int(count or 1) for count in found.groups(default="1"))
        elif text.startswith("\\"):
            kind = "\\"
        lines.append(Line(kind, text))
    return lines


def difference(
    before: str | None, after: str | None, name: str, new_name: str
) -> list[Line]:
    """Return the lines of the diff of two texts; `None` is a file that is not there."""
    lines = [Line("", f"{name} → {new_name}")] if name != new_name else []
    old, new = _LINE.findall(before or ""), _LINE.findall(after or "")
    if _pairs(old, new) > MOST_PAIRS:
        return [*lines, Line("", f"{name}: its lines are too much alike to compare")]
    names = (
        "/dev/null" if before is None else name,
        "/dev/null" if after is None else new_name,
    )
    return [*lines, *parsed("".join(map(_ended, unified_diff(old, new, *names))))]


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many pairs of lines `difflib` would look at."""
    counts = Counter(new)
    often = len(new) // 100 + 1 if len(new) >= 200 else len(new)  # passed over beyond
    return sum(counts[line] for line in old if counts[line] <= often)


def _ended(line: str) -> str:
    if line.endswith("\n"):
        return line.removesuffix("\n").removesuffix("\r") + "\n"
    return f"{line}\n\\ No newline at end of file\n"
