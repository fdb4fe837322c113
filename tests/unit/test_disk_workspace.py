"""A change of several files on the disk: all of it, or nothing."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from abstractllm.errors import ChangeRefused
from abstractllm.workspace import disk
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.writing import move_file
from tests.unit.project import contents


def changed(
    folder: Path,
    name: str,
    before: str | None,
    after: str | None,
    new_name: str | None = None,
) -> FileChange:
    return FileChange(
        uri=(folder / name).as_uri(),
        name=name,
        before=before,
        after=after,
        new_uri=new_name and (folder / new_name).as_uri(),
        new_name=new_name,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").write_text("1\n")
    (tmp_path / "b").write_text("2\n")
    (tmp_path / "c").write_text("3\n")
    return tmp_path


async def test_several_files_are_changed_together(folder: Path) -> None:
    change = WorkspaceChange(
        (
            changed(folder, "a", "1\n", "one\n"),
            changed(folder, "b", "2\n", None),
            changed(folder, "c", "3\n", "three\n", "d/e"),
            changed(folder, "f/g", None, "new\n"),
        )
    )

    await DiskWorkspace([folder]).apply(change)

    assert contents(folder) == {"a": b"one\n", "d/e": b"three\n", "f/g": b"new\n"}


@pytest.mark.parametrize("number", range(4))
async def test_where_one_file_is_not_as_it_was_none_is_changed(
    folder: Path, number: int
) -> None:
    files = [
        changed(folder, "a", "1\n", "one\n"),
        changed(folder, "b", "2\n", None),
        changed(folder, "c", "3\n", "three\n", "d"),
        changed(folder, "e", None, "new\n"),
    ]
    (folder / "abce"[number]).write_text("mine\n")
    before = contents(folder)

    with pytest.raises(ChangeRefused):
        await DiskWorkspace([folder]).apply(WorkspaceChange(tuple(files)))

    assert contents(folder) == before


async def test_where_one_file_cannot_be_written_the_others_are_put_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a").chmod(0o640)
    before = contents(folder)
    change = WorkspaceChange(
        (
            changed(folder, "a", "1\n", None),
            changed(folder, "f", None, "new\n"),
            changed(folder, "b", "2\n", "two\n", "x"),
            changed(folder, "c", "3\n", "three\n", "y"),
        )
    )

    def full(opener: Opener, old: Place, new: Place) -> None:
        if new.name == "y":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        move_file(opener, old, new)

    monkeypatch.setattr(disk, "move_file", full)

    with pytest.raises(ChangeRefused) as refused:
        await DiskWorkspace([folder]).apply(change)

    assert str(refused.value) == (
        "c cannot be written: No space left on device. Nothing was changed."
    )
    assert contents(folder) == before
    assert (folder / "a").stat().st_mode & 0o777 == 0o640


async def test_half_a_character_cannot_be_written(folder: Path) -> None:
    before = contents(folder)
    change = WorkspaceChange(
        (changed(folder, "a", "1\n", "one\n"), changed(folder, "b", "2\n", "\ud83d"))
    )

    with pytest.raises(ChangeRefused, match="b holds half a character"):
        await DiskWorkspace([folder]).apply(change)

    assert contents(folder) == before


async def test_a_file_with_the_longest_name_there_can_be_is_written(
    folder: Path,
) -> None:
    name = "x" * 255
    workspace = DiskWorkspace([folder])

    await workspace.apply(WorkspaceChange((changed(folder, name, None, "1"),)))
    await workspace.apply(WorkspaceChange((changed(folder, name, "1", "2"),)))

    assert (folder / name).read_text() == "2"


async def test_of_two_that_change_a_file_at_once_one_is_refused(folder: Path) -> None:
    workspaces = [DiskWorkspace([folder]) for _ in range(8)]

    outcomes = await asyncio.gather(
        *(
            workspace.apply(WorkspaceChange((changed(folder, "a", "1\n", f"{n}\n!"),)))
            for n, workspace in enumerate(workspaces)
        ),
        return_exceptions=True,
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, ChangeRefused)]
    assert (len(outcomes), len(refused)) == (8, 7)
    assert set(map(str, refused)) == {"a has changed since."}
    assert len(contents(folder)) == 3
