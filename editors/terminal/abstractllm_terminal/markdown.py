"""Markdown block by block, so that a reply looks the same while it grows and later."""

from __future__ import annotations

import attrs
from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown
from rich.segment import Segment

from abstractllm_terminal.printable import printable

# Rich shows no HTML, so a reply about List<String> would lose half of it, and no
# pictures. References to other blocks cannot be followed. All stay as they are written.
_parser = (
    MarkdownIt()
    .enable(["strikethrough", "table"])
    .disable(["html_block", "html_inline", "image", "reference"])
)


def block_starts(text: str) -> list[int]:
    """Return the offsets at which the outermost blocks of a Markdown text begin."""
    lines = text.split("\n")
    first_lines = [
        token.map[0] for token in _parser.parse(text) if token.level == 0 and token.map
    ]
    return [sum(len(line) + 1 for line in lines[:first]) for first in first_lines]


@attrs.frozen
class Prose:
    """Markdown with one empty line between its blocks, and none around them."""

    text: str

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        starts = block_starts(self.text)
        ends = [*starts[1:], len(self.text)]
        for start, end in zip(starts, ends, strict=False):
            if start != starts[0]:
                yield Segment.line()
            yield from _rendered(self.text[start:end], console, options)


def _rendered(block: str, console: Console, options: ConsoleOptions) -> RenderResult:
    # The terminal's own colours, and no links that hide where they lead.
    markdown = Markdown(block, code_theme="ansi_dark", hyperlinks=False)
    markdown.parsed = _parser.parse(block)
    lines = console.render_lines(markdown, options, pad=False)
    filled = [number for number, line in enumerate(lines) if not _is_blank(line)]
    for line in lines[min(filled) : max(filled) + 1] if filled else ():
        for segment in line:  # an entity such as `&#x202e;` has become a character
            yield Segment(printable(segment.text), segment.style)
        yield Segment.line()


def _is_blank(line: list[Segment]) -> bool:
    return not "".join(segment.text for segment in line).strip()
