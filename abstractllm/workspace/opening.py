"""Opening files and folders of a workspace so that no link leads out of it.

A path that was judged may have become another before it is opened: a folder on the way
may have been swapped for a link. So every part of it is opened by itself, from the
workspace folder down, and none of them may be a link (openat(2), O_NOFOLLOW).
"""

import contextlib
import errno
import os
import stat
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from abstractllm.errors import FileMissing, FileRefused
from abstractllm.workspace.boundary import Place

_STEP_BY_STEP = os.open in os.supports_dir_fd

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0) | _NO_LINK
_ON_THE_WAY = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY)
_FILE = (
    _NO_LINK
    | os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait
)


Spot: TypeAlias = tuple[str, int | None]
"""A name, and the open folder it is relative to: a path where there is none."""


class Opener:
    """Opens what lies in a workspace.

    The folder it went through last stays open, as files are asked for side by side. It
    is for one thread, and for one look at the workspace.
    """

    def __init__(self) -> None:
        self._way: tuple[Path, str] | None = None
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def file(self, place: Place) -> int:
        """Return a descriptor to read a regular file with; the caller closes it.

        Raises `FileMissing`, or `FileRefused` for what is no regular file or reached
        by a link.
        """
        try:
            descriptor = self._open(place, _FILE)
        except FileNotFoundError:
            raise FileMissing(f"{place.name} does not exist.") from None
        except OSError as error:
            raise FileRefused(
                f"{place.name} cannot be read: {error.strerror}."
            ) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileRefused(f"{place.name} is not a regular file.")
        return descriptor

    def spot(self, place: Place, *, make: bool = False) -> Spot:
        """Return how a file is called for the functions of `os` that change folders.

        The folders on the way are made if `make` is set. Raises `OSError`.
        """
        if not _STEP_BY_STEP:
            if make:
                place.path.parent.mkdir(parents=True, exist_ok=True)
            return str(_still_there(place.path.parent) / place.path.name), None
        above, _, name = place.name.rpartition("/")
        if make:
            self._leave()
            start = os.open(place.folder, _ON_THE_WAY)
            self._descriptor = _way_down(start, above, make=True)
            self._way = place.folder, above
        return name, self._folder(place.folder, above)

    def entries(self, folder: Path, name: str) -> list[str]:
        """Return the names in a folder below a workspace folder, sorted.

        `name` is `""` for the workspace folder itself. Folders' names end with a
        slash; what is neither a folder nor a regular file, such as a link, is left
        out. Raises `OSError`.
        """
        if not _STEP_BY_STEP:
            return _names(_still_there(folder / name))
        way = self._folder(folder, name)
        descriptor = os.open(".", os.O_RDONLY | _FOLDER, dir_fd=way)
        try:
            return _names(descriptor)
        finally:
            os.close(descriptor)

    def _open(self, place: Place, flags: int) -> int:
        above, _, name = place.name.rpartition("/")
        if _STEP_BY_STEP:
            return os.open(name, flags, dir_fd=self._folder(place.folder, above))
        descriptor = os.open(place.path, flags)
        try:
            _still_there(place.path)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _folder(self, folder: Path, name: str) -> int:
        if self._way != (folder, name):
            start, rest = self._nearest(folder, name)
            self._descriptor = _way_down(start, rest)
            self._way = folder, name
        return self._descriptor

    def _nearest(self, folder: Path, name: str) -> tuple[int, str]:
        """Return a folder to start from, and the way from there."""
        if self._way is not None and self._way[0] == folder:
            above = self._way[1] and f"{self._way[1]}/"
            if name.startswith(above):
                self._way = None
                return self._descriptor, name.removeprefix(above)
        self._leave()
        return os.open(folder, _ON_THE_WAY), name

    def _leave(self) -> None:
        if self._way is not None:
            os.close(self._descriptor)
            self._way = None


def _way_down(folder: int, name: str, *, make: bool = False) -> int:
    """Return the folder at the end of the way; the one it starts from is closed."""
    for part in filter(None, name.split("/")):
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
            below = os.open(part, _ON_THE_WAY, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _names(folder: int | Path) -> list[str]:
    names = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=attrgetter("name")):
            if entry.is_dir(follow_symlinks=False):
                names.append(f"{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                names.append(entry.name)
    return names


def _still_there(path: Path) -> Path:
    """Return a path that still leads to itself; raises `OSError`.

    For Windows, which opens nothing step by step, but lets no folder be moved in which
    a file is open.
    """
    if os.path.realpath(path) != str(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return path
