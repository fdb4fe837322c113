"""ripgrep, where there is one: it tells which files are worth looking into.

It is given the folders that the walk came through and no more to decide: what is seen
and what matches is decided here, so that the answers are the same without it. It finds
at least every file that matches, and is believed in nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from abstractllm.workspace.children import end, output_of, start
from abstractllm.workspace.documents import Query
from abstractllm.workspace.folding import expression_of
from abstractllm.workspace.programs import find_program
from abstractllm.workspace.view import Narrowed

FEW = 500
"""Files that are read in less time than a process needs to start."""

_MANY = 10_000
"""Files that one process looks into; their names have room on a command line."""

_OPTIONS = (
    *("--no-config", "--no-messages", "--color=never", "--no-mmap", "--encoding=none"),
    *("--no-ignore", "--hidden", "--max-depth=1", "--files-with-matches", "--null"),
)

_NO_NEEDLE = re.compile(r"\A\Z|[\0\n\r\ud800-\udfff\ufffd]")


class Ripgrep:
    """Narrows a search down to the files that an expression fits in."""

    def __init__(
        self, program: str, arguments: Sequence[str], stop: threading.Event
    ) -> None:
        self._command = [program, *_OPTIONS, *arguments, "--"]
        self._stop = stop
        self._running: set[subprocess.Popen[bytes]] = set()

    def narrowed(
        self, folder: Path, names: Iterable[str], always: Collection[str]
    ) -> Iterator[str]:
        """Yield the names worth looking into; while one process runs, walk on."""
        names = iter(names)
        yield from islice(names, FEW)
        begun: list[tuple[list[str], subprocess.Popen[bytes] | None]] = []
        while batch := list(islice(names, _MANY)):
            begun.append((batch, self._start(folder, batch)))
            if len(begun) > 1:
                yield from self._found(*begun.pop(0), always)
        for waiting in begun:
            yield from self._found(*waiting, always)

    def end(self) -> None:
        """End the processes that nobody waits for any more."""
        for process in self._running:
            end(process)
        self._running.clear()

    def _start(
        self, folder: Path, names: Sequence[str]
    ) -> subprocess.Popen[bytes] | None:
        if len(names) < FEW:
            return None
        folders = dict.fromkeys(name[: name.rfind("/") + 1] for name in names)
        try:
            process = start(
                [*self._command, *(f"./{folder}" for folder in folders)], folder
            )
        except OSError:  # names too long for a command line, or no more processes
            return None
        self._running.add(process)
        return process

    def _found(
        self,
        names: Sequence[str],
        process: subprocess.Popen[bytes] | None,
        always: Collection[str],
    ) -> Iterable[str]:
        """Return the names that a process found: all of them where it failed."""
        if process is None:
            return names
        output = output_of(process, self._stop)
        self._running.discard(process)
        if output is None:
            return ()
        if process.returncode not in (0, 1):
            return names
        found = {os.fsdecode(name)[2:] for name in output.split(b"\0")}
        return (name for name in names if name in found or name in always)


@contextmanager
def narrowing(
    folders: Sequence[Path], query: Query, stop: threading.Event
) -> Iterator[Narrowed]:
    """Yield what narrows a search down, before the files are read."""
    arguments = _arguments(query)
    # Windows has no room for that many folders on a command line.
    program = None if os.name == "nt" else find_program("rg", folders)
    if program is None or arguments is None:
        yield everything
        return
    ripgrep = Ripgrep(program, arguments, stop)
    try:
        yield ripgrep.narrowed
    finally:
        ripgrep.end()


def everything(
    folder: Path, names: Iterable[str], always: Collection[str]
) -> Iterable[str]:
    """Leave no file out."""
    return names


def _arguments(query: Query) -> list[str] | None:
    """Return what ripgrep is to look for, `None` if it could miss a file.

    It knows no text that stands for bytes which are no UTF-8, or that spans lines.
    """
    if _NO_NEEDLE.search(query.text):
        return None
    if query.match_case:
        return ["--case-sensitive", "--fixed-strings", "--regexp", query.text]
    return ["--case-sensitive", "--regexp", expression_of(query.text)]
