"""A search by a regular expression, in a process of its own that can be ended.

Some expressions take longer than anybody waits, such as `(a+)+$` for a long line of
`a`, and Python cannot be stopped in the middle of one. `pattern_search` starts this
and tells it on stdin, as JSON, `{"folders", "buffers", "query", "seconds"}`; it answers
with `{"items", "complete"}` or `{"error"}`. Where one file takes too much time, it ends
without an answer.
"""

import json
import re
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from abstractllm.workspace.boundary import Boundary
from abstractllm.workspace.documents import Buffer, Query
from abstractllm.workspace.lines import bare_lines_of
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.search import Matcher, search_by
from abstractllm.workspace.view import View

_SECONDS = 2.0
"""Of the processor's time, for one block of a file."""


def main() -> None:
    """Answer the one order that stdin holds."""
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    query = Query(**order["query"])
    try:
        with _no_longer_than(_SECONDS):
            flags = 0 if query.match_case else re.IGNORECASE
            pattern = re.compile(query.text, flags)
    except (re.error, OverflowError, RecursionError) as error:
        return {"error": str(error)}
    stop = threading.Event()
    timer = threading.Timer(order["seconds"], stop.set)
    timer.daemon = True
    timer.start()
    buffers = {uri: Buffer(text=text) for uri, text in order["buffers"].items()}
    boundary = Boundary([Path(folder) for folder in order["folders"]])
    with Opener() as opener:
        view = View(boundary, buffers, opener, stop)
        return attrs.asdict(search_by(view, query, _matcher(pattern)))


def _matcher(pattern: re.Pattern[str]) -> Matcher:
    def matcher(block: str) -> Iterable[tuple[int, str]]:
        with _no_longer_than(_SECONDS):
            return [
                (index, line)
                for index, line in enumerate(bare_lines_of(block))
                if pattern.search(line)
            ]

    return matcher


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """End the process, by a signal that nobody handles, if it takes longer.

    Windows has no such signal; there, who waits for the answer ends it.
    """
    if sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main()
