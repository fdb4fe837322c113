"""A workspace at one moment, looked at in one thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from abstractllm.errors import FileMissing, FileRefused
from abstractllm.messages import Image
from abstractllm.pictures import LARGEST_PICTURE, picture_of
from abstractllm.workspace.boundary import Boundary, Place
from abstractllm.workspace.documents import Buffer, Document, Found, Listing
from abstractllm.workspace.globs import path_filter
from abstractllm.workspace.lines import is_saved_as
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.reading import read_bytes, read_text, text_blocks
from abstractllm.workspace.walk import Walk

T = TypeVar("T")

Text: TypeAlias = tuple[str, Iterator[str]]
"""A file's name and its text, in blocks of whole lines."""

Narrowed: TypeAlias = Callable[[Path, Iterable[str], Collection[str]], Iterable[str]]
"""Returns, of the names of files in a workspace folder, those worth looking into.

Those that are open in an editor, its last argument, are among them.
"""


class View:
    """Open buffers over files; whatever may not be seen is not there."""

    def __init__(
        self,
        boundary: Boundary,
        buffers: Mapping[str, Buffer],
        opener: Opener,
        stop: threading.Event,
    ) -> None:
        """Look until `stop` is set."""
        self.folders = boundary.folders
        self.stop = stop
        self._boundary = boundary
        self._opener = opener
        self._walks = {f: Walk(f, opener, stop) for f in boundary.folders}
        self._untitled = {u: b for u, b in buffers.items() if _is_untitled(u)}
        self._open: dict[Path, dict[str, Buffer]] = {f: {} for f in boundary.folders}
        for uri, buffer in buffers.items():
            if path := path_of_uri(uri):
                self._hold_open(Path(os.path.realpath(path)), buffer)

    def read(self, name: str, even_ignored: bool) -> Document:
        """Return a file by its path or URI; raises `FileRefused`."""
        if name in self._untitled:
            return self._untitled_document(name)
        return self._document(self.place(name, even_ignored))

    def picture(self, name: str) -> Image:
        """Return a picture by its path or URI, as it is on the disk.

        The user names it, so it may be ignored. Raises `FileRefused` for what may not
        be read, and `InvalidParameter` for what is no picture, or too large a one.
        """
        place = self.place(name, even_ignored=True)
        data = read_bytes(self._opener, place, LARGEST_PICTURE + 1)
        return picture_of(data, place.name)

    def folder(self, name: str, most: int) -> Listing:
        """Return up to `most` names of the files in a folder, by its path or URI.

        Raises `FileMissing` for what is no folder, and `FileRefused`.
        """
        place = self.place(name, even_ignored=True)
        if not place.path.is_dir():
            raise FileMissing(f"There is no folder {name}.")
        names = chain.from_iterable(names for _, names in self._files(str(place.path)))
        return Listing(uri=place.path.as_uri(), files=self.first(names, most))

    def place(self, name: str, even_ignored: bool = False) -> Place:
        """Return where a path or URI leads; it need not exist.

        Raises `FileRefused` for what is outside, secret or ignored.
        """
        place = self._boundary.place(path_of_uri(name) or name)
        if not even_ignored and self._walks[place.folder].ignores(place.name):
            raise FileRefused(
                f"{place.name} is ignored by the project's ignore files, so it is "
                "neither shown nor changed."
            )
        return place

    def untitled(self, uri: str) -> Buffer | None:
        """Return a document that was never saved."""
        return self._untitled.get(uri)

    def buffer(self, place: Place) -> Buffer | None:
        """Return the buffer in which a file is open."""
        return self._open[place.folder].get(place.name)

    def open_names(self, folder: Path) -> Collection[str]:
        """Return the names of the files in a workspace folder that are open."""
        return self._open[folder].keys()

    def list(self, folder: str, pattern: str, most: int) -> Found[str]:
        """Return up to `most` names of files; raises `FileRefused`."""
        names = chain.from_iterable(names for _, names in self._files(folder))
        return self.first(
            filter(path_filter(pattern), chain(names, self._untitled)), most
        )

    def texts(self, pattern: str, narrowed: Narrowed) -> Iterator[Text]:
        """Yield the files that a pattern names and that are left when `narrowed`."""
        fits = path_filter(pattern)
        for folder, names in self._files("."):
            for name in narrowed(folder, filter(fits, names), self._open[folder]):
                yield name, self._blocks(Place(folder, name))
        for uri in filter(fits, self._untitled):
            yield uri, iter([self._untitled[uri].text])

    def first(self, items: Iterable[T], most: int) -> Found[T]:
        """Return up to `most` items, and whether they are all there are."""
        taken = tuple(islice(items, most + 1))
        complete = len(taken) <= most and not self.stop.is_set()
        return Found(items=taken[:most], complete=complete)

    def _files(self, folder: str) -> Iterator[tuple[Path, Iterator[str]]]:
        """Yield workspace folders, and the names of the files in them.

        `"."` means all of them, anything else the part of one. Raises `FileRefused`.
        """
        if folder in ("", "."):
            for workspace_folder, walk in self._walks.items():
                yield workspace_folder, walk.files()
            return
        place = self._boundary.place(path_of_uri(folder) or folder)
        if not place.path.is_dir():
            raise FileRefused(f"{folder} is not a folder.")
        below = "" if place.name == "." else f"{place.name}/"
        yield place.folder, self._walks[place.folder].files(below)

    def _blocks(self, place: Place) -> Iterator[str]:
        if buffer := self.buffer(place):
            yield buffer.text
            return
        try:
            yield from text_blocks(self._opener, place)
        except FileRefused:  # gone meanwhile, or not ours to read
            return

    def _hold_open(self, path: Path, buffer: Buffer) -> None:
        for folder, buffers in self._open.items():
            if path.is_relative_to(folder):
                buffers[path.relative_to(folder).as_posix()] = buffer

    def _untitled_document(self, uri: str) -> Document:
        buffer = self._untitled[uri]
        return Document(
            name=uri, uri=uri, text=buffer.text, version=buffer.version, unsaved=True
        )

    def _document(self, place: Place) -> Document:
        uri = place.path.as_uri()
        buffer = self.buffer(place)
        if buffer is None:
            text, is_cut = read_text(self._opener, place)
            return Document(name=place.name, uri=uri, text=text, is_cut=is_cut)
        return Document(
            name=place.name,
            uri=uri,
            text=buffer.text,
            version=buffer.version,
            unsaved=not self._is_saved(place, buffer.text),
        )

    def _is_saved(self, place: Place, text: str) -> bool:
        try:
            on_disk, is_cut = read_text(self._opener, place)
        except FileRefused:
            return False
        return is_cut or is_saved_as(on_disk, text)


def path_of_uri(name: str) -> str | None:
    """Return the path of a `file:` URI, `None` for any other name."""
    parts = urlsplit(name)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    if os.name == "nt":
        from urllib.request import url2pathname  # loads an HTTP client

        return url2pathname(parts.path) or None
    return unquote(parts.path) or None


def _is_untitled(uri: str) -> bool:
    """Return whether a document was never saved.

    VS Code gives those a scheme of their own; Neovim's have a file's URI without a
    path. Other schemes are views of something, such as a diff.
    """
    return uri.startswith("untitled:") or uri == "file://"
