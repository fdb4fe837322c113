"""The piece of a text that a search shows, with what was found in it marked."""

from __future__ import annotations

LENGTH = 120
"""Characters of a snippet, about."""

BEFORE = 40
"""Characters before the first match, at most."""


def fold(text: str) -> str:
    """Return a text without the difference of small and capital letters.

    Each character stays one character, so that places in the one are places in the
    other; the index of SQLite folds so too.
    """
    folded = text.casefold()
    return folded if len(folded) == len(text) else "".join(map(_folded, text))


def _folded(letter: str) -> str:
    for folded in (letter.casefold(), letter.lower()):
        if len(folded) == 1:
            return folded
    return letter


def snippet(text: str, words: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a line around the first match of folded words, and all matches in it.

    A match is where it begins and ends, in characters of the line.
    """
    place = max(fold(text).find(words), 0)
    start = max(0, place - BEFORE)
    end = min(len(text), max(place + len(words), start + LENGTH))
    line = "".join(c if c.isprintable() else " " for c in text[start:end])
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    shown = f"{head}{line}{tail}"
    return shown, tuple(_matches(fold(shown), _plain(words)))


def _plain(words: str) -> str:
    return "".join(c if c.isprintable() else " " for c in words)


def _matches(text: str, words: str) -> list[tuple[int, int]]:
    found, at = [], text.find(words)
    while at >= 0:
        found.append((at, at + len(words)))
        at = text.find(words, at + len(words))
    return found
