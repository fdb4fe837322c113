"""Commands that a model runs, what is allowed for longer, and the modes."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.editors.vscode.acting import (
    allow,
    call,
    card,
    edit,
    question,
    results,
    status,
    will_call,
)
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer
from tests.vendors.server import Received

WAITING = "echo begun; read word < gate; echo ended $word"


@pytest.fixture
def gate(workspace: Path) -> Path:
    """Return a pipe that a command waits at."""
    path = workspace / "gate"
    os.mkfifo(path)
    return path


def output(window: Window) -> Locator:
    return window.chat.locator(".tool .output")


def mode(window: Window) -> Locator:
    return window.page.get_by_role("button", name="mode of the open chat")


def offered(request: Received) -> set[str]:
    return {tool["function"]["name"] for tool in request.body["tools"]}


def test_a_command_allowed_for_the_session_streams_and_is_not_asked_about_again(
    window: Window, vendors: VendorServer, gate: Path, workspace: Path
) -> None:
    will_call(vendors, call("run_command", command=WAITING))
    window.ask("Run it.")
    expect(card(window, "Run echo").locator(".command-line")).to_have_text(WAITING)
    expect(card(window, "Run echo").locator(".command-folder")).to_contain_text(
        str(workspace)
    )
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("2")

    for word in ("once", "twice"):
        expect(output(window)).to_have_text("begun")
        window.hide_chat()
        window.show_chat()
        expect(output(window)).to_have_text("begun")
        expect(status(window, "Run echo").last).to_have_text("running …")
        gate.write_text(f"{word}\n")
        window.wait_for_end()
        expect(status(window, "Run echo").last).to_have_text("done")
        assert results(vendors)[-1] == f"Exit code 0.\nbegun\nended {word}\n"
        if word == "once":
            will_call(vendors, call("run_command", command=WAITING))
            window.ask("Again.")


def test_a_running_command_ends_with_the_turn(
    window: Window, vendors: VendorServer, gate: Path
) -> None:
    will_call(vendors, call("run_command", command=WAITING))
    window.ask("Run it.")
    allow(window)
    expect(output(window)).to_have_text("begun")

    window.chat.get_by_role("button", name="Stop").click()

    window.wait_for_end()
    expect(status(window, "Run echo")).to_have_text("stopped")
    with pytest.raises(OSError, match="No such device"):  # nobody reads it any more
        os.open(gate, os.O_WRONLY | os.O_NONBLOCK)


def test_what_is_always_allowed_is_listed_and_can_be_revoked(
    window: Window, vendors: VendorServer
) -> None:
    will_call(vendors, call("run_command", command="echo hello"))
    window.ask("Run it.")
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("3")
    window.wait_for_end()
    window.begin_chat()
    will_call(vendors, call("run_command", command="echo hello"))
    window.ask("Run it in another chat.")
    window.wait_for_end()
    assert results(vendors) == ["Exit code 0.\nhello\n"]

    window.run("AbstractLLM: Manage Approvals")
    window.pick("echo hello")

    toast = window.page.locator(".notification-toast")
    expect(toast).to_contain_text("is asked about again")
    will_call(vendors, call("run_command", command="echo hello"))
    window.ask("And now?")
    expect(question(window)).to_be_visible()
    allow(window)
    window.wait_for_end()
    window.run("AbstractLLM: Manage Approvals")
    expect(toast.filter(has_text="Nothing is allowed always")).to_be_visible()


def test_the_mode_says_what_is_asked_about(
    window: Window, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "colours.txt").write_text("red\n")
    expect(mode(window)).to_contain_text("edit")
    mode(window).click()
    window.pick("ask")
    window.ask("What can you do?")
    window.wait_for_end()
    assert not {"edit_file", "run_command"} & offered(vendors.requests[-1])

    mode(window).click()
    window.pick("auto")
    expect(mode(window)).to_contain_text("auto")
    will_call(vendors, edit("colours.txt", ("red", "green")))
    window.ask("Green, please.")

    window.wait_for_end()
    expect(status(window, "Edit colours.txt")).to_have_text("done")
    window.wait_for_file(workspace / "colours.txt", "green\n")
    window.reload()
    expect(mode(window)).to_contain_text("auto")
