"""A workspace: reading, listing and searching files as the user sees them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from abstractllm.workspace.boundary import Boundary
from abstractllm.workspace.documents import Buffer, Document, Found, Match, Query
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.pattern_search import search_by_pattern
from abstractllm.workspace.search import search
from abstractllm.workspace.targets import Target, target
from abstractllm.workspace.view import View

T = TypeVar("T")

Buffers = Callable[[], Mapping[str, Buffer]]
"""Returns the open documents by their URIs; called on the event loop."""

PATIENCE_SECONDS = 20.0
"""After this, a list or a search is given as far as it came."""


class Workspace:
    """The files of some folders; nothing outside them is ever read.

    `buffers` are the open documents: they win over the disk, and those that were never
    saved go by their URI (`untitled:Untitled-1`). The disk is read in threads.
    """

    def __init__(self, folders: Sequence[Path], buffers: Buffers = lambda: {}) -> None:
        self._boundary = Boundary(folders)
        self._buffers = buffers

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders, with no link on the way to them."""
        return self._boundary.folders

    async def read(self, name: str, *, even_ignored: bool = False) -> Document:
        """Return a file by its path or URI; raises `FileRefused`."""
        return await self.look(lambda view: view.read(name, even_ignored))

    async def target(self, name: str) -> Target:
        """Return a file to be changed, there or not; raises `FileRefused`."""
        return await self._look_open(lambda view, opener: target(view, opener, name))

    async def list(self, folder: str, pattern: str, most: int) -> Found[str]:
        """Return the names of files below a folder.

        `pattern` is a glob (gitignore(5)) for the whole name, or for its last part if
        it has no slash. Raises `FileRefused`.
        """
        return await self.look(lambda view: view.list(folder, pattern, most))

    async def search(
        self,
        text: str,
        pattern: str,
        most: int,
        *,
        match_case: bool,
        regex: bool = False,
    ) -> Found[Match]:
        """Return the lines that hold `text`, in the order of their files.

        A `regex` is searched for in a process of its own. Raises `InvalidParameter`
        for one that is not valid, or takes too long.
        """
        query = Query(
            text=text, pattern=pattern, most=most, match_case=match_case, regex=regex
        )
        if regex:
            return await self._in_thread(partial(self._search_apart, query))
        return await self.look(lambda view: search(view, query))

    def _search_apart(
        self, query: Query, buffers: Mapping[str, Buffer], stop: threading.Event
    ) -> Found[Match]:
        folders = self._boundary.folders
        return search_by_pattern(folders, buffers, query, PATIENCE_SECONDS * 0.9, stop)

    async def look(self, look: Callable[[View], T]) -> T:
        """Return what `look` makes of the files at this moment, in a thread."""
        return await self._look_open(lambda view, _: look(view))

    async def _look_open(self, look: Callable[[View, Opener], T]) -> T:
        def look_now(buffers: Mapping[str, Buffer], stop: threading.Event) -> T:
            with Opener() as opener:
                return look(View(self._boundary, buffers, opener, stop), opener)

        return await self._in_thread(look_now)

    async def _in_thread(
        self, act: Callable[[Mapping[str, Buffer], threading.Event], T]
    ) -> T:
        buffers = dict(self._buffers())
        stop = threading.Event()
        timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, stop.set)
        try:
            return await asyncio.to_thread(act, buffers, stop)
        finally:
            timer.cancel()
            stop.set()  # who is cancelled does not leave a search behind
