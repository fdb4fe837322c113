"""A text in any case, as a regular expression that ripgrep understands.

Python and ripgrep fold case by different tables: `str.casefold` finds `ß` by `ss`, and
the tables are of different years. So the expression names every character that counts,
and leaves ripgrep nothing to fold.
"""

from collections import defaultdict
from functools import cache

_LAST_WITH_CASE = 0x1FFFF
"""No character beyond the second plane of Unicode has a case."""


def expression_of(text: str) -> str:
    """Return what fits wherever `text` is in a text, both of them casefolded.

    It may fit elsewhere too. Its syntax is of Rust's `regex`.
    """
    folded = text.casefold()
    letters = "".join(_one_of([c, *_singles()[c]]) for c in folded)
    overlapping = [c for c in _expanding() if _overlap(c.casefold(), folded)]
    return f"{letters}|{_one_of(overlapping)}" if overlapping else letters


@cache
def _singles() -> defaultdict[str, list[str]]:
    """Return the characters that fold to another one, by that one."""
    found = defaultdict(list)
    for character in map(chr, range(_LAST_WITH_CASE)):
        folded = character.casefold()
        if folded != character and len(folded) == 1:
            found[folded].append(character)
    return found


@cache
def _expanding() -> tuple[str, ...]:
    """Return the characters that fold to several."""
    characters = map(chr, range(_LAST_WITH_CASE))
    return tuple(c for c in characters if len(c.casefold()) > 1)


def _overlap(expansion: str, text: str) -> bool:
    """Return whether a place where `text` is can share some of an expansion."""
    return (
        expansion in text
        or text in expansion
        or any(
            text.startswith(expansion[cut:]) or text.endswith(expansion[:cut])
            for cut in range(1, len(expansion))
        )
    )


def _one_of(characters: list[str]) -> str:
    codes = (f"\\x{{{ord(character):x}}}" for character in characters)
    return f"[{''.join(codes)}]"
