"""What the tools that change files refuse, in a sentence, and change nothing."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tests.unit.project import POEM, Project

OUTSIDE = "not the model's"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "poem.txt").write_text(POEM)
    return Project(folder)


async def test_a_file_that_is_not_utf_8_is_changed_only_in_parts(
    project: Project,
) -> None:
    project.write("latin.txt", b"caf\xe9\n")
    await project.read("latin.txt")

    told = await project.refusal("write_file", path="latin.txt", content="tea\n")

    assert told == "latin.txt is not UTF-8: change parts of it with edit_file."


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("../diary.txt", "is not inside the workspace"),
        ("/etc/hosts", "is not inside the workspace"),
        ("ignored/x.txt", "is ignored by the project's ignore files"),
        (".env", "may hold keys or passwords"),
        ("deep/id_rsa", "may hold keys or passwords"),
        (".git/hooks/pre-commit", ".git/hooks/pre-commit is"),
        (".GIT/config", ".GIT/config is not the project's, so it is not changed."),
        (".abstractllm/sessions.db", ".abstractllm/sessions.db is"),
        ("sub/.Abstractllm/x", "is not the project's"),
        ("link.txt", "goes through a link"),
        ("linked/inner.txt", "goes through a link"),
        ("dangling", "goes through a link"),
        ("away", "is not inside the workspace"),
        ("folder", "folder is a folder."),
        (".", ". is a folder."),
        ("poem.txt/x", "poem.txt/x cannot be read: Not a directory."),
        ("pipe", "pipe is not a regular file."),
        ("image.png", "image.png is a binary file."),
        ("locked.txt", "locked.txt is read-only."),
        ("huge.txt", "huge.txt is larger than what can be changed."),
        ("nul\0.txt", "A path cannot hold a NUL character."),
    ],
)
@pytest.mark.parametrize("tool", ["edit_file", "write_file", "delete_file", "rename"])
async def test_what_may_not_be_changed_is_refused_in_a_sentence(
    project: Project, tool: str, path: str, sentence: str
) -> None:
    folder = project.folder
    project.write(".gitignore", "ignored/\n")
    for name in ("ignored/x.txt", ".env", "folder/inner.txt", ".git/config"):
        project.write(name, OUTSIDE)
    project.write(".git/hooks/pre-commit", OUTSIDE)
    project.write(".abstractllm/sessions.db", OUTSIDE)
    (folder.parent / "diary.txt").write_text(OUTSIDE)
    (folder / "link.txt").symlink_to("poem.txt")
    (folder / "linked").symlink_to("folder")
    (folder / "dangling").symlink_to("nowhere.txt")
    (folder / "away").symlink_to(folder.parent / "diary.txt")
    os.mkfifo(folder / "pipe")
    project.write("image.png", b"\x89PNG\0\0")
    project.write("locked.txt", OUTSIDE).chmod(0o444)
    project.write("huge.txt", "x" * ((4 << 20) + 1))
    arguments: dict[str, dict[str, Any]] = {
        "edit_file": {"path": path, "edits": [{"old": OUTSIDE, "new": "x"}]},
        "write_file": {"path": path, "content": "x"},
        "delete_file": {"path": path},
        "rename": {"path": "poem.txt", "new_path": path},
    }

    told = await project.refusal(
        "rename_file" if tool == "rename" else tool, **arguments[tool]
    )

    assert sentence in told


@pytest.mark.parametrize("tool", ["edit_file", "delete_file", "rename_file"])
async def test_a_file_that_is_not_there_is_told(project: Project, tool: str) -> None:
    more: dict[str, dict[str, Any]] = {
        "edit_file": {"edits": [{"old": "a", "new": "b"}]},
        "rename_file": {"new_path": "there.txt"},
    }

    told = await project.refusal(tool, path="gone.txt", **more.get(tool, {}))

    assert told == "gone.txt does not exist."


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "five", "new": "5"}]},
            "`old` is not there, and nothing like it. Read the file again.",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "e\n", "new": "E\n"}]},
            "`old` is there 2 times, in lines 1, 3.",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "one", "new": "one"}]},
            "This changes nothing in poem.txt.",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": []},
            "This changes nothing in poem.txt.",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "one", "new": "x" * (5 << 20)}]},
            "The new text of poem.txt is too large: at most 4 MB can be written.",
        ),
        (
            "write_file",
            {"path": "new.txt", "content": "é" * (3 << 20)},
            "The new text of new.txt is too large: at most 4 MB can be written.",
        ),
        (
            "write_file",
            {"path": "new.txt", "content": "a\0b"},
            "A text file cannot hold a NUL character.",
        ),
        (
            "write_file",
            {"path": "new.txt", "content": "half \ud83d"},
            "Wrong arguments.",
        ),
        (
            "rename_file",
            {"path": "poem.txt", "new_path": "poem.txt"},
            "poem.txt is there already.",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "one"}]},
            "Wrong arguments. edits.0.new: Field required",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": "one"},
            "Wrong arguments. edits: Input should be a valid array",
        ),
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "one", "new": "1", "every": 1}]},
            "Wrong arguments. edits.0.every: Unexpected keyword argument",
        ),
        (
            "write_file",
            {"path": ["poem.txt"], "content": None},
            "Wrong arguments. path: Input should be a valid string; content: Input",
        ),
        ("delete_file", {}, "Wrong arguments. path: Missing required argument"),
    ],
)
async def test_what_cannot_be_done_is_told_in_a_sentence(
    project: Project, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    assert (await project.refusal(tool, **arguments)).startswith(sentence)


@pytest.mark.parametrize("odd", HOSTILE.values(), ids=HOSTILE)
async def test_a_file_cannot_be_called_other_than_it_looks(
    project: Project, odd: str
) -> None:
    told = await project.refusal("write_file", path=f"a{odd}b", content="x")

    assert "a character that is not seen" in told or "NUL" in told
