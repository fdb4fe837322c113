"""The tools that change files: what they propose, and what they leave as it is."""

from pathlib import Path
from typing import Any

import pytest

from abstractllm.workspace.disk import DiskWorkspace
from abstractllm.workspace.documents import Buffer
from tests.unit.project import POEM, Project, contents


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "poem.txt").write_text(POEM)
    return Project(folder)


async def test_an_edit_is_proposed_and_nothing_is_done_before_it_is_approved(
    project: Project,
) -> None:
    proposal = await project.proposed(
        "edit_file", path="poem.txt", edits=[{"old": "two", "new": "2"}]
    )

    assert proposal.title == "Edit poem.txt"
    assert proposal.diff == (
        "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    )
    assert (project.folder / "poem.txt").read_text() == POEM


@pytest.mark.parametrize(
    ("tool", "arguments", "title", "left"),
    [
        (
            "edit_file",
            {"path": "poem.txt", "edits": [{"old": "two", "new": "2"}]},
            "Edit poem.txt",
            {"poem.txt": b"one\n2\nthree\n"},
        ),
        (
            "write_file",
            {"path": "a/b/new.txt", "content": "new\n"},
            "Create a/b/new.txt",
            {"a/b/new.txt": b"new\n", "poem.txt": POEM.encode()},
        ),
        ("delete_file", {"path": "poem.txt"}, "Delete poem.txt", {}),
        (
            "rename_file",
            {"path": "poem.txt", "new_path": "c/verse.txt"},
            "Rename poem.txt to c/verse.txt",
            {"c/verse.txt": POEM.encode()},
        ),
    ],
)
async def test_what_is_approved_is_done(
    project: Project,
    tool: str,
    arguments: dict[str, Any],
    title: str,
    left: dict[str, bytes],
) -> None:
    assert (await project.proposed(tool, **arguments)).title == title
    assert await project.does(tool, **arguments) == "Done."
    assert contents(project.folder) == left


async def test_a_file_that_was_read_can_be_written_anew(project: Project) -> None:
    await project.read("poem.txt")

    assert await project.does("write_file", path="poem.txt", content="All new.\n")
    assert (project.folder / "poem.txt").read_text() == "All new.\n"


async def test_a_models_own_changes_need_no_reading_again(project: Project) -> None:
    await project.read("poem.txt")

    assert await project.edits("poem.txt", "one", "1") == "Done."
    assert await project.edits("poem.txt", "two", "2") == "Done."
    assert await project.does("rename_file", path="poem.txt", new_path="p") == "Done."
    assert await project.edits("p", "three", "3") == "Done."
    assert contents(project.folder) == {"p": b"1\n2\n3\n"}


async def test_the_model_reads_which_parts_were_made(project: Project) -> None:
    lines = [f"{n}\n" for n in range(30)]
    project.write("long.txt", "".join(lines))

    proposal = await project.proposed(
        "edit_file",
        path="long.txt",
        edits=[{"old": "\n2\n", "new": "\ntwo\n"}, {"old": "27\n", "new": "last\n"}],
    )

    assert await project.approved(proposal, hunks=(1,)) == (
        "Done.\nThe user accepted 1 of 2 parts. This is what was changed:\n"
        "--- a/long.txt\n+++ b/long.txt\n@@ -25,6 +25,6 @@\n 24\n 25\n 26\n-27\n+last\n"
        " 28\n 29\n"
    )
    assert (project.folder / "long.txt").read_text() == "".join(lines).replace(
        "27\n", "last\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\ntwo\r\nb", b"a\r\n1\r\n2\r\nb"),
        (b"\xef\xbb\xbfa\ntwo\n", b"\xef\xbb\xbfa\n1\n2\n"),
        (b"a\ntwo", b"a\n1\n2"),
        (b"a\r\ntwo\nb\nc\n", b"a\r\n1\n2\nb\nc\n"),
        (b"a\r\ntwo\r\nb\nc\r\n", b"a\r\n1\r\n2\r\nb\nc\r\n"),
        (b"caf\xe9\ntwo\n\xff\xfe", b"caf\xe9\n1\n2\n\xff\xfe"),
        (b"a\x0ctwo\xe2\x80\xa8b\rc\n", b"a\x0c1\n2\xe2\x80\xa8b\rc\n"),
    ],
)
async def test_bytes_that_were_not_edited_stay(
    project: Project, before: bytes, after: bytes
) -> None:
    path = project.write("odd.txt", before)

    assert await project.edits("odd.txt", "two", "1\n2") == "Done."
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        (b"a\r\nb\r\n", "x\ny\n", b"x\r\ny\r\n"),
        (b"a\n", "x", b"x\n"),
        (b"a", "x\n", b"x"),
        (b"a\n\n\n", "x\n", b"x\n"),
        (b"a\n", "x\n\n", b"x\n\n"),
        (b"\xef\xbb\xbfa\n", "x\n", b"\xef\xbb\xbfx\n"),
        (b"a\n", "", b""),
        (b"", "x", b"x"),
    ],
)
async def test_a_file_that_is_written_anew_keeps_its_form(
    project: Project, before: bytes, content: str, after: bytes
) -> None:
    path = project.write("form.txt", before)
    await project.read("form.txt")

    assert await project.does("write_file", path="form.txt", content=content) == "Done."
    assert path.read_bytes() == after


async def test_permissions_stay(project: Project) -> None:
    path = project.write("run.sh", "echo one\n")
    path.chmod(0o750)

    await project.edits("run.sh", "one", "two")

    assert path.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize(
    ("name", "text", "unsaved"),
    [
        ("poem.txt", POEM, False),
        ("poem.txt", "one\r\ntwo\r\nthree", False),
        ("poem.txt", "one\ntwo\n", True),
        ("mark.txt", "é\n", False),
        ("new.txt", "x", True),
        ("odd.txt", "a\nb\n", True),
    ],
)
async def test_whether_a_buffer_is_saved_is_seen_past_marks_and_line_ends(
    project: Project, name: str, text: str, unsaved: bool
) -> None:
    project.write("mark.txt", b"\xef\xbb\xbf\xc3\xa9\n")
    project.write("odd.txt", "a\x0cb\n")
    uri = (project.folder / name).as_uri()
    workspace = DiskWorkspace([project.folder], lambda: {uri: Buffer(text=text)})

    assert (await workspace.target(name)).unsaved is unsaved


@pytest.mark.parametrize(
    ("path", "sensitive"),
    [
        (".vscode/tasks.json", True),
        ("sub/.vscode/settings.json", True),
        (".github/workflows/ci.yml", True),
        (".envrc", True),
        ("AGENTS.md", True),
        ("docs/agents.md", True),
        ("x.code-workspace", True),
        (".gitignore", True),
        ("vscode/tasks.json", False),
        ("AGENTS.md.txt", False),
        ("src/a.py", False),
    ],
)
async def test_what_others_run_or_obey_is_sensitive(
    project: Project, path: str, sensitive: bool
) -> None:
    made = await project.proposed("write_file", path=path, content="x")
    moved = await project.proposed("rename_file", path="poem.txt", new_path=path)

    assert (made.sensitive, moved.sensitive) == (sensitive, sensitive)


async def test_a_workspace_may_itself_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    project = Project(tmp_path / "link")

    await project.does("write_file", path="a.txt", content="1\n")
    path = str(tmp_path / "link/a.txt")
    await project.does("edit_file", path=path, edits=[{"old": "1", "new": "2"}])

    assert contents(tmp_path) == {"real/a.txt": b"2\n"}
