"""What has changed since the last commit, as the user sees it."""

import os
import re
from pathlib import Path

import pytest

from abstractllm.errors import InvalidParameter
from abstractllm.workspace import git_changes
from abstractllm.workspace.documents import Buffer
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.git_changes import changes
from tests.unit.repositories import Repository


@pytest.fixture(autouse=True)
def _nobodys_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return an empty repository."""
    return Repository(tmp_path / "project")


async def changed(*folders: Path, buffers: dict[str, Buffer] | None = None) -> str:
    return await Workspace(folders, lambda: buffers or {}).look(changes)


async def test_changes_are_told_as_git_tells_them(repository: Repository) -> None:
    numbers = "".join(f"{number}\n" for number in range(40))
    repository.commit(edited__py=numbers, deleted__py="a\nb\n", same__py="x\n")
    edited = numbers.replace("7\n", "seven\n", 1).replace("39\n", "39")
    repository.write("edited.py", edited)
    repository.write("added.py", "new\n")
    (repository.folder / "deleted.py").unlink()
    repository.git("add", "--all")
    repository.write("added.py", "newer\n")

    told = await changed(repository.folder)

    lines = repository.git("diff", "HEAD").splitlines(keepends=True)
    extra = re.compile(r"diff |index |new file |deleted file ")
    assert told == "".join(line for line in lines if not extra.match(line))


async def test_where_nothing_has_changed_nothing_is_told(
    repository: Repository,
) -> None:
    repository.commit(a__py="a\n")
    os.utime(repository.folder / "a.py", (0, 0))

    assert await changed(repository.folder) == ""


async def test_unsaved_changes_count(repository: Repository) -> None:
    repository.commit(typed__py="a\n", undone__py="a\n")
    repository.write("undone.py", "b\n")
    new = repository.write("new.py", "not git's\n")
    buffers = {
        (repository.folder / "typed.py").as_uri(): Buffer(text="b\n"),
        (repository.folder / "undone.py").as_uri(): Buffer(text="a\n"),
        new.as_uri(): Buffer(text="still not git's\n"),
    }

    assert await changed(repository.folder, buffers=buffers) == (
        "--- a/typed.py\n+++ b/typed.py\n@@ -1 +1 @@\n-a\n+b\n"
        "Not known to git yet:\nnew.py\n"
    )


async def test_what_may_not_be_seen_is_left_out(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "outside.py").write_text("a\n")
    repository.write("link.py", "a\n")
    repository.commit(__env="KEY=1\n", id_rsa="KEY=2\n", ignored__py="a\n", log__py="a")
    repository.commit(__gitignore="ignored.py\n*.log\n")
    for name in (".env", "ignored.py", "new.pem", "debug.log"):
        repository.write(name, "KEY=3\n")
    (repository.folder / "id_rsa").unlink()
    (repository.folder / "link.py").unlink()
    (repository.folder / "link.py").symlink_to("../outside.py")

    assert await changed(repository.folder) == ""


async def test_what_is_no_text_or_too_large_is_only_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(was__bin=b"\0\1", is__bin="a\n", large__txt="a\n" * 250_001)
    repository.write("was.bin", "a\n")
    repository.write("is.bin", b"\0\2")
    repository.write("large.txt", "a\n")
    repository.write("grown.txt", "a\n" * 250_001)
    repository.git("add", "--all")

    assert await changed(repository.folder) == "".join(
        f"{name} has changed, and cannot be shown.\n"
        for name in ("grown.txt", "is.bin", "large.txt", "was.bin")
    )


async def test_line_ends_of_the_disk_are_no_change(repository: Repository) -> None:
    repository.commit(a__py="a\nb\n", b__py="a\r\nb\r\n")
    repository.write("a.py", "a\r\nB\r\n")
    repository.write("b.py", "a\r\nB\r\n")

    told = await changed(repository.folder)

    change = "@@ -1,2 +1,2 @@\n a\n-b\n+B\n"
    assert told == (f"--- a/a.py\n+++ b/a.py\n{change}--- a/b.py\n+++ b/b.py\n{change}")


async def test_odd_names_are_only_names(repository: Repository) -> None:
    names = ["-x.py", ":(top)x.py", ":/x.py", "*.py", "a b.py", 'q"q.py', "ä.py"]
    for name in (*names, "line\nend.py", os.fsdecode(b"\xff.py")):
        repository.write(name, "a\n")
    repository.commit()
    for name in (*names, "line\nend.py", os.fsdecode(b"\xff.py")):
        repository.write(name, "b\n")

    told = await changed(repository.folder)

    shown = sorted([*names, "line\ufffdend.py", "\ufffd.py"])
    assert sorted(re.findall(r"^\+\+\+ b/(.*)$", told, re.MULTILINE)) == shown
    assert told.count("\n-a\n+b\n") == len(shown)


async def test_a_folder_below_the_repository_has_its_own_changes(
    repository: Repository,
) -> None:
    repository.write("src/a.py", "a\n")
    repository.commit(outside__py="a\n")
    repository.write("src/a.py", "b\n")
    repository.write("src/new.py", "b\n")
    repository.write("outside.py", "b\n")

    assert await changed(repository.folder / "src") == (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\nNot known to git yet:\nnew.py\n"
    )


async def test_of_several_folders_those_in_repositories_are_told(
    repository: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    plain = tmp_path / "plain"
    plain.mkdir()
    for one in (repository, other):
        one.commit(a__py="a\n")
        (one.folder / "a.py").unlink()

    told = await changed(repository.folder, plain, other.folder)

    assert re.findall(r"^--- (.*)$", told, re.MULTILINE) == [
        "a/project/a.py",
        "a/other/a.py",
    ]


async def test_before_the_first_commit_everything_is_new(
    repository: Repository,
) -> None:
    repository.write("a.py", "a\n")
    repository.git("add", "a.py")

    assert await changed(repository.folder) == (
        "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+a\n"
    )


async def test_more_than_is_shown_is_said_to_be_there(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(a__py="", b__py="", c__py="")
    for name in ("a.py", "b.py", "c.py"):
        repository.write(name, f"{name}\n" * 20)

    monkeypatch.setattr(git_changes, "MOST_FILES", 2)
    by_files = await changed(repository.folder)
    monkeypatch.setattr(git_changes, "MOST_CHARACTERS", 60)
    by_size = await changed(repository.folder)

    assert re.findall(r"^\+\+\+ b/(.*)$", by_files, re.MULTILINE) == ["a.py", "b.py"]
    assert by_files.endswith("\n… (more has changed than is shown)\n")
    assert by_size == (
        "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,20 @@\n+a.py\n+a.py\n+a.py\n"
        "… (more has changed than is shown)\n"
    )


async def test_a_folder_without_a_repository_is_told_in_a_sentence(
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidParameter, match="in no git repository"):
        await changed(tmp_path)


async def test_a_machine_without_git_is_told_in_a_sentence(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = repository.write("bin/git", "#!/bin/sh\ntouch ../ran\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{trap.parent}{os.pathsep}bin")

    with pytest.raises(InvalidParameter, match="There is no git on the PATH"):
        await changed(repository.folder)

    assert not (repository.folder.parent / "ran").exists()


async def test_another_repository_of_the_environment_is_not_meant(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    other.commit(b__py="b\n")
    repository.commit(a__py="a\n")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git/index"))

    assert await changed(repository.folder) == ""
