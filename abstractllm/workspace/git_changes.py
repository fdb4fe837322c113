"""What has changed since the last commit: git knows what was, the view what is.

So unsaved changes count, and what may not be seen is left out. git tells which files
may differ, and their contents of then. What is in them now is read here: git would put
it through programs that the repository names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from abstractllm.errors import FileMissing, FileRefused, InvalidParameter
from abstractllm.workspace.changes import FileChange
from abstractllm.workspace.git import Git
from abstractllm.workspace.last_commit import LARGEST_FILE, LastCommit
from abstractllm.workspace.names import printable
from abstractllm.workspace.programs import find_program
from abstractllm.workspace.view import View

MOST_FILES = 200

MOST_CHARACTERS = 200_000

_MORE = "… (more has changed than is shown)"


def changes(view: View) -> str:
    """Return what differs from the last commit, as a diff; `""` where nothing does.

    Files that git does not know are named at the end. Raises `InvalidParameter` where
    there is no git, or no repository that it reads.
    """
    program = find_program("git", view.folders)
    if program is None:
        raise InvalidParameter("There is no git on the PATH to tell the changes.")
    found = [_Changes(view, folder, program) for folder in view.folders]
    in_repositories = [changes for changes in found if changes.in_repository]
    if not in_repositories:
        raise InvalidParameter(
            "This folder is in no git repository, or in one that git does not trust."
        )
    return "".join(_up_to_the_limit(in_repositories))


def _up_to_the_limit(found: Iterable[_Changes]) -> Iterator[str]:
    room = MOST_CHARACTERS
    for line in (line for changes in found for line in changes.lines()):
        room -= len(line) + 1
        if room < 0:
            yield f"{_MORE}\n"
            return
        yield f"{line}\n"


class _Changes:
    """The changes in one workspace folder."""

    def __init__(self, view: View, folder: Path, program: str) -> None:
        self._view = view
        self._folder = folder
        self._git = Git(program, folder, view.stop)
        self._prefix = f"{folder.name}/" if len(view.folders) > 1 else ""

    @property
    def in_repository(self) -> bool:
        """Whether git knows the folder."""
        return self._git.ask("rev-parse", "--is-inside-work-tree") == b"true\n"

    def lines(self) -> Iterator[str]:
        """Yield the lines of the diffs of all files, without their ends."""
        commit = LastCommit(self._git)
        changed = commit.changed()
        names = self._seen({*changed, *self._view.open_names(self._folder)})
        before = commit.texts(names)
        for name in names:
            if name in before or name in changed:
                yield from self._diff(name, before)
        if len(names) == MOST_FILES:
            yield _MORE
        if unknown := self._seen(commit.unknown()):
            yield "Not known to git yet:"
            yield from map(self._shown, unknown)

    def _seen(self, names: Iterable[str]) -> list[str]:
        """Return the names that may be seen, and that lead to what they name."""
        return list(islice(filter(self._may_be_seen, sorted(names)), MOST_FILES))

    def _may_be_seen(self, name: str) -> bool:
        path = self._folder / name
        try:
            return self._view.place(str(path)).path == path
        except FileRefused:
            return False

    def _diff(self, name: str, before: Mapping[str, str | None]) -> Iterator[str]:
        try:
            after = self._now(name)
            if name in before and before[name] is None:
                raise FileRefused("no text")
        except FileRefused:
            yield f"{self._shown(name)} has changed, and cannot be shown."
            return
        old = before.get(name)
        if old and after and "\r\n" not in old:  # as git keeps it
            after = after.replace("\r\n", "\n")
        if old != after:
            uri = (self._folder / name).as_uri()
            change = FileChange(
                uri=uri, name=self._shown(name), before=old, after=after
            )
            yield from change.diff()

    def _now(self, name: str) -> str | None:
        if self._view.stop.is_set():
            raise InvalidParameter("It takes too long to tell all changes.")
        try:
            document = self._view.read(str(self._folder / name), even_ignored=False)
        except FileMissing:
            return None
        if len(document.text) > LARGEST_FILE:
            raise FileRefused("too large")
        return document.text

    def _shown(self, name: str) -> str:
        return printable(self._prefix + name)
