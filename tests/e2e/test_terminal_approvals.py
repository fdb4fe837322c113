"""`abstractllm chat` asks by one key before a model's call is carried out."""

import threading
from pathlib import Path

import pytest

from abstractllm_terminal.approving import parts_named
from abstractllm_terminal.attention import TITLE
from tests.e2e.terminal import CTRL_C, CTRL_D, ENTER, Terminal
from tests.e2e.thirty_lines import (
    BEFORE,
    calls,
    edit,
    edited,
    read_by_model,
    thirty_lines,
)
from tests.vendors import Held, Reply, VendorServer

Env = dict[str, str]


@pytest.fixture
def file(workspace: Path) -> Path:
    """Return a file of thirty lines in the workspace."""
    return thirty_lines(workspace)


def test_an_edit_is_allowed_by_one_key_and_is_on_the_disk(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3), Reply(text=["It is changed."]))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("? Edit a.txt · waiting for you")
        terminal.expect("-line 3\n+changed 3\n")
        terminal.expect("[y] once")
        assert terminal.titles == [TITLE]
        assert "\x07" in terminal.raw.replace(f"\x1b]0;{TITLE}\x07", "")
        assert file.read_text() == BEFORE

        terminal.type("y")
        terminal.expect("✓ Edit a.txt · done")
        assert terminal.titles == [TITLE, "abstractllm"]
        assert "+changed 3" not in terminal.expect("It is changed.")
        terminal.expect("edited  a.txt  +1  -1")
        terminal.expect("/takeback takes it back.")
        assert file.read_text() == edited(3)


def test_a_rejection_has_a_reason_that_the_model_reads(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("[r] reject, and say why")
        terminal.type("r")
        terminal.expect("Why not?")
        terminal.type(CTRL_D)  # he thinks better of it
        terminal.expect("[r] reject, and say why")
        terminal.type("r")
        terminal.expect("Why not?")
        terminal.type(f"Too early.{ENTER}")
        terminal.expect("✗ Edit a.txt · rejected")
        terminal.expect_prompt()

    assert read_by_model(vendors).endswith(
        "This was not approved, so nothing was done. Too early."
    )
    assert file.read_text() == BEFORE


def test_only_the_chosen_parts_of_an_edit_are_made(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3, 15, 27))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("@@ part 2 of 3\n")
        terminal.expect("[h] choose parts")
        terminal.type("h")
        terminal.expect("Which of the 3 parts?")
        terminal.type(f"4{ENTER}")
        terminal.expect("Name parts from 1 to 3, such as: 1 3")
        terminal.expect("Which of the 3 parts?")
        terminal.type(f"1 3{ENTER}")
        terminal.expect("✓ Edit a.txt · done")
        terminal.expect("+2  -2")

    assert file.read_text() == edited(3, 27)
    assert "The user accepted 2 of 3 parts." in read_by_model(vendors)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 3", [0, 2]),
        ("2-3, 1", [0, 1, 2]),
        ("3,3", [2]),
        ("0", []),
        ("2-4", []),
        ("2-1", []),
        ("one", []),
        ("-1", []),
        ("²", []),
    ],
)
def test_parts_are_named_by_their_numbers(text: str, parts: list[int]) -> None:
    assert parts_named(text, 3) == parts


def test_a_tool_that_is_allowed_for_the_session_is_asked_about_in_the_next(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3), edit(9), Reply(text=["Both."]), edit(20))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change two lines")
        terminal.expect("[s] every edit_file in this session")
        terminal.type("s")
        terminal.expect("Both.")
        assert file.read_text() == edited(3, 9)
        terminal.enter("/new")
        terminal.enter("Change another")
        terminal.expect("[y] once")


def test_control_c_while_it_asks_stops_the_turn_and_the_next_prompt_works(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("[y] once")
        terminal.type(CTRL_C)
        terminal.expect("✗ Edit a.txt · stopped")
        terminal.expect("Stopped.")
        assert terminal.titles == [TITLE, "abstractllm"]
        terminal.enter("Go on")
        terminal.expect("You said: Go on")
    assert file.read_text() == BEFORE


def test_control_c_while_a_reason_is_asked_for_stops_the_turn(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("[r] reject, and say why")
        terminal.type("r")
        terminal.expect("Why not?")
        terminal.type(f"Beca{CTRL_C}")
        terminal.expect("Stopped.")


def test_what_was_typed_or_is_pasted_is_no_answer(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, reply=edit(3, text="Well.")))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Change it")
        terminal.expect("Well.")
        terminal.type("yyy")
        gate.set()
        terminal.expect("[y] once")
        terminal.type("\x1b[200~yes\ny\x1b[201~")
        terminal.type("n")
        terminal.expect("✗ Edit a.txt · rejected")
    assert file.read_text() == BEFORE


def test_a_diff_is_shown_to_its_end_where_that_is_asked_for(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    content = "".join(f"{number}\n" for number in range(500))
    vendors.will(calls(("write_file", {"path": "long.txt", "content": content})))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Write")
        terminal.expect("+296\n… 203 more lines\n")
        terminal.expect("[d] show the whole diff")
        terminal.type("d")
        terminal.expect("+297\n")
        assert "[d]" not in terminal.expect("[y] once")
