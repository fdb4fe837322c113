"""Judging which files may be changed, and what is in them now."""

from __future__ import annotations

import os
import stat

import attrs

from abstractllm.errors import FileMissing, FileRefused
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.documents import Buffer
from abstractllm.workspace.lines import is_saved_as
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.reading import LARGEST_FILE
from abstractllm.workspace.rules import NEVER_LISTED
from abstractllm.workspace.view import View, path_of_uri

REPLACEMENT = "\ufffd"
"""What an editor shows for bytes that are no text in the encoding it chose."""


@attrs.frozen(kw_only=True)
class Target:
    """A file that may be changed, as the user sees it.

    `text` is `None` where there is no file. Bytes that are no UTF-8 are lone surrogates
    in it, so that they stay what they are. `version` is the editor's, of an open
    buffer, and `buffer_uri` what the editor calls that. `unsaved` tells that the disk
    holds another text than the buffer, or none. `mode` are the file's permissions on
    the disk, where it is there.
    """

    uri: str
    name: str
    place: Place | None
    """`None` for a document that was never saved."""
    text: str | None
    version: int | None = None
    is_open: bool = False
    buffer_uri: str | None = None
    unsaved: bool = False
    mode: int | None = None

    @property
    def is_utf8(self) -> bool:
        """Whether the file's bytes are all UTF-8, as far as known from here."""
        return self.is_open or is_utf8(self.text or "")


def target(view: View, opener: Opener, name: str) -> Target:
    """Return the file of a path or URI, which need not be there.

    Raises `FileRefused` for what is outside the workspace, secret, ignored, reached by
    a link, no regular file, binary, read-only, or too large.
    """
    if buffer := view.untitled(name):
        return Target(
            uri=name,
            name=name,
            place=None,
            text=buffer.text,
            version=buffer.version,
            is_open=True,
            buffer_uri=buffer.uri or name,
            unsaved=True,
        )
    place = view.place(name)
    if NEVER_LISTED.intersection(place.name.lower().split("/")):
        raise FileRefused(f"{place.name} is not the project's, so it is not changed.")
    _refuse_links(name, place)
    if place.path.is_dir():
        raise FileRefused(f"{place.name} is a folder.")
    data, mode = _on_disk(opener, place)
    buffer = view.buffer(place)
    found = Target(
        uri=place.path.as_uri(),
        name=place.name,
        place=place,
        text=None if data is None else data.decode("utf-8", "surrogateescape"),
        mode=mode,
    )
    return found if buffer is None else _opened(found, buffer)


def _opened(found: Target, buffer: Buffer) -> Target:
    if not found.is_utf8 and REPLACEMENT in buffer.text:
        raise FileRefused(
            f"{found.name} is not UTF-8, and its buffer does not show it as it is. Ask "
            "the user to open it again with its encoding."
        )
    on_disk = found.text
    return attrs.evolve(
        found,
        text=buffer.text,
        version=buffer.version,
        is_open=True,
        buffer_uri=buffer.uri or found.uri,
        unsaved=on_disk is None or not is_saved_as(on_disk, buffer.text),
    )


def _refuse_links(name: str, place: Place) -> None:
    """Refuse a relative name that leads to a file of another name."""
    path = path_of_uri(name) or name
    if os.path.isabs(path) and not path.startswith(f"{place.folder}{os.sep}"):
        return  # the workspace itself may be reached by a link
    relative = os.path.relpath(os.path.join(place.folder, path), place.folder)
    if relative.replace(os.sep, "/") != place.name:
        raise FileRefused(
            f"{name} goes through a link. Nothing is changed through links: its real "
            f"name is {place.name}."
        )


def _on_disk(opener: Opener, place: Place) -> tuple[bytes | None, int | None]:
    """Return a file's bytes and permissions, if it is there."""
    try:
        descriptor = opener.file(place)
    except FileMissing:
        return None, None
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        data = file.read(LARGEST_FILE + 1)
    # root may write anything; what its owner made read-only, he meant to be.
    if not mode & 0o222 or not os.access(place.path, os.W_OK):
        raise FileRefused(f"{place.name} is read-only.")
    if b"\0" in data:
        raise FileRefused(f"{place.name} is a binary file.")
    if len(data) > LARGEST_FILE:
        raise FileRefused(f"{place.name} is larger than what can be changed.")
    return data, mode


def shown(text: str) -> str:
    """Return a target's text as models are shown it, with marks for bytes."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # a buffer's, which holds half a character
        return text


def is_utf8(text: str) -> bool:
    """Return whether a text holds neither bytes nor halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
