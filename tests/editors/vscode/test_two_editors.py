"""One session in two real editors: begun in Neovim, continued in VS Code, and back."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.editor import environment
from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer


def test_a_session_of_neovim_goes_on_in_vs_code_and_back(
    window: Window, workspace: Path, tmp_path: Path, vendors: VendorServer
) -> None:
    env = environment(tmp_path / "home", vendors)
    # Playwright and pynvim each want the event loop of their thread for themselves.
    with ThreadPoolExecutor(1) as thread, ExitStack() as stack:
        neovim = thread.submit(Neovim, VERSIONS[-1], workspace, env).result()
        stack.callback(thread.submit, neovim.__exit__, None, None, None)
        thread.submit(neovim.ask, "Said in Neovim").result()

        window.reload()
        sessions = window.page.locator(".pane", has_text="Sessions")
        sessions.locator(".monaco-list-row", has_text="Said in Neovim").click()
        expect(window.answers).to_have_text("You said: Said in Neovim")
        window.ask("Said in VS Code")
        expect(window.answers.last).to_have_text("You said: Said in VS Code")
        window.wait_for_end()

        lines = thread.submit(neovim.ask, "Back in Neovim").result()

    assert [line for line in lines if line.startswith("You said: ")] == [
        "You said: Said in Neovim",
        "You said: Said in VS Code",
        "You said: Back in Neovim",
    ]
    assert [
        (message["role"], message["content"])
        for message in vendors.requests[-1].body["messages"]
    ] == [
        ("user", "Said in Neovim"),
        ("assistant", "You said: Said in Neovim"),
        ("user", "Said in VS Code"),
        ("assistant", "You said: Said in VS Code"),
        ("user", "Back in Neovim"),
    ]
