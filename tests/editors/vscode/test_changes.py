"""What a turn changed: shown at its end, taken back and brought back."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.editors.vscode.acting import (
    allow,
    allow_by_key,
    call,
    edit,
    question,
    will_call,
)
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

BEFORE = {"edited.txt": "red\nblue\n", "made.txt": None, "deleted.txt": "gone\n"}
AFTER = {"edited.txt": "green\nblue\n", "made.txt": "new\n", "deleted.txt": None}


COUNTS = "+2 \N{MINUS SIGN}2"


def bar(window: Window) -> Locator:
    return window.chat.locator("details.changes")


def row(window: Window, name: str) -> Locator:
    return bar(window).locator(".changed-file", has_text=name)


def wait_for(window: Window, workspace: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        window.wait_for_file(workspace / name, text)


@pytest.fixture
def changed(window: Window, workspace: Path, vendors: VendorServer) -> Window:
    """Return a window in which a turn has edited, made and deleted a file."""
    for name, text in BEFORE.items():
        if text is not None:
            (workspace / name).write_text(text)
    window.open_file("edited.txt")
    calls = {
        "Edit edited.txt": edit("edited.txt", ("red", "green")),
        "Create made.txt": call("write_file", path="made.txt", content="new\n"),
        "Delete deleted.txt": call("delete_file", path="deleted.txt"),
    }
    will_call(vendors, *calls.values())
    window.ask("Change three files.")
    for title in calls:
        allow_by_key(window, title)
    window.wait_for_end()
    wait_for(window, workspace, AFTER)
    return window


def test_one_key_takes_the_turn_back_and_another_brings_it_back(
    changed: Window, workspace: Path
) -> None:
    expect(bar(changed).locator("summary")).to_have_text(f"3 files changed{COUNTS}")

    changed.press_in_editor("Control+Alt+Backspace")

    wait_for(changed, workspace, BEFORE)
    expect(changed.lines).to_have_text(["red", "blue", ""])
    expect(bar(changed).locator("summary")).to_contain_text("taken back")

    changed.press_in_editor("Control+Alt+Shift+Backspace")

    wait_for(changed, workspace, AFTER)
    expect(changed.lines).to_have_text(["green", "blue", ""])
    expect(bar(changed).locator("summary")).to_have_text(f"3 files changed{COUNTS}")


def test_single_files_are_taken_back_and_the_rest_is_kept(
    changed: Window, workspace: Path
) -> None:
    row(changed, "deleted.txt").get_by_role("button", name="Take back").click()

    wait_for(changed, workspace, {**AFTER, "deleted.txt": "gone\n"})
    bring_back = row(changed, "deleted.txt").get_by_role("button", name="Bring back")
    expect(bring_back).to_be_visible()
    changed.reload()
    expect(bring_back).to_be_visible()
    bar(changed).get_by_role("button", name="Keep").click()
    expect(bring_back).to_be_hidden()
    changed.hide_chat()
    changed.show_chat()
    expect(bar(changed)).to_be_visible()
    expect(bring_back).to_be_hidden()

    bar(changed).locator("summary").click()
    bring_back.click()
    wait_for(changed, workspace, AFTER)


def test_a_file_that_has_changed_since_is_left_and_the_user_told(
    changed: Window, workspace: Path
) -> None:
    changed.write("very ")

    changed.run("AbstractLLM: Take Back the Last Turn's Edits")

    toast = changed.page.locator(".notification-toast")
    expect(toast).to_contain_text("Took back 2 files.")
    expect(bar(changed).locator(".note.warning")).to_contain_text("edited.txt")
    expect(changed.lines).to_have_text(["very green", "blue", ""])
    wait_for(changed, workspace, {**BEFORE, "edited.txt": "green\nblue\n"})


def test_the_editors_own_diffs_show_the_turn_and_a_file_of_it(changed: Window) -> None:
    row(changed, "edited.txt").locator(".file-name").click()

    diff = changed.page.locator(".monaco-diff-editor")
    expect(diff.locator(".original .view-line")).to_have_text(["red", "blue", ""])
    expect(diff.locator(".modified .view-line")).to_have_text(["green", "blue", ""])

    bar(changed).get_by_role("button", name="Open diffs").click()
    files = changed.page.locator(".multiDiffEntry .title")
    expect(files).to_contain_text(["edited.txt", "made.txt", "deleted.txt"])


def test_a_call_that_waits_is_shown_in_the_editors_own_diff(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "edited.txt").write_text("red\nblue\n")
    will_call(vendors, edit("edited.txt", ("red", "green")))
    window.ask("Another colour, please.")

    question(window).get_by_role("button", name="Open diff").click()

    diff = window.page.locator(".monaco-diff-editor")
    expect(diff.locator(".original .view-line")).to_have_text(["red", "blue", ""])
    expect(diff.locator(".modified .view-line")).to_have_text(["green", "blue", ""])
    allow(window)
    window.wait_for_file(workspace / "edited.txt", "green\nblue\n")


def test_a_file_of_forty_thousand_lines_is_rewritten_and_taken_back(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    path = workspace / "big.txt"
    before = "".join(f"line {number}\n" for number in range(40_000))
    after = before.replace("line", "row")
    path.write_text(before)
    window.open_file("big.txt")
    replaced = {"old": "line", "new": "row", "all": True}
    will_call(vendors, call("edit_file", path="big.txt", edits=[replaced]))

    window.ask("Rename all lines.")
    expect(window.chat.locator(".tool .added.count")).to_have_text("+40000")
    allow(window)

    window.wait_for_end()
    window.wait_for_file(path, after)
    expect(window.lines.first).to_have_text("row 0")
    window.press_in_editor("Control+Z")
    expect(window.lines.first).to_have_text("line 0")
    window.page.keyboard.press("Control+Y")
    window.page.keyboard.press("Control+S")
    window.wait_for_file(path, after)
    window.press_in_editor("Control+Alt+Backspace")
    window.wait_for_file(path, before)
