"""Walking through a workspace folder, past all that may not be seen."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from abstractllm.errors import FileRefused
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.rules import (
    IGNORE_FILES,
    IgnoreRules,
    is_secret,
    is_secret_itself,
    with_parents,
)

_LARGEST_IGNORE_FILE = 1 << 18
"""Bytes of an ignore file that are read."""


class Walk:
    """The way through one workspace folder; names are relative to it."""

    def __init__(self, folder: Path, opener: Opener, stop: threading.Event) -> None:
        """Walk until `stop` is set."""
        self._folder = folder
        self._opener = opener
        self._stop = stop

    def ignores(self, name: str) -> bool:
        """Return whether a file is ignored, by itself or with a folder it lies in."""
        return self._rules_for(name) is None

    def files(self, below: str = "") -> Iterator[str]:
        """Yield the names of the files that may be seen, each folder's sorted.

        `below` is `""` or a folder's name, with a slash at its end. Links are passed
        over: what they lead to is listed where it is, if it is here.
        """
        rules = self._rules_for(below)
        if rules is None or is_secret(below):
            return
        way = [self._seen(below, rules)]
        while way:
            for path, rules in way[-1]:
                if self._stop.is_set():
                    return
                if path.endswith("/"):
                    way.append(self._seen(path, rules))
                    break
                yield path
            else:
                way.pop()

    def _seen(
        self, folder: str, rules: IgnoreRules
    ) -> Iterator[tuple[str, IgnoreRules]]:
        """Yield what may be seen in a folder, with the rules that count for it."""
        try:
            names = self._opener.entries(self._folder, folder.removesuffix("/"))
        except OSError:  # gone meanwhile, swapped for a link, or not ours to read
            return
        if any(name in names for name in IGNORE_FILES):
            rules = self._with_own(folder, rules)
        for name in names:
            path = folder + name
            if not (is_secret_itself(path) or rules.ignore_itself(path)):
                yield path, rules

    def _rules_for(self, path: str) -> IgnoreRules | None:
        """Return the rules that judge a path, `None` if they ignore it."""
        rules = IgnoreRules()
        above = ""
        for folder_or_file in with_parents(path):
            rules = self._with_own(above, rules)
            if rules.ignore_itself(folder_or_file):
                return None
            above = folder_or_file
        return rules

    def _with_own(self, folder: str, rules: IgnoreRules) -> IgnoreRules:
        text = "\n".join(self._ignore_files(folder))
        return rules.below(folder, text) if text else rules

    def _ignore_files(self, folder: str) -> Iterator[str]:
        for name in IGNORE_FILES:
            try:
                descriptor = self._opener.file(Place(self._folder, folder + name))
            except FileRefused:
                continue
            with os.fdopen(descriptor, "rb") as file:
                yield file.read(_LARGEST_IGNORE_FILE).decode("utf-8-sig", "replace")
