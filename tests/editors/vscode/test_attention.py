"""A call that waits is seen from afar, and answered from there."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.editors.vscode.acting import call, edit, question, results, status, will_call
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

WAITING = "AbstractLLM - Calls that wait for your answer"

Begin = Callable[[], None]


def notification(window: Window) -> Locator:
    return window.page.locator(".notification-toast", has_text="AbstractLLM asks")


def in_status_bar(window: Window) -> Locator:
    return window.page.get_by_role("button", name="a call waits for your answer")


@pytest.fixture
def begin(window: Window, workspace: Path, vendors: VendorServer) -> Begin:
    """Return what has a model ask for an edit, after its turn has begun."""
    (workspace / "colours.txt").write_text("red\nblue\n")
    gate = threading.Event()
    will_call(vendors, edit("colours.txt", ("red", "green")), gate=gate)
    window.ask("Another colour, please.")
    expect(window.chat.get_by_role("button", name="Stop")).to_be_visible()
    return gate.set


def test_a_call_is_allowed_by_its_notification_while_the_chat_is_hidden(
    window: Window, workspace: Path, begin: Begin
) -> None:
    window.hide_chat()
    begin()

    expect(in_status_bar(window)).to_contain_text("Edit colours.txt")
    tabs = window.page.locator(".activitybar").get_by_role("tab")
    expect(tabs.filter(has_text="1")).to_have_accessible_name(WAITING)
    expect(notification(window)).to_contain_text("Edit colours.txt")
    notification(window).get_by_role("link", name="Allow Once").click()

    window.wait_for_file(workspace / "colours.txt", "green\nblue\n")
    expect(notification(window)).to_have_count(0)
    expect(in_status_bar(window)).to_have_count(0)
    window.show_chat()
    expect(status(window, "Edit colours.txt")).to_have_text("done")


def test_a_notification_is_there_only_while_the_call_waits_out_of_sight(
    window: Window, workspace: Path, begin: Begin
) -> None:
    window.hide_chat()
    begin()
    expect(notification(window)).to_be_visible()

    window.show_chat()
    expect(question(window)).to_be_visible()
    expect(notification(window)).to_have_count(0)
    window.hide_chat()
    expect(notification(window)).to_be_visible()
    window.run("AbstractLLM: Stop the Answer")

    expect(notification(window)).to_have_count(0)
    expect(in_status_bar(window)).to_have_count(0)
    assert (workspace / "colours.txt").read_text() == "red\nblue\n"


def test_a_call_of_a_chat_that_is_not_open_can_be_shown_and_answered(
    window: Window, workspace: Path, begin: Begin
) -> None:
    window.begin_chat()
    begin()
    expect(question(window)).to_have_count(0)

    notification(window).get_by_role("link", name="Show").click()

    expect(question(window)).to_be_focused()
    expect(notification(window)).to_have_count(0)
    window.page.keyboard.press("Enter")
    window.wait_for_file(workspace / "colours.txt", "green\nblue\n")


def test_a_call_is_answered_by_commands_from_the_code(
    window: Window, workspace: Path, vendors: VendorServer, begin: Begin
) -> None:
    begin()
    window.open_file("colours.txt")
    window.press_in_editor("Control+Home")
    expect(in_status_bar(window)).to_be_visible()

    window.page.keyboard.press("Control+Alt+Enter")
    expect(question(window)).to_be_focused()
    window.press_in_editor("Control+Home")
    window.run("AbstractLLM: Reject the Call That Waits")

    window.wait_for_end()
    (result,) = results(vendors)
    assert "not approved" in result
    assert (workspace / "colours.txt").read_text() == "red\nblue\n"


def test_a_command_makes_no_links_in_its_notification_and_is_not_cut_there(
    window: Window, vendors: VendorServer
) -> None:
    gate = threading.Event()
    linking = "echo [x](command:workbench.action.files.newUntitledFile)"
    long = f"echo {'a ' * 200} && echo done"
    will_call(
        vendors,
        call("run_command", command=linking),
        call("run_command", command=long),
        gate=gate,
    )
    window.ask("Run something.")
    window.hide_chat()
    gate.set()

    expect(notification(window)).to_contain_text("newUntitledFile")
    links = notification(window).get_by_role("link")
    expect(links).to_have_text(["Allow Once", "Reject", "Show"])
    notification(window).get_by_role("button", name="Cancel").click()

    expect(notification(window)).to_contain_text("Run echo a a")
    expect(links).to_have_text(["Reject", "Show"])
    links.first.click()
    expect(notification(window)).to_have_count(0)
