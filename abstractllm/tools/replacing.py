"""Replacing pieces of a text exactly, and telling what is near a missing one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

from abstractllm.errors import ChangeRefused
from abstractllm.workspace.lines import bare_lines_of, lines_of

MOST_SHOWN = 5
"""How many places are named where a piece is there more than once."""


# Of a kind that pydantic knows: models are told of it.
@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A piece of a text, and what takes its place; once, or wherever it is."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    old: str
    new: str
    all: bool = False


def replaced(text: str, replacements: Sequence[Replacement]) -> str:
    """Return a text with pieces replaced, each in what the ones before it left.

    A piece's line ends are those of the text, whichever it has itself. Raises
    `ChangeRefused` with a sentence for the model.
    """
    for number, replacement in enumerate(replacements, 1):
        where = f"Edit {number}: " if len(replacements) > 1 else ""
        text = _Lines(text).replaced(replacement, where)
    return text


def with_line_ends_of(text: str, pattern: str) -> str:
    """Return a text with the line ends that most lines of another text have."""
    end = _line_end(pattern)
    plain = text.replace("\r\n", "\n")
    return plain if end == "\n" else plain.replace("\n", end)


class _Lines:
    """A text, looked at as if all its lines ended with a newline."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = text.replace("\r\n", "\n")
        ends = (match.start() for match in re.finditer("\r\n", text))
        self._shifts = [place - n for n, place in enumerate(ends)]
        """Where in the plain text a carriage return is left out."""

    def replaced(self, replacement: Replacement, where: str) -> str:
        old = replacement.old.replace("\r\n", "\n")
        if not old:
            raise ChangeRefused(
                f"{where}`old` is empty. To add text, repeat a line that is there and "
                "add to it."
            )
        step = len(old) if replacement.all else 1
        places = list(_places(self._plain, old, step))
        if not places:
            raise ChangeRefused(f"{where}{self._missing(old)}")
        if len(places) > 1 and not replacement.all:
            raise ChangeRefused(f"{where}{self._ambiguous(places)}")
        new = with_line_ends_of(replacement.new, self._text)
        return "".join(self._pieces(places, len(old), new))

    def _pieces(self, places: Sequence[int], length: int, new: str) -> Iterator[str]:
        done = 0
        for place in places:
            yield self._text[done : self._original(place)]
            yield new
            done = self._original(place + length)
        yield self._text[done:]

    def _original(self, place: int) -> int:
        return place + bisect_left(self._shifts, place)

    def _ambiguous(self, places: Sequence[int]) -> str:
        first = places[:MOST_SHOWN]
        numbers = (len(lines_of(f"{self._plain[:place]}.")) for place in first)
        shown = ", ".join(map(str, numbers))
        more = " and more" if len(places) > MOST_SHOWN else ""
        return (
            f"`old` is there {len(places)} times, in lines {shown}{more}. Repeat more "
            "of the lines around it, or set `all` to replace every one."
        )

    def _missing(self, old: str) -> str:
        near = _nearest(self._plain, old)
        if near is None:
            return "`old` is not there, and nothing like it. Read the file again."
        return f"`old` is not there. The nearest lines are:\n{near}"


def _places(text: str, piece: str, step: int) -> Iterator[int]:
    """Yield where a piece is; a `step` of 1 finds those that overlap, too."""
    place = text.find(piece)
    while place >= 0:
        yield place
        place = text.find(piece, place + step)


def _nearest(text: str, old: str) -> str | None:
    """Return the lines that look most like the first one that says something."""
    lines = bare_lines_of(text)
    wanted = old.strip("\n").split("\n")
    first = next((line for line in wanted if line.strip()), "")
    stripped = [line.strip() for line in lines]
    close = get_close_matches(first.strip(), stripped, n=1, cutoff=0.6)
    if not first or not close:
        return None
    at = stripped.index(close[0])
    begin, end = max(at - 1, 0), at + len(wanted) + 1
    shown = lines[begin:end]
    return "\n".join(f"{begin + n:>6}  {line}" for n, line in enumerate(shown, 1))


def _line_end(text: str) -> str:
    lines = lines_of(text)
    windows = sum(line.endswith("\r\n") for line in lines)
    return "\r\n" if windows * 2 > len(lines) - 1 and windows else "\n"
