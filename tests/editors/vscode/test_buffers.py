"""What an edit leaves as it is: what is not saved, how files are written, and undo."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.acting import (
    allow_by_key,
    call,
    edit,
    results,
    will_call,
)
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer


def test_a_file_that_is_moved_takes_its_unsaved_text_along(
    window: Window, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "old.txt").write_text("red\n")
    window.open_file("old.txt")
    window.write("dark ")
    rename = call("rename_file", path="old.txt", new_path="new.txt")
    will_call(vendors, rename, edit("new.txt", ("dark", "light")))
    window.ask("Move it.")
    allow_by_key(window, "Rename old.txt to new.txt")

    allow_by_key(window, "Edit new.txt")
    window.wait_for_end()

    expect(window.page.locator('.tab[data-resource-name="new.txt"]')).to_be_visible()
    expect(window.lines).to_have_text(["light red", ""])
    window.wait_for_file(workspace / "old.txt", None)
    assert (workspace / "new.txt").read_text() == "red\n"
    window.press_in_editor("Control+Alt+Backspace")
    window.wait_for_file(workspace / "new.txt", None)
    expect(window.lines).to_have_text(["dark red", ""])


def test_a_deleted_file_comes_back_with_what_was_not_saved(
    window: Window, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "colours.txt").write_text("red\n")
    window.open_file("colours.txt")
    window.write("dark ")
    will_call(vendors, call("delete_file", path="colours.txt"))
    window.ask("Away with it.")
    allow_by_key(window, "Delete colours.txt")
    window.wait_for_end()
    window.wait_for_file(workspace / "colours.txt", None)

    window.run("AbstractLLM: Take Back the Last Turn's Edits")

    window.wait_for_file(workspace / "colours.txt", "dark red\n")


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_mark_at_the_start_are_kept(
    window: Window, vendors: VendorServer, workspace: Path, start: bytes, is_open: bool
) -> None:
    path = workspace / "colours.txt"
    path.write_bytes(start + b"red\r\nblue\r\nlast")
    if is_open:
        window.open_file("colours.txt")
    will_call(vendors, edit("colours.txt", ("red\nblue", "green\nblue\nwhite")))
    window.ask("More colours.")
    allow_by_key(window, "Edit colours.txt")
    window.wait_for_end()

    assert path.read_bytes() == start + b"green\r\nblue\r\nwhite\r\nlast"
    window.run("AbstractLLM: Take Back the Last Turn's Edits")
    window.wait_for_file(path, start.decode() + "red\nblue\nlast")
    assert path.read_bytes() == start + b"red\r\nblue\r\nlast"


def test_what_the_editor_changes_as_it_saves_is_taken_back_too(
    window: Window, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / ".vscode").mkdir()
    settings = {
        "files.trimTrailingWhitespace": True,
        "files.insertFinalNewline": True,
        "editor.lineNumbers": "off",  # seen, so that they are known to hold
    }
    (workspace / ".vscode" / "settings.json").write_text(json.dumps(settings))
    path = workspace / "colours.txt"
    path.write_text("red\nblue")
    window.open_file("colours.txt")
    expect(window.page.locator(".line-numbers")).to_have_count(0)
    will_call(vendors, edit("colours.txt", ("red", "green   ")))
    window.ask("Another colour.")
    allow_by_key(window, "Edit colours.txt")
    window.wait_for_end()
    window.wait_for_file(path, "green\nblue\n")
    (result,) = results(vendors)
    assert "Saving it changed it once more" in result

    window.run("AbstractLLM: Take Back the Last Turn's Edits")

    window.wait_for_file(path, "red\nblue\n")
