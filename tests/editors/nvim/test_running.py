"""Commands that a model runs: asked about, seen while they run, folded afterwards."""

from pathlib import Path

import pytest

from tests.editors.nvim.conftest import SAMPLE
from tests.editors.nvim.hands import begin, call, closed_folds, finish, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

ECHO = "do printf '\\033[31mstep %d\\033[0m\\n' $i"
WAIT = "until test -e go; do sleep 0.1; done"


def run(neovim: Neovim, vendors: VendorServer, command: str) -> None:
    """Have the model run a command, and allow it."""
    will(vendors, call("run_command", command=command))
    begin(neovim)
    neovim.command("AbstractLLM approve")


def test_a_commands_output_is_seen_while_it_runs_and_folded_afterwards(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "steps.sh").write_text(f"for i in 1 2 3; {ECHO}; done; {WAIT}")
    run(neovim, vendors, "sh steps.sh")
    lines = neovim.shows("step 3")

    assert "… Run sh steps.sh" in lines
    assert closed_folds(neovim) == []
    (workspace / "go").touch()
    lines = finish(neovim)
    assert "✓ Run sh steps.sh" in lines
    assert "step 1" in lines
    assert closed_folds(neovim) == ["✓ Run sh steps.sh"]


def test_of_much_output_the_end_is_seen_without_its_colours(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    steps = f"for i in $(seq 300); {ECHO}; done"
    progress = "printf '10%%\\r50%%\\r100%%\\n'"
    (workspace / "steps.sh").write_text(f"{steps}; {progress}; {WAIT}")
    run(neovim, vendors, "sh steps.sh")
    lines = neovim.shows("100%")
    begin_ = lines.index("… 291 lines before")
    (workspace / "go").touch()
    finish(neovim)

    assert lines[begin_ + 1 : begin_ + 11] == [
        *(f"step {number}" for number in range(292, 301)),
        "100%",
    ]


def test_stopping_ends_a_command(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    run(neovim, vendors, "echo begun; sleep 1000")
    neovim.shows("begun")
    neovim.command("AbstractLLM stop")
    lines = finish(neovim)

    assert lines[-1] == "• Stopped."
    assert any(line.startswith("✗ Run echo begun") for line in lines)


def test_a_buffer_is_read_again_after_a_command_changed_its_file(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    neovim.command("edit sample.py")
    run(neovim, vendors, "echo '# the end' >> sample.py")
    finish(neovim)

    expected = [*SAMPLE.splitlines(), "# the end"]
    wait_until(lambda: neovim.lines("sample.py") == expected, "the text of the disk")
    assert not neovim.notices[1:]


def test_unsaved_text_is_left_when_a_command_changed_the_file(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    neovim.command("edit sample.py")
    neovim.type("Gomine = True<Esc>")
    run(neovim, vendors, "echo '# the end' >> sample.py")
    finish(neovim)

    assert neovim.lines("sample.py") == [*SAMPLE.splitlines(), "mine = True"]


def test_a_command_is_shown_whole_where_its_title_is_not(
    neovim: Neovim, vendors: VendorServer
) -> None:
    command = "true " + " ".join(["argument"] * 30) + "\necho second  line"
    will(vendors, call("run_command", command=command))
    begin(neovim)

    first, second = command.split("\n")
    lines = neovim.lines()
    assert lines[lines.index("```sh") + 1 :][:2] == [first, second]
    neovim.command("AbstractLLM reject No.")
    finish(neovim)


def test_calls_look_the_same_when_a_session_is_loaded(
    neovim: Neovim, vendors: VendorServer
) -> None:
    run(neovim, vendors, "echo done by the model")
    lines = finish(neovim)
    neovim.command("AbstractLLM new")
    neovim.choose("Do it")
    neovim.command("AbstractLLM sessions")

    neovim.shows("done by the model")
    assert neovim.lines() == lines
