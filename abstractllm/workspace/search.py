"""Searching a view of the workspace for lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from abstractllm.workspace.documents import Found, Match, Query
from abstractllm.workspace.lines import bare_lines_of
from abstractllm.workspace.ripgrep import everything, narrowing
from abstractllm.workspace.view import Narrowed, Text, View

Matcher: TypeAlias = Callable[[str], Iterable[tuple[int, str]]]
"""Returns the lines of a text that match, each with how many come before it."""

_LONGEST_LINE = 10_000
"""Characters of a matching line that are kept."""


def search(view: View, query: Query) -> Found[Match]:
    """Return the lines that hold a text, in the order of their files."""
    with narrowing(view.folders, query, view.stop) as narrowed:
        return search_by(view, query, _holding(query), narrowed)


def search_by(
    view: View, query: Query, matcher: Matcher, narrowed: Narrowed = everything
) -> Found[Match]:
    """Return the lines that a matcher finds, in the order of their files."""
    matches = (
        match
        for text in view.texts(query.pattern, narrowed)
        for match in _matches(text, matcher)
    )
    return view.first(matches, query.most)


def _holding(query: Query) -> Matcher:
    wanted = query.text if query.match_case else query.text.casefold()

    def holds(text: str) -> bool:
        return wanted in (text if query.match_case else text.casefold())

    def matcher(block: str) -> Iterable[tuple[int, str]]:
        lines = bare_lines_of(block) if holds(block) else ()
        return ((index, line) for index, line in enumerate(lines) if holds(line))

    return matcher


def _matches(text: Text, matcher: Matcher) -> Iterator[Match]:
    name, blocks = text
    first, previous = 1, ""
    for block in blocks:
        first += _whole_lines(previous)
        for index, line in matcher(block):
            yield Match(name=name, line=first + index, text=line[:_LONGEST_LINE])
        previous = block


def _whole_lines(block: str) -> int:
    return len(bare_lines_of(block)) - (block != "" and not block.endswith("\n"))
