"""What differs between two texts, line by line."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

import attrs

CONTEXT = 3
"""Unchanged lines that are shown around changed ones, as by `diff -u`."""

MOST_CELLS = 40_000
"""Lines of one text times lines of another that `difflib` compares.

It finds what people would, but in a time that grows with the square and more.
"""

Pair: TypeAlias = tuple[int, int]
"""A line of the old text and the equal line of the new one, by their numbers."""


@attrs.frozen
class Block:
    """Lines `start` to `end` of a text that become `new_start` to `new_end` of another.

    All from zero, the ends exclusive.
    """

    start: int
    end: int
    new_start: int
    new_end: int


@attrs.frozen
class Hunk:
    """Blocks so near to each other that they are shown together."""

    blocks: tuple[Block, ...]


def hunks_between(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Return how one text's lines become another's, in order."""
    groups: list[list[Block]] = []
    for block in _blocks(old, new):
        if groups and block.start - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    return [Hunk(tuple(group)) for group in groups]


def with_hunks(old: Sequence[str], new: Sequence[str], hunks: Iterable[Hunk]) -> str:
    """Return the old text with these hunks, in order, changed to the new one's."""
    result: list[str] = []
    done = 0
    for block in (block for hunk in hunks for block in hunk.blocks):
        result += old[done : block.start]
        result += new[block.new_start : block.new_end]
        done = block.end
    return "".join([*result, *old[done:]])


def unified(
    old: Sequence[str], new: Sequence[str], hunks: Iterable[Hunk]
) -> Iterator[str]:
    """Yield the lines of the hunks as a unified diff has them, without their ends."""
    for hunk in hunks:
        first, last = hunk.blocks[0], hunk.blocks[-1]
        before = min(first.start, CONTEXT)
        after = min(len(old) - last.end, CONTEXT)
        yield (
            f"@@ -{_extent(first.start - before, last.end + after)} "
            f"+{_extent(first.new_start - before, last.new_end + after)} @@"
        )
        shown = first.start - before
        for block in hunk.blocks:
            yield from _shown(" ", old[shown : block.start])
            yield from _shown("-", old[block.start : block.end])
            yield from _shown("+", new[block.new_start : block.new_end])
            shown = block.end
        yield from _shown(" ", old[shown : last.end + after])


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """Yield what lies between the lines that stay."""
    start = new_start = 0
    for end, new_end in (*_staying(old, new), (len(old), len(new))):
        if end > start or new_end > new_start:
            yield Block(start, end, new_start, new_end)
        start, new_start = end + 1, new_end + 1


def _staying(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """Yield the lines that stay: those there is but one of, and more between them.

    This is Bram Cohen's patience diff. https://bramcohen.livejournal.com/73318.html
    """
    start = new_start = 0
    for end, new_end in (*_in_order(_single(old, new)), (len(old), len(new))):
        gap = _between(old[start:end], new[new_start:new_end])
        yield from ((start + place, new_start + new_place) for place, new_place in gap)
        if end < len(old):
            yield end, new_end
        start, new_start = end + 1, new_end + 1


def _single(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    counts, new_counts = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if new_counts[line] == 1}
    return [
        (place, places[line])
        for place, line in enumerate(old)
        if counts[line] == 1 and line in places
    ]


def _between(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    if len(old) * len(new) > MOST_CELLS:
        return _in_order(_by_turns(old, new))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        (match.a + n, match.b + n)
        for match in matcher.get_matching_blocks()
        for n in range(match.size)
    ]


def _by_turns(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the first of each line with the first, the second with the second, …."""
    places = defaultdict[str, deque[int]](deque)
    for place, line in enumerate(new):
        places[line].append(place)
    return [
        (place, places[line].popleft())
        for place, line in enumerate(old)
        if places.get(line)
    ]


def _in_order(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the most pairs that are in order in both texts.

    They are sorted by the first place, and each place is there once: what is sought is
    the longest increasing subsequence of the second ones.
    """
    lasts: list[int] = []
    """The smallest place that a sequence of each length can end with."""
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(lasts, place)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    chosen: list[Pair] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def _extent(start: int, end: int) -> str:
    """Return a range as diff writes it: from 1, and from 0 where it holds no line."""
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"


def _shown(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        stripped = line.rstrip("\r\n")
        yield sign + stripped
        if stripped == line:
            yield "\\ No newline at end of file"
