"""Which files may be seen at all: inside the workspace, regular, and no secrets.

Every path is resolved before it is used, symbolic links and `..` included, and judged
by what it leads to as well as by what it is called. What comes from a model or from a
file is only a name until it has passed here.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import attrs

from abstractllm.errors import FileMissing, FileRefused
from abstractllm.workspace.rules import is_secret


@attrs.frozen
class Place:
    """A file or folder inside the workspace.

    `path` is resolved: absolute and free of links. `name` is how it is called in the
    workspace, with forward slashes; `folder` is the workspace folder that holds it.
    """

    path: Path
    name: str
    folder: Path


class Boundary:
    """The folders of a workspace, and the way into them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(os.path.realpath(folder)) for folder in folders)

    def place(self, name: str) -> Place:
        """Return where a path leads: absolute, or relative to a workspace folder.

        It need not exist. Raises `FileRefused` for what lies outside and for secrets.
        """
        if "\0" in name:
            raise FileRefused("A path cannot hold a NUL character.")
        found = None
        for folder in self.folders:
            place = self._inside(Path(os.path.realpath(folder / name)))
            if place and (found is None or not found.path.exists()):
                found = place
        if found is None:
            raise FileRefused(f"{name} is not inside the workspace.")
        if is_secret(name) or is_secret(found.name):
            raise FileRefused(
                f"{name} may hold keys or passwords, so it is not shown. Only the "
                "user can look into it."
            )
        return found

    def visible(self, path: Path, *, is_folder: bool) -> Place | None:
        """Return the place of a resolved path, `None` for what may not be seen."""
        place = self._inside(path)
        if place is None or is_secret(place.name + ("/" if is_folder else "")):
            return None
        return place

    def _inside(self, path: Path) -> Place | None:
        for folder in self.folders:
            if path.is_relative_to(folder):
                return Place(path, path.relative_to(folder).as_posix(), folder)
        return None


def open_regular(place: Place) -> int:
    """Return a descriptor to read a regular file with.

    Opening never waits, as it would for a pipe, and never follows a link that took the
    file's place. Raises `FileRefused`.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(place.path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise FileMissing(f"{place.name} does not exist.") from None
    except OSError as error:
        raise FileRefused(f"{place.name} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused(f"{place.name} is not a regular file.")
    return descriptor
