"""Which files may be seen at all: inside the workspace, regular, and no secrets.

Every path is resolved before it is used, symbolic links and `..` included, and judged
by what it leads to as well as by what it is called. What comes from a model or from a
file is only a name until it has passed here.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from abstractllm.errors import FileRefused
from abstractllm.workspace.rules import is_secret


@attrs.frozen
class Place:
    """A file or folder inside the workspace.

    `folder` is the workspace folder that holds it, and `name` is how it is called in
    there, with forward slashes. Neither of them goes through a link.
    """

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """Where it is: absolute and, when it was judged, free of links."""
        return self.folder / self.name


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

    def _inside(self, path: Path) -> Place | None:
        for folder in self.folders:
            if path.is_relative_to(folder):
                return Place(folder, path.relative_to(folder).as_posix())
        return None
