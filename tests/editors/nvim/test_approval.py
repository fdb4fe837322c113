"""The user is asked before the model acts, and answers in the panel."""

from pathlib import Path

import pytest

from tests.editors.nvim.conftest import SAMPLE
from tests.editors.nvim.hands import (
    CHAT,
    begin,
    closed_folds,
    edit,
    finish,
    go_to,
    result,
    settle,
    wait_for_question,
    waits,
    will,
)
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

RENAME = edit("sample.py", ("def area(width", "def surface(width"))
RENAMED = SAMPLE.replace("def area(", "def surface(")


def buffer_text(neovim: Neovim, name: str = "sample.py") -> str:
    return "\n".join(neovim.lines(name)) + "\n"


def test_an_edit_is_shown_with_its_diff_and_made_once_it_is_allowed(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    neovim.command("edit sample.py")
    neovim.type("Gounsaved = True<Esc>")
    will(vendors, RENAME)
    begin(neovim)

    lines = neovim.lines()
    assert "? Edit sample.py  +1 -1  may it?" in lines
    assert "-def area(width, height):" in lines
    assert "+def surface(width, height):" in lines
    assert closed_folds(neovim) == []
    assert buffer_text(neovim) == SAMPLE + "unsaved = True\n"

    go_to(neovim, "? Edit")
    neovim.type("ga")
    lines = finish(neovim)

    assert "✓ Edit sample.py  +1 -1" in lines
    assert closed_folds(neovim) == ["✓ Edit sample.py  +1 -1"]
    assert buffer_text(neovim) == RENAMED + "unsaved = True\n"
    assert (workspace / "sample.py").read_text() == SAMPLE, "it was not saved before"
    assert result(vendors).startswith("Done.")


CALL_THAT_WAITS = """
    local session = require("abstractllm.session")
    local id, head = session.state.info.id, session.state.head
    local function tell(seq, update)
      session.on_update({ sessionId = id, turnId = "turn", seq = seq, update = update })
    end
    local prompt = { { kind = "text", text = "Do it" } }
    local call = {
      kind = "toolCall",
      callId = "call",
      turnId = "turn",
      sessionId = id,
      name = "run_command",
      arguments = {},
      title = "Run a command",
      command = "first\\nsecond",
      status = "awaitingApproval",
    }
    tell(0, {
      kind = "userMessage",
      message = { id = "prompt", parentId = head, role = "user", parts = prompt },
    })
    tell(1, call)
    vim.cmd.redraw()
    require("abstractllm.approval").ask(call, function() end)
    vim.cmd.redraw()
    User.finish = function()
      tell(2, { kind = "turnEnded", stopReason = "cancelled" })
    end
"""


def test_a_question_that_comes_after_its_call_opens_the_calls_fold(
    neovim: Neovim,
) -> None:
    neovim.ask("Hello!")
    neovim.lua(CALL_THAT_WAITS)

    assert waits(neovim)
    assert closed_folds(neovim) == []
    neovim.lua("User.finish()")
    assert closed_folds(neovim) == ["✗ Run a command  interrupted"]
    settle(neovim)


def test_a_rejection_tells_the_model_why(neovim: Neovim, vendors: VendorServer) -> None:
    neovim.command("edit sample.py")
    will(vendors, RENAME)
    begin(neovim)
    go_to(neovim, "? Edit")
    neovim.say("The name is public.")
    neovim.type("gr")
    lines = finish(neovim)

    assert "✗ Edit sample.py  +1 -1  rejected" in lines
    assert "The name is public." in result(vendors)
    assert buffer_text(neovim) == SAMPLE


def test_who_gives_up_saying_why_is_still_asked(
    neovim: Neovim, vendors: VendorServer
) -> None:
    will(vendors, RENAME)
    begin(neovim)
    go_to(neovim, "? Edit")
    neovim.say()
    neovim.type("gr")
    wait_until(lambda: neovim.lua("return #User.asked"), "the question why")
    assert waits(neovim)

    neovim.say("")
    neovim.command("AbstractLLM reject")
    finish(neovim)
    assert result(vendors).endswith("so nothing was done.")


def test_what_waits_is_seen_from_afar(neovim: Neovim, vendors: VendorServer) -> None:
    will(vendors, RENAME)
    begin(neovim)
    assert "waits for your answer" in neovim.window(CHAT).options["winbar"]
    status = 'return require("abstractllm").status()'
    assert neovim.lua(status) == "? waits for your answer"
    assert "Edit sample.py" in neovim.told("May the model do this?")

    neovim.command("AbstractLLM reject No.")
    finish(neovim)
    assert neovim.lua(status) == ""
    assert "waits" not in neovim.window(CHAT).options["winbar"]


def test_a_question_can_be_answered_without_leaving_the_code(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    window = neovim.nvim.current.window
    will(vendors, RENAME)
    begin(neovim)
    neovim.command("AbstractLLM approve")
    finish(neovim)

    assert buffer_text(neovim) == RENAMED
    assert neovim.nvim.current.window == window


def test_an_edit_that_came_too_late_changes_nothing(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    will(vendors, RENAME)
    begin(neovim)
    neovim.type("Gochanged = True<Esc>")
    neovim.command("AbstractLLM approve")
    lines = finish(neovim)

    assert buffer_text(neovim) == SAMPLE + "changed = True\n"
    assert "✗ Edit sample.py  +1 -1" in lines
    assert "changed" in result(vendors)


def test_stopping_takes_the_question_away(
    neovim: Neovim, vendors: VendorServer
) -> None:
    will(vendors, RENAME)
    begin(neovim)
    neovim.command("AbstractLLM stop")
    lines = finish(neovim)

    assert not any(line.startswith("→ ga") for line in lines)
    assert neovim.lua('return require("abstractllm").status()') == ""
    neovim.command("AbstractLLM approve")
    assert neovim.told("Nothing waits")
    assert neovim.ask("Go on")[-1] == "All done."


def test_a_question_dies_with_its_server(neovim: Neovim, vendors: VendorServer) -> None:
    will(vendors, RENAME)
    begin(neovim)
    neovim.kill_server()

    neovim.shows("The server was stopped")
    assert not any(line.startswith("→ ga") for line in neovim.lines())
    assert neovim.lua('return require("abstractllm").status()') == ""


def test_a_question_waits_in_its_session_while_another_one_is_shown(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.ask("Hello!")
    neovim.command("edit sample.py")
    will(vendors, RENAME)
    begin(neovim)
    neovim.command("AbstractLLM chat")
    neovim.command("AbstractLLM new")
    assert "another chat waits" in neovim.window(CHAT).options["winbar"]

    neovim.choose("Hello!")
    neovim.command("AbstractLLM sessions")
    wait_for_question(neovim)
    go_to(neovim, "? Edit")
    neovim.type("ga")
    finish(neovim)
    assert buffer_text(neovim) == RENAMED
