"""What a model may do in `abstractllm chat`: always, in a mode, without a terminal."""

from pathlib import Path

import pytest

from tests.e2e.terminal import ENTER, Terminal, run
from tests.e2e.thirty_lines import (
    BEFORE,
    calls,
    edit,
    edited,
    read_by_model,
    thirty_lines,
)
from tests.hostile import ALL_HOSTILE, HOSTILE
from tests.vendors import Reply, VendorServer

Env = dict[str, str]


USUAL = {"lone escape", "another line"}
"""Hostile texts that a terminal is sent anyway, by the client itself."""


@pytest.fixture
def file(workspace: Path) -> Path:
    """Return a file of thirty lines in the workspace."""
    return thirty_lines(workspace)


def test_a_command_that_is_always_allowed_is_not_asked_about_until_it_is_revoked(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    command = calls(("run_command", {"command": "echo ran >> log.txt"}))
    vendors.will(command, command, Reply(text=["Twice."]))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Run it")
        terminal.expect("$ echo ran >> log.txt\n")
        terminal.expect(f"in {workspace}")
        terminal.expect("[a] this command always")
        terminal.type("a")
        terminal.expect("Twice.")
    assert (workspace / "log.txt").read_text() == "ran\n" * 2

    vendors.will(command, Reply(text=["Once more."]), command)
    with Terminal(workspace, env) as terminal:
        terminal.enter("Run it again")
        terminal.expect("✓ Run echo ran >> log.txt · done\n  Exit code 0.")
        terminal.expect("Once more.")
        terminal.enter("/approvals")
        terminal.expect("1  run_command  echo ran >> log.txt")
        terminal.enter("/approvals 2")
        terminal.expect("/approvals lists none with the number '2'.")
        terminal.enter("/approvals 1")
        terminal.expect("It is asked about again.")
        terminal.enter("And again")
        terminal.expect("[a] this command always")
        terminal.type("n")
        terminal.expect("✗ Run echo ran >> log.txt · rejected")
        terminal.enter("/approvals")
        terminal.expect("Nothing is allowed for always in this folder.")
    assert (workspace / "log.txt").read_text() == "ran\n" * 3


def test_hostile_text_in_a_diff_is_spelled(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    content = ALL_HOSTILE.replace("\0", "")
    vendors.will(calls(("write_file", {"path": "a.sh", "content": content})))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Write")
        terminal.expect(r"\x1b]0;owned\x07")
        terminal.expect(r"\u202egpj.exe")
        terminal.expect("[y] once")
        terminal.type("y")
        terminal.expect("· done")
        terminal.enter("/diff")
        terminal.expect(r"\x1b]0;owned\x07")

        hostile = [text for name, text in HOSTILE.items() if name not in USUAL]
        assert [text for text in hostile if text in terminal.raw] == []


def test_without_a_terminal_nobody_can_be_asked(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3), Reply(text=["I could not."]))

    assert run(workspace, env, "chat", "Change it") == (
        0,
        "I could not.\n",
        "Not done, as nobody can be asked in a pipe: Edit a.txt\n",
    )
    assert read_by_model(vendors).endswith(
        "Nobody can be asked: this was not started in a terminal."
    )
    assert file.read_text() == BEFORE


def test_a_single_prompt_in_a_terminal_asks_too(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    vendors.will(edit(3), Reply(text=["It is changed."]))
    with Terminal(workspace, env, "Change it") as terminal:
        terminal.expect("[y] once")
        terminal.type("y")
        terminal.expect("It is changed.")
        terminal.expect("/takeback in `abstractllm chat --continue` takes it back.")

        assert terminal.exit_code() == 0
    assert file.read_text() == edited(3)


def test_the_mode_says_how_freely_a_model_may_act(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/mode")
        terminal.expect("the mode of the settings")
        terminal.enter("/mode aut")
        terminal.expect("There is no mode 'aut'. Use one of: ask, edit, auto.")
        terminal.enter("/mode auto")
        terminal.expect("auto>")
        vendors.will(edit(3), Reply(text=["It is changed."]))
        terminal.type(f"Change it{ENTER}")
        terminal.expect("✓ Edit a.txt · done\n  --- a/a.txt")
        terminal.expect("  +changed 3\n")
        terminal.expect("It is changed.")
        assert file.read_text() == edited(3)

        terminal.enter("/mode ask")
        terminal.expect("ask: nothing is changed or run.")
        terminal.enter("And again")
        terminal.expect("You said: And again")
        tools = [
            tool["function"]["name"] for tool in vendors.requests[-1].body["tools"]
        ]
        assert tools == ["read_file", "list_files", "search_text"]
        terminal.enter("/new")
        terminal.expect_prompt()
        assert terminal.expect(">") == ""


def test_the_mode_auto_ends_with_another_mode(
    workspace: Path, env: Env, vendors: VendorServer, file: Path
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("Hello")
        terminal.enter("/mode auto")
        terminal.expect("auto>")
        terminal.type(f"/approvals{ENTER}")
        terminal.expect("Nothing is allowed for always")
        terminal.enter("/mode edit")
        terminal.expect("edit>")
        vendors.will(edit(3))
        terminal.type(f"Change it{ENTER}")
        terminal.expect("[y] once")
