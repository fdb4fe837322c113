r"""Lines of a text, as editors count them.

Lines end where LSP has them end: `\n`, `\r\n` or `\r`, and nowhere else. Python's
`str.splitlines` knows seven more ends, of which editors know none.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments
"""

import re

_END = re.compile(r"\r\n|\r|\n")

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, each with its end; the last one may have none."""
    return _LINE.findall(text)


def bare_lines_of(text: str) -> list[str]:
    """Return the lines of a text without their ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def line_ends_of(text: str) -> set[str]:
    """Return the kinds of line ends in a text."""
    return set(_END.findall(text))


def is_saved_as(on_disk: str, text: str) -> bool:
    """Return whether a buffer's text is what lies on the disk.

    Editors hold a file's mark, its kind of line ends and its last line's end apart.
    """
    return bare_lines_of(on_disk.removeprefix("\ufeff")) == bare_lines_of(
        text.removeprefix("\ufeff")
    )
