"""A model that edits: asked for in the chat, done in the editor's buffers."""

import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.acting import (
    allow,
    card,
    edit,
    question,
    results,
    status,
    will_call,
)
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

COLOURS = "red\nblue\n"


@pytest.fixture
def colours(window: Window, workspace: Path) -> Path:
    """Return a file that is open, with a word of the user's in it that is not saved."""
    path = workspace / "colours.txt"
    path.write_text(COLOURS)
    window.open_file("colours.txt")
    window.write("dark ")
    return path


def test_an_edit_that_is_allowed_changes_the_unsaved_buffer_and_can_be_undone(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))

    window.ask("Lighter, please.")
    expect(card(window, "Edit colours.txt").locator(".line")).to_have_text(
        ["-dark red", "+light red", " blue"]
    )
    expect(window.lines).to_have_text(["dark red", "blue", ""])
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("Enter")

    window.wait_for_end()
    expect(window.lines).to_have_text(["light red", "blue", ""])
    expect(status(window, "Edit colours.txt")).to_have_text("done")
    expect(card(window, "Edit colours.txt").locator(".diff")).to_be_hidden()
    expect(window.prompt).to_be_focused()
    assert results(vendors) == ["Done."]
    assert colours.read_text() == COLOURS

    window.press_in_editor("Control+Z")
    expect(window.lines).to_have_text(["dark red", "blue", ""])


def test_a_rejection_reaches_the_model_with_what_the_user_typed(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))

    window.ask("Another colour, please.")
    expect(question(window)).to_be_focused()
    window.page.keyboard.type("Green!")
    window.page.keyboard.press("Enter")

    window.wait_for_end()
    expect(status(window, "Edit colours.txt")).to_have_text("rejected")
    expect(window.lines).to_have_text(["dark red", "blue", ""])
    (result,) = results(vendors)
    assert result.endswith("This was not approved, so nothing was done. Green!")


def test_a_hunk_can_be_left_out(
    window: Window, vendors: VendorServer, workspace: Path
) -> None:
    lines = [f"line {number}" for number in range(30)]
    (workspace / "many.txt").write_text("\n".join(lines))
    will_call(
        vendors, edit("many.txt", ("line 1\n", "FIRST\n"), ("line 28\n", "LAST\n"))
    )

    window.ask("Shout.")
    window.chat.get_by_role("checkbox").last.uncheck()
    allow(window, "Allow 1 of 2 changes")

    window.wait_for_end()
    changed = [lines[0], "FIRST", *lines[2:]]
    window.wait_for_file(workspace / "many.txt", "\n".join(changed))
    (result,) = results(vendors)
    assert "The user accepted 1 of 2 parts." in result
    assert "LAST" not in result


def test_a_buffer_that_changed_while_the_question_stood_is_left_as_it_is(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))

    window.ask("Lighter, please.")
    expect(question(window)).to_be_visible()
    window.write("very ")
    allow(window)

    window.wait_for_end()
    expect(status(window, "Edit colours.txt")).to_have_text("failed")
    expect(window.lines).to_have_text(["very dark red", "blue", ""])
    (result,) = results(vendors)
    assert "has changed" in result


def test_a_turn_that_is_stopped_while_it_asks_asks_no_longer(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))

    window.ask("Lighter, please.")
    expect(question(window)).to_be_visible()
    window.chat.get_by_role("button", name="Stop").click()

    window.wait_for_end()
    expect(question(window)).to_have_count(0)
    expect(status(window, "Edit colours.txt")).to_have_text("stopped")
    expect(window.lines).to_have_text(["dark red", "blue", ""])
    vendors.forget()
    window.ask("Never mind.")
    expect(window.answers.last).to_have_text("You said: Never mind.")


def test_a_question_outlives_the_view(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))
    window.ask("Lighter, please.")
    expect(question(window)).to_be_visible()

    window.hide_chat()
    window.show_chat()

    expect(card(window, "Edit colours.txt").locator(".line.added")).to_be_visible()
    allow(window)
    window.wait_for_end()
    expect(window.lines).to_have_text(["light red", "blue", ""])


def test_a_server_that_is_restarted_asks_no_longer(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(vendors, edit("colours.txt", ("dark red", "light red")))
    window.ask("Lighter, please.")
    expect(question(window)).to_be_visible()

    window.run("AbstractLLM: Restart Server")

    expect(question(window)).to_have_count(0)
    window.wait_for_end()
    expect(window.lines).to_have_text(["dark red", "blue", ""])


def test_who_writes_a_prompt_is_not_interrupted(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    gate = threading.Event()
    will_call(vendors, edit("colours.txt", ("dark red", "light red")), gate=gate)
    window.ask("Lighter, please.")
    window.prompt.press_sequentially("And then")

    gate.set()
    expect(question(window)).to_be_visible()
    window.page.keyboard.type(" go on")
    window.page.keyboard.press("Shift+Enter")

    expect(window.prompt).to_have_value("And then go on\n")
    expect(question(window)).to_be_visible()
    window.run("AbstractLLM: Show the Call That Waits")
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("Escape")
    window.wait_for_end()
    expect(status(window, "Edit colours.txt")).to_have_text("rejected")


def test_how_a_call_ended_is_still_shown_when_the_window_is_reloaded(
    window: Window, vendors: VendorServer, colours: Path
) -> None:
    will_call(
        vendors,
        edit("colours.txt", ("dark red", "light red")),
        edit("colours.txt", ("blue", "black")),
    )
    window.ask("Lighter and darker, please.")
    allow(window)
    expect(status(window, "Edit colours.txt").first).to_have_text("done")
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("Escape")
    window.wait_for_end()

    window.reload()

    expect(status(window, "Edit colours.txt")).to_have_text(["done", "rejected"])
    last = card(window, "Edit colours.txt").last
    last.locator("summary").click()
    expect(last.locator(".line.added")).to_have_text("+black")
