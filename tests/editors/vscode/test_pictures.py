"""The pictures of the documents: a short chat about a small project."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.story import (
    AGAIN,
    ANSWER,
    EDITING,
    PROGRAM,
    QUESTION,
    READING,
    REQUEST,
    SHORTER,
    SPEECH,
)
from tests.editors.vscode.acting import question
from tests.editors.vscode.code_server import REPOSITORY, CodeServer
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

PICTURES = REPOSITORY / "docs" / "pictures"

MOST_BYTES = 400_000

THEMES = {"dark": "Dark Modern", "light": "Light Modern"}


@pytest.fixture
def open_window(
    context: BrowserContext, code_server: CodeServer, workspace: Path
) -> Callable[[str], Window]:
    """Return what opens the project in a window of a theme."""
    (workspace / "words.py").write_text(PROGRAM, encoding="utf-8")
    (workspace / "speech.txt").write_text(SPEECH, encoding="utf-8")

    def opened(theme: str) -> Window:
        window = Window.open(context, code_server.url, workspace)
        window.run("Preferences: Color Theme")
        window.pick(THEMES[theme])
        window.open_file("words.py")
        window.widen_side_bar(480)
        return window

    return opened


def keep(window: Window, name: str) -> None:
    """Keep a picture of a window in the documents."""
    expect(window.page.locator(".notification-toast")).to_have_count(0)
    window.page.mouse.move(900, 600)
    picture = PICTURES / name
    window.page.screenshot(path=picture, animations="disabled", caret="hide")
    assert picture.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_of_a_chat(
    open_window: Callable[[str], Window], vendors: VendorServer, theme: str
) -> None:
    vendors.will(READING, ANSWER)
    window = open_window(theme)
    window.select("def most_common")
    window.page.keyboard.press("Home")
    for key in ("ArrowDown", "ArrowDown", "End"):
        window.page.keyboard.press(f"Shift+{key}")
    window.run("AbstractLLM: Ask About the Selection")

    window.ask(QUESTION)
    window.wait_for_end()

    expect(window.answers).to_contain_text("joins The and the")
    keep(window, f"vscode-{theme}.png")


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_of_a_change_that_waits(
    open_window: Callable[[str], Window], vendors: VendorServer, theme: str
) -> None:
    vendors.will(EDITING)
    window = open_window(theme)

    window.ask(REQUEST)
    question(window).get_by_role("button", name="Open diff").click()
    diff = window.page.locator(".monaco-diff-editor")
    expect(diff.locator(".modified .char-insert").first).to_be_visible()
    window.run("AbstractLLM: Show the Call That Waits")

    expect(question(window)).to_be_focused()
    keep(window, f"vscode-approval-{theme}.png")


def test_a_picture_of_branches(
    open_window: Callable[[str], Window], vendors: VendorServer
) -> None:
    vendors.will(READING, ANSWER, SHORTER)
    window = open_window("dark")
    window.ask(QUESTION)
    expect(window.answers).to_contain_text("joins The and the")
    window.wait_for_end()

    window.answers.last.hover()
    window.answers.last.get_by_role("button", name="Try again", exact=True).click()

    expect(window.answers.last.locator(".switcher")).to_have_text("2 of 2")
    window.answers.last.get_by_role("button", name="Fork from here").focus()
    keep(window, "vscode-branches.png")


def test_a_picture_of_a_search(
    open_window: Callable[[str], Window], vendors: VendorServer
) -> None:
    vendors.will(READING, ANSWER, SHORTER)
    window = open_window("dark")
    for prompt, answer in ((QUESTION, "joins The and the"), (AGAIN, "One line does")):
        window.ask(prompt)
        expect(window.answers.last).to_contain_text(answer)
        window.wait_for_end()
        window.begin_chat()

    window.run("AbstractLLM: Search in All Chats")
    window.page.get_by_role("textbox", name="Any words").fill("count")

    rows = window.page.locator(".quick-input-list .monaco-list-row")
    expect(rows.filter(has_text="in one line?").first).to_be_visible()
    keep(window, "vscode-search.png")
