"""How LSP 3.17 has text edits applied, written as plainly as it says so.

Lines end with a newline, a carriage return, or both; a character's units are those of
the negotiated encoding. No code of ours, nor of pygls, is used.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


def units(text: str, encoding: Encoding) -> int:
    """Return how many units a text has."""
    data = text.encode(_CODECS[encoding], "surrogatepass")
    return len(data) // _UNIT_BYTES[encoding]


def offset(text: str, line: int, character: int, encoding: Encoding) -> int | None:
    """Return where a position is; `None` in the middle of a character."""
    return _offset(text, _starts(text), line, character, encoding)


def applied(text: str, edits: Sequence[Mapping[str, Any]], encoding: Encoding) -> str:
    """Return a text with `TextEdit`s applied, all given in the text as it is."""
    starts = _starts(text)
    spans = []
    for number, edit in enumerate(edits):
        start, end = (
            _offset(text, starts, place["line"], place["character"], encoding)
            for place in (edit["range"]["start"], edit["range"]["end"])
        )
        assert start is not None, "an edit begins in the middle of a character"
        assert end is not None, "an edit ends in the middle of a character"
        assert start <= end, "an edit ends before it begins"
        spans.append((start, end, number, edit["newText"]))
    result, done = [], 0
    for start, end, _, new in sorted(spans):
        assert start >= done, "edits overlap"
        result += [text[done:start], new]
        done = end
    return "".join([*result, text[done:]])


def _starts(text: str) -> list[int]:
    """Return where each line begins."""
    return [0, *(end.end() for end in re.finditer("\r\n|\n|\r", text))]


def _offset(
    text: str, starts: Sequence[int], line: int, character: int, encoding: Encoding
) -> int | None:
    if line >= len(starts):
        return len(text)
    found = re.compile("[^\r\n]*").match(text, starts[line])
    assert found is not None
    content = found.group()
    for count in range(len(content) + 1):
        size = units(content[:count], encoding)
        if size >= character:
            return starts[line] + count if size == character else None
    return starts[line] + len(content)
