"""What a turn changed, shown and taken back in `abstractllm chat`."""

from pathlib import Path

import pytest

from tests.e2e.terminal import ENTER, Terminal
from tests.e2e.thirty_lines import BEFORE, calls, edit, edited, thirty_lines
from tests.vendors import Reply, VendorServer

Env = dict[str, str]


@pytest.fixture
def file(workspace: Path) -> Path:
    """Return a file of thirty lines in the workspace."""
    return thirty_lines(workspace)


def texts(workspace: Path) -> dict[str, str]:
    """Return the files of the workspace with what is in them."""
    files = [path for path in workspace.glob("[!.]*") if path.is_file()]
    return {file.name: file.read_text() for file in sorted(files)}


ACTS = calls(
    ("write_file", {"path": "new file.txt", "content": "new\n"}),
    ("delete_file", {"path": "old.txt"}),
)


def test_a_turn_that_made_a_file_and_deleted_another_is_taken_back_and_brought_back(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    (workspace / "old.txt").write_text("old\n")
    with Terminal(workspace, env) as terminal:
        terminal.enter("/takeback")
        terminal.expect("No turn of this session has changed files.")
        terminal.enter("/mode auto")
        vendors.will(ACTS, Reply(text=["Tidy."]))
        terminal.enter("Tidy up")
        terminal.expect("created  new file.txt  +1")
        terminal.expect("deleted  old.txt           -1")
        terminal.enter("Thanks")
        terminal.expect("You said: Thanks")
        assert texts(workspace) == {"new file.txt": "new\n"}

        terminal.enter("/takeback")
        terminal.expect("created  new file.txt  +1      taken back")
        terminal.expect("deleted  old.txt           -1  taken back")
        assert texts(workspace) == {"old.txt": "old\n"}
        terminal.enter("/takeback")
        terminal.expect("That is taken back already")

        terminal.enter("/bringback")
        terminal.expect("deleted  old.txt")
        terminal.expect_prompt()
        assert texts(workspace) == {"new file.txt": "new\n"}
        terminal.type(f"/bringback{ENTER}")
        terminal.expect("Nothing of that is taken back.")
        terminal.expect_prompt()
        terminal.type("/takeback n")
        terminal.expect("new file.txt")  # as a completion


def test_a_single_file_of_a_turn_is_taken_back_by_its_name(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    (workspace / "old.txt").write_text("old\n")
    with Terminal(workspace, env) as terminal:
        terminal.enter("/mode auto")
        vendors.will(ACTS)
        terminal.enter("Tidy up")
        terminal.expect("/takeback takes it back.")
        terminal.enter("/takeback a.txt")
        terminal.expect("did not change 'a.txt', but new file.txt, old.txt.")
        terminal.enter("/takeback new file.txt")
        terminal.expect("created  new file.txt  +1      taken back")
        assert texts(workspace) == {}
        terminal.enter('/takeback "old.txt')  # whose quote does not end
        terminal.expect("did not change '\"old.txt'")
        terminal.enter('/bringback "new file.txt"')
        terminal.expect("created  new file.txt  +1")
        terminal.expect_prompt()
        assert texts(workspace) == {"new file.txt": "new\n"}


def test_a_file_that_was_changed_since_is_left_as_it_is(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/mode auto")
        vendors.will(edit(3))
        terminal.enter("Change it")
        terminal.expect("/takeback takes it back.")
        file.write_text("mine\n")
        terminal.enter("/takeback")
        terminal.expect("edited  a.txt  +1  -1")
        terminal.expect("a.txt is left as it is: a.txt has changed since.")
        assert file.read_text() == "mine\n"


def test_what_a_turn_changed_is_shown(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    (workspace / "bare.txt").write_text("end")
    move = ("rename_file", {"path": "bare.txt", "new_path": "moved.txt"})
    with Terminal(workspace, env) as terminal:
        terminal.enter("/diff")
        terminal.expect("No turn of this session has changed files.")
        terminal.enter("/mode auto")
        vendors.will(edit(3), edit(20), calls(move))
        terminal.enter("Change it")
        terminal.expect("edited   a.txt")
        terminal.expect("renamed  bare.txt → moved.txt")
        terminal.enter("/diff")
        terminal.expect("--- a.txt\n+++ a.txt\n@@ -1,7 +1,7 @@\n line 0\n")
        terminal.expect("-line 3\n+changed 3\n")
        terminal.expect("-line 20\n+changed 20\n")
        terminal.expect("bare.txt → moved.txt\n")
        terminal.enter("/diff moved.txt")
        terminal.expect("bare.txt → moved.txt\n")
        assert "line" not in terminal.expect("auto>")
    assert file.read_text() == edited(3, 20)


def test_a_former_session_shows_what_its_turns_did(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/mode auto")
        vendors.will(edit(3), Reply(text=["It is changed."]))
        terminal.enter("Change it")
        terminal.expect("/takeback takes it back.")

    with Terminal(workspace, env, "--continue") as terminal:
        terminal.expect("> Change it\n\n✓ Edit a.txt · done\n  --- a/a.txt")
        terminal.expect("  +changed 3\n")
        terminal.expect("It is changed.")
        terminal.expect("edited  a.txt  +1  -1")
        terminal.enter("/takeback")
        terminal.expect("taken back")
        assert file.read_text() == BEFORE
