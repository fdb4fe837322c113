"""A chat in a workspace whose sessions cannot be saved."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.window import Window


@pytest.fixture
def in_the_way(workspace: Path) -> Path:
    """Return a file where the folder of the sessions should be."""
    path = workspace / ".abstractllm"
    path.write_text("in the way")
    return path


def test_it_is_told_once_the_chat_goes_on_and_is_saved_later(
    in_the_way: Path, context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    window = Window.open(context, code_server.url, workspace)
    window.ask("Hi")
    expect(window.answers).to_have_text("You said: Hi")
    window.wait_for_end()
    told = window.page.locator(".notification-toast")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Chats are in memory alone for now")
    rows = window.page.locator(".pane", has_text="Sessions").locator(".monaco-list-row")
    expect(rows).to_contain_text(["Hi"])
    window.ask("Still there?")
    expect(window.answers.last).to_have_text("You said: Still there?")
    window.wait_for_end()

    in_the_way.unlink()

    saved = "Sessions can be saved again, and what waited is saved."
    expect(told.filter(has_text=saved)).to_be_visible()
    window.reload()
    rows.filter(has_text="Hi").click()
    expect(window.answers.last).to_have_text("You said: Still there?")
