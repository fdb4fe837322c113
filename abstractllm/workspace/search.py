"""Searching a view of the workspace for lines that hold a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from abstractllm.workspace.documents import Found, Match, Query
from abstractllm.workspace.ripgrep import narrowing
from abstractllm.workspace.view import Text, View


def search(view: View, query: Query) -> Found[Match]:
    """Return the lines that match, in the order of their files."""
    fits = _predicate(query)
    with narrowing(view.folders, query, view.stop) as narrowed:
        matches = (
            match
            for text in view.texts(query.pattern, narrowed)
            for match in _matches(text, fits)
        )
        return view.first(matches, query.most)


def _predicate(query: Query) -> Callable[[str], bool]:
    wanted = query.text
    if query.match_case:
        return lambda text: wanted in text
    wanted = wanted.casefold()
    return lambda text: wanted in text.casefold()


def _matches(text: Text, fits: Callable[[str], bool]) -> Iterator[Match]:
    name, blocks = text
    first, previous = 1, ""
    for block in blocks:
        first += _whole_lines(previous)
        for number, line in enumerate(block.splitlines() if fits(block) else (), first):
            if fits(line):
                yield Match(name=name, line=number, text=line)
        previous = block


def _whole_lines(block: str) -> int:
    return len(block.splitlines()) - (block != "" and not block.endswith("\n"))
