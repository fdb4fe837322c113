"""A workspace whose files are changed on the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import attrs

from abstractllm.errors import ChangeRefused
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.targets import Target, target
from abstractllm.workspace.view import View
from abstractllm.workspace.writing import move_file, remove_file, write_file

_WRITING = threading.Lock()
"""Nothing comes between looking at a file and writing it, as far as it is from here."""


@attrs.frozen
class Aim:
    """A file's change, with what it meets."""

    change: FileChange
    target: Target
    new_target: Target | None
    """Where it is moved to."""


class DiskWorkspace(Workspace):
    """A workspace that can be changed, without an editor's help.

    What is open in an editor is not touched: its buffer would go stale.
    """

    async def apply(self, change: WorkspaceChange) -> WorkspaceChange:
        """Apply a change, all of it or nothing, and return it as it came to be.

        Raises `ChangeRefused` where a file is not as the change found it, and
        `FileRefused` where one may not be changed.
        """

        def apply_now(view: View, opener: Opener) -> None:
            with _WRITING:
                _write_all(opener, aims_of(change, view, opener))

        await self._look_open(apply_now)
        return change

    async def aims(self, change: WorkspaceChange) -> list[Aim]:
        """Return the changes of files, with what they meet; raises as `apply` does."""
        return await self._look_open(partial(aims_of, change))


def aims_of(change: WorkspaceChange, view: View, opener: Opener) -> list[Aim]:
    """Return the changes of files, with what they meet.

    Raises what `DiskWorkspace.apply` raises.
    """
    return [_aim(file, view, opener) for file in change.files]


def _aim(change: FileChange, view: View, opener: Opener) -> Aim:
    found = target(view, opener, change.uri)
    if found.text != change.before:
        raise ChangeRefused(_mismatch(found, change))
    new_target = None
    if change.new_uri is not None:
        new_target = target(view, opener, change.new_uri)
        if new_target.text is not None:
            raise ChangeRefused(f"{new_target.name} is there already.")
    return Aim(change, found, new_target)


def _write_all(opener: Opener, aims: Sequence[Aim]) -> None:
    for aim in aims:
        if aim.target.is_open:
            raise ChangeRefused(
                f"{aim.target.name} is open in an editor that cannot be asked to "
                "change it. Ask the user to close it."
            )
    undo: list[Callable[[], None]] = []
    try:
        for aim in aims:
            for step in _write_one(opener, aim):
                undo.append(step)
    except BaseException as error:
        for step in reversed(undo):
            step()
        if not isinstance(error, OSError):
            raise
        raise ChangeRefused(
            f"{aim.target.name} cannot be written: {error.strerror}. Nothing was "
            "changed."
        ) from error


def _write_one(opener: Opener, aim: Aim) -> Iterator[Callable[[], None]]:
    """Change one file, and yield what takes back each step that was done."""
    change, place = aim.change, _place(aim.target)
    mode = aim.target.mode or change.mode
    if change.after != change.before:
        _put(opener, place, change.after, mode)
        yield lambda: _put(opener, place, change.before, mode)
    if aim.new_target is not None:
        new = _place(aim.new_target)
        move_file(opener, place, new)
        yield lambda: move_file(opener, new, place)


def _put(opener: Opener, place: Place, text: str | None, mode: int | None) -> None:
    if text is None:
        remove_file(opener, place)
        return
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ChangeRefused(
            f"The new text of {place.name} holds half a character."
        ) from None
    write_file(opener, place, data, mode)


def _place(target: Target) -> Place:
    if target.place is None:
        raise ChangeRefused(f"{target.name} is no file yet.")
    return target.place


def _mismatch(target: Target, change: FileChange) -> str:
    if change.before is None:
        return f"{target.name} is there already: it appeared meanwhile."
    if target.text is None:
        return f"{target.name} is not there any more."
    return f"{target.name} has changed since."
