"""Files that change while a model works on them: read before, open, or gone."""

from pathlib import Path
from typing import Any

import pytest

from abstractllm.errors import FileRefused
from abstractllm.workspace.disk import DiskWorkspace
from abstractllm.workspace.documents import Buffer
from tests.unit.project import POEM, Project, contents

OUTSIDE = "not the model's"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "poem.txt").write_text(POEM)
    return Project(folder)


async def test_a_file_that_was_not_read_is_not_overwritten(project: Project) -> None:
    told = await project.refusal("write_file", path="poem.txt", content="All new.\n")

    assert told == (
        "poem.txt is there already and you have not read it. Read it first, or change "
        "parts of it with edit_file."
    )


@pytest.mark.parametrize("tool", ["edit_file", "write_file", "delete_file"])
async def test_a_file_that_changed_since_the_model_read_it_is_left(
    project: Project, tool: str
) -> None:
    await project.read("poem.txt")
    project.write("poem.txt", "one\ntwo\nthree\nfour\n")
    more: dict[str, dict[str, Any]] = {
        "edit_file": {"edits": [{"old": "two", "new": "2"}]},
        "write_file": {"content": "x"},
    }

    told = await project.refusal(tool, path="poem.txt", **more.get(tool, {}))

    assert told == "poem.txt has changed since you read it. Read it again."
    await project.read("poem.txt")
    assert await project.does(tool, path="poem.txt", **more.get(tool, {})) == "Done."


async def test_what_changes_while_the_question_stands_is_not_overwritten(
    project: Project,
) -> None:
    edit = await project.proposed(
        "edit_file", path="poem.txt", edits=[{"old": "two", "new": "2"}]
    )
    made = await project.proposed("write_file", path="new.txt", content="mine")
    moved = await project.proposed("rename_file", path="poem.txt", new_path="new.txt")
    project.write("poem.txt", "one\ntwo\nthree!\n")
    project.write("new.txt", "yours")

    told = [await project.approved(proposal) for proposal in (edit, made, moved)]

    assert told == [
        "poem.txt has changed since.",
        "new.txt is there already: it appeared meanwhile.",
        "poem.txt has changed since.",
    ]
    assert contents(project.folder) == {
        "poem.txt": b"one\ntwo\nthree!\n",
        "new.txt": b"yours",
    }


async def test_a_file_that_is_gone_meanwhile_is_not_made_anew(project: Project) -> None:
    edit = await project.proposed(
        "edit_file", path="poem.txt", edits=[{"old": "two", "new": "2"}]
    )
    (project.folder / "poem.txt").unlink()

    assert await project.approved(edit) == "poem.txt is not there any more."
    assert contents(project.folder) == {}


async def test_a_file_that_is_open_in_an_editor_is_not_changed_behind_it(
    project: Project,
) -> None:
    uri = (project.folder / "poem.txt").as_uri()
    project.buffers[uri] = Buffer(text="one\ntwo\nunsaved\n", version=3)
    proposal = await project.proposed(
        "edit_file", path="poem.txt", edits=[{"old": "unsaved", "new": "3"}]
    )

    assert await project.approved(proposal) == (
        "poem.txt is open in an editor that cannot be asked to change it. Ask the user "
        "to close it."
    )
    assert "-unsaved" in (proposal.diff or "")
    assert (project.folder / "poem.txt").read_text() == POEM


async def test_a_buffer_that_does_not_show_a_files_bytes_is_not_trusted(
    project: Project,
) -> None:
    uri = project.write("latin.txt", b"caf\xe9\n").as_uri()
    workspace = DiskWorkspace([project.folder], lambda: {uri: Buffer(text="caf\ufffd")})

    with pytest.raises(FileRefused, match="its buffer does not show it as it is"):
        await workspace.target("latin.txt")
