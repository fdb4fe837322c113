"""What differs between two texts, line by line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

import attrs

CONTEXT = 3
"""Unchanged lines that are shown around changed ones, as by `diff -u`."""

MOST_PAIRS = 2_000_000
"""Pairs of equal lines that are compared; beyond, it would take minutes.

A text of many lines that are there again and again, such as data, is then taken to be
replaced as a whole, from the first line that differs to the last.
"""

Opcode: TypeAlias = tuple[str, int, int, int, int]
"""Of `difflib`: what happens to which lines."""


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
    # What is the same at both ends is set aside first: of a long file little is left.
    begin = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), len(old) - begin, len(new) - begin)
    old, new = old[begin : len(old) - end], new[begin : len(new) - end]
    for tag, start, stop, new_start, new_stop in _opcodes(old, new):
        if tag != "equal":
            yield Block(
                begin + start, begin + stop, begin + new_start, begin + new_stop
            )


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[Opcode]:
    counts = Counter(new)
    rare = len(new) // 100 + 1 if len(new) >= 200 else len(new)  # as `autojunk` has it
    pairs = sum(counts[line] for line in old if counts[line] <= rare)
    if pairs > MOST_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new).get_opcodes()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


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
