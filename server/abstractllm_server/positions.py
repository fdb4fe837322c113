"""Places in a text, between LSP's lines and units and Python's offsets."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol.types import Position
from pygls.workspace import PositionCodec

from abstractllm.workspace.lines import lines_of


def offset_of(lines: Sequence[str], place: Position, codec: PositionCodec) -> int:
    """Return where a place is in the text of these lines.

    Beyond the end of a line is at its end, as LSP has it, and beyond the last line at
    the end of the text.
    """
    before = sum(map(len, lines[: place.line]))
    if place.line >= len(lines):
        return before
    return before + column_of(lines[place.line], place, codec)


def column_of(line: str, place: Position, codec: PositionCodec) -> int:
    """Return how many characters of its line come before a place."""
    line, units = line.rstrip("\r\n"), place.character
    if line.isascii():
        return min(units, len(line))
    for index, character in enumerate(line):
        if units <= 0:
            return index
        units -= codec.client_num_units(character)
    return len(line)


def replaced(
    text: str, edits: Sequence[tuple[Position, Position, str]], codec: PositionCodec
) -> str:
    """Return a text with ranges replaced, all given in the text as it is."""
    lines = lines_of(text)
    spans = [
        (offset_of(lines, start, codec), offset_of(lines, end, codec), new)
        for start, end, new in edits
    ]
    # From the last one on; what is put in one place stays in its order.
    for start, end, new in reversed(sorted(spans, key=lambda span: span[:2])):
        text = text[:start] + new + text[end:]
    return text
