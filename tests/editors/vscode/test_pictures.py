"""The pictures of the documents: a short chat about a small project."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.story import ANSWER, PROGRAM, QUESTION, READING, SPEECH
from tests.editors.vscode.code_server import REPOSITORY, CodeServer
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

PICTURES = REPOSITORY / "docs" / "pictures"

MOST_BYTES = 400_000

THEMES = {"dark": "Dark Modern", "light": "Light Modern"}


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_of_a_chat(
    context: BrowserContext,
    code_server: CodeServer,
    workspace: Path,
    vendors: VendorServer,
    theme: str,
) -> None:
    (workspace / "words.py").write_text(PROGRAM, encoding="utf-8")
    (workspace / "speech.txt").write_text(SPEECH, encoding="utf-8")
    vendors.will(READING, ANSWER)
    window = Window.open(context, code_server.url, workspace)
    window.run("Preferences: Color Theme")
    window.pick(THEMES[theme])
    window.open_file("words.py")
    window.select("def most_common")
    window.page.keyboard.press("Home")
    for key in ("ArrowDown", "ArrowDown", "End"):
        window.page.keyboard.press(f"Shift+{key}")
    window.run("AbstractLLM: Ask About the Selection")
    window.widen_side_bar(480)

    window.ask(QUESTION)
    window.wait_for_end()

    expect(window.answers).to_contain_text("joins The and the")
    expect(window.page.locator(".notification-toast")).to_have_count(0)
    window.page.mouse.move(900, 600)
    picture = PICTURES / f"vscode-{theme}.png"
    window.page.screenshot(path=picture, animations="disabled", caret="hide")
    assert picture.stat().st_size < MOST_BYTES
