"""The chat and the editor next to it: what is asked about, what is inserted."""

from pathlib import Path

from playwright.sync_api import expect

from tests.editors.vscode.window import Window
from tests.vendors import Reply, VendorServer


def ask_about_selection(window: Window, prompt: str) -> None:
    window.run("AbstractLLM: Ask About the Selection")
    expect(window.chat.locator(".chip")).to_be_visible()
    window.ask(prompt)
    window.wait_for_end()


def test_a_selection_of_unsaved_text_reaches_the_model(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "colours.txt").write_text("red\nblue\n")
    window.open_file("colours.txt")
    window.write("green ")
    window.select("green red")

    ask_about_selection(window, "What is this?")

    asked = str(vendors.requests[-1].body["messages"])
    assert "green red" in asked
    assert "blue" not in asked
    assert (workspace / "colours.txt").read_text() == "red\nblue\n"
    expect(window.chat.locator(".resource summary")).to_have_text("colours.txt:1")
    expect(window.chat.locator(".chip")).to_have_count(0)


def test_a_document_without_a_file_can_be_asked_about(
    window: Window, vendors: VendorServer
) -> None:
    window.run("File: New Untitled Text File")
    window.write("A thought nobody has saved.")
    window.page.keyboard.press("Control+A")

    ask_about_selection(window, "What is this?")

    assert "A thought nobody has saved." in str(vendors.requests[-1].body["messages"])


def test_the_menu_of_the_editor_offers_to_ask(window: Window, workspace: Path) -> None:
    (workspace / "colours.txt").write_text("red\nblue\n")
    window.open_file("colours.txt")
    window.select("blue")

    window.page.keyboard.press("Shift+F10")
    offer = window.page.get_by_role("menuitem", name="Ask About the Selection")
    offer.hover()
    offer.press("Enter")

    expect(window.chat.locator(".chip")).to_contain_text("colours.txt:2")
    window.chat.locator(".chip").click()
    expect(window.chat.locator(".chip")).to_have_count(0)


def test_a_block_of_code_is_inserted_at_the_cursor(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "colours.txt").write_text("red\n")
    window.open_file("colours.txt")
    vendors.will(Reply(text=["Like this:\n\n```\ngreen\n```\n"]))
    window.ask("Which other colour?")
    window.wait_for_end()

    window.chat.get_by_role("button", name="Insert").click()

    expect(window.lines).to_have_text(["green", "red", ""])
