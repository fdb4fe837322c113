"""A workspace at one moment, looked at in one thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from abstractllm.errors import FileRefused
from abstractllm.workspace.boundary import Boundary, Place, open_regular
from abstractllm.workspace.documents import Buffer, Document, Found, Match
from abstractllm.workspace.rules import IgnoreRules

T = TypeVar("T")

LARGEST_FILE = 4 << 20
"""Bytes of a file that are read."""

_BINARY_SAMPLE = 8192


class View:
    """Open buffers over files; whatever may not be seen is not there."""

    def __init__(
        self,
        boundary: Boundary,
        buffers: Mapping[str, Buffer],
        stop: threading.Event,
    ) -> None:
        """Look until `stop` is set."""
        self._boundary = boundary
        self._stop = stop
        self._rules = {folder: IgnoreRules(folder) for folder in boundary.folders}
        self._untitled: dict[str, Buffer] = {}
        self._open: dict[Path, Buffer] = {}
        for uri, buffer in buffers.items():
            if path := path_of_uri(uri):
                self._open[Path(os.path.realpath(path))] = buffer
            elif _is_untitled(uri):
                self._untitled[uri] = buffer

    def read(self, name: str, even_ignored: bool) -> Document:
        """Return a file by its path or URI; raises `FileRefused`."""
        if name in self._untitled:
            return self._untitled_document(name)
        place = self._boundary.place(path_of_uri(name) or name)
        if not even_ignored and self._rules[place.folder].ignores(place.path):
            raise FileRefused(
                f"{place.name} is ignored by the project's ignore files, so it is not "
                "shown."
            )
        return self._document(place)

    def list(self, folder: str, pattern: str, most: int) -> Found[str]:
        """Return up to `most` names of files; raises `FileRefused`."""
        names = []
        for place in self._places(folder):
            if _fits(place.name, pattern):
                names.append(place.name)
                if len(names) > most:
                    break
        names += [uri for uri in self._untitled if _fits(uri, pattern)]
        return self._found(names, most)

    def search(
        self, text: str, pattern: str, most: int, match_case: bool
    ) -> Found[Match]:
        """Return up to `most` lines that hold `text`."""
        wanted = text if match_case else text.casefold()
        matches: list[Match] = []
        any_cut = False
        for document in self._documents(pattern):
            any_cut = any_cut or document.is_cut
            for number, line in enumerate(document.text.splitlines(), 1):
                if wanted in (line if match_case else line.casefold()):
                    matches.append(Match(name=document.name, line=number, text=line))
                    if len(matches) > most:
                        return self._found(matches, most)
        return self._found(matches, most, complete=not any_cut)

    def _found(
        self, items: Sequence[T], most: int, *, complete: bool = True
    ) -> Found[T]:
        all_of_them = complete and len(items) <= most and not self._stop.is_set()
        return Found(items=tuple(items[:most]), complete=all_of_them)

    def _documents(self, pattern: str) -> Iterator[Document]:
        for place in self._places("."):
            if _fits(place.name, pattern):
                try:
                    yield self._document(place)
                except FileRefused:  # binary, or gone meanwhile
                    continue
        for uri in self._untitled:
            if _fits(uri, pattern):
                yield self._untitled_document(uri)

    def _untitled_document(self, uri: str) -> Document:
        buffer = self._untitled[uri]
        return Document(
            name=uri, uri=uri, text=buffer.text, version=buffer.version, unsaved=True
        )

    def _document(self, place: Place) -> Document:
        uri = place.path.as_uri()
        buffer = self._open.get(place.path)
        if buffer is None:
            text, is_cut = _read_text(place)
            return Document(name=place.name, uri=uri, text=text, is_cut=is_cut)
        return Document(
            name=place.name,
            uri=uri,
            text=buffer.text,
            version=buffer.version,
            unsaved=not _is_saved(place, buffer.text),
        )

    def _places(self, folder: str) -> Iterator[Place]:
        """Yield the files below a folder; `"."` means all the workspace's folders."""
        if folder in ("", "."):
            for root in self._boundary.folders:
                yield from self._walk(root, self._rules[root])
            return
        place = self._boundary.place(path_of_uri(folder) or folder)
        if not place.path.is_dir():
            raise FileRefused(f"{folder} is not a folder.")
        yield from self._walk(place.path, self._rules[place.folder])

    def _walk(self, folder: Path, rules: IgnoreRules) -> Iterator[Place]:
        """Yield the files that may be seen, sorted by name.

        Links are passed over: what they lead to is listed where it is, if it is here.
        """
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:  # gone meanwhile, or not ours to read
            return
        for entry in entries:
            if self._stop.is_set():
                return
            path = Path(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False)
            place = self._boundary.visible(path, is_folder=is_folder)
            if place is None or rules.ignores_itself(path, is_folder=is_folder):
                continue
            if is_folder:
                yield from self._walk(path, rules)
            elif entry.is_file(follow_symlinks=False):
                yield place


def path_of_uri(name: str) -> str | None:
    """Return the path of a `file:` URI, `None` for any other name."""
    parts = urlsplit(name)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    return (
        url2pathname(parts.path) if os.name == "nt" else unquote(parts.path)
    ) or None


def _is_untitled(uri: str) -> bool:
    """Return whether a document was never saved.

    VS Code gives those a scheme of their own; Neovim's have a file's URI without a
    path. Other schemes are views of something, such as a diff.
    """
    return uri.startswith("untitled:") or uri == "file://"


def _is_saved(place: Place, text: str) -> bool:
    try:
        on_disk, is_cut = _read_text(place)
    except FileRefused:
        return False
    return is_cut or on_disk.splitlines() == text.splitlines()


def _read_text(place: Place) -> tuple[str, bool]:
    """Return a file's text, and whether it goes on; raises `FileRefused`."""
    with os.fdopen(open_regular(place), "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if b"\0" in data[:_BINARY_SAMPLE]:
        raise FileRefused(f"{place.name} is a binary file.")
    text = data[:LARGEST_FILE].decode("utf-8", "replace")
    return text, len(data) > LARGEST_FILE


def _fits(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) or fnmatch(name.rpartition("/")[2], pattern)
