"""What an edit brings about: the problems that the editor then shows in a file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

from abstractllm.tools.edits import Report
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm_server.editor.queries import Problem, Queries, QueryFailed

WAIT_SECONDS = 2.0
"""How long language servers may take to look at a change."""

POLL_SECONDS = 0.2

MOST_PROBLEMS = 50


class ProblemWatch:
    """Compares a file's problems before and after a change."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def __call__(self, change: WorkspaceChange) -> Report:
        """Look at the files that will change; the report waits for the new problems."""
        names = {file.uri: file.name for file in change.files if file.after is not None}
        before = await self._all(names)

        async def report() -> str:
            after = await self._settled(before)
            told = (
                _told(name, before[uri], after[uri])
                for uri, name in names.items()
                if uri in before and uri in after
            )
            return "\n".join(told)

        return report

    async def _settled(
        self, before: dict[str, list[Problem]]
    ) -> dict[str, list[Problem]]:
        """Return the problems once they have changed and stay, or time is up."""
        last = before
        if not before:
            return before
        for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
            await asyncio.sleep(POLL_SECONDS)
            now = await self._all(before)
            if now == last != before:
                return now
            last = now
        return last

    async def _all(self, uris: Iterable[str]) -> dict[str, list[Problem]]:
        """Return the problems of the files of which something can be said."""
        found = {}
        for uri in uris:
            with suppress(QueryFailed):
                if (problems := await self._queries.reported(uri)) is not None:
                    found[uri] = problems
        return found


def _told(name: str, before: Sequence[Problem], after: Sequence[Problem]) -> str:
    """Return what is new in a file, and how much there is in all."""
    known = Counter(_what(problem) for problem in before)
    new = []
    for problem in after:
        if known[_what(problem)]:
            known[_what(problem)] -= 1
        else:
            new.append(problem)
    if not after:
        return f"The editor shows no problems in {name}."
    if not new:
        return f"The editor shows no new problems in {name}; {len(after)} are left."
    shown = [told(name, problem) for problem in new[:MOST_PROBLEMS]]
    return "\n".join([f"New problems in {name}, of {len(after)} in all:", *shown])


def told(name: str, problem: Problem) -> str:
    """Return a problem as a line, as compilers write it."""
    source = f" ({problem.source})" if problem.source else ""
    message = " ".join(problem.message.split())
    place = f"{name}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {message}{source}"


def _what(problem: Problem) -> tuple[str, str, str]:
    """Return a problem without its place: a change above it moves it."""
    return problem.severity, problem.message, problem.source
