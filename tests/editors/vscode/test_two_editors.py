"""One session in two real editors, Neovim and VS Code: one after the other, or live."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.editor import environment
from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.editors.vscode.window import Window
from tests.vendors import Held, Reply, VendorServer

Do = Callable[..., Any]


@pytest.fixture
def neovim(workspace: Path, tmp_path: Path, vendors: VendorServer) -> Iterator[Do]:
    """Return what calls a method of a Neovim, and returns its result.

    Playwright and pynvim each want the event loop of their thread for themselves.
    """
    env = environment(tmp_path / "home", vendors)
    with ThreadPoolExecutor(1) as thread, ExitStack() as stack:
        neovim = thread.submit(Neovim, VERSIONS[-1], workspace, env).result()
        stack.callback(thread.submit, neovim.__exit__, None, None, None)

        def do(method: str, *arguments: Any) -> Any:
            return thread.submit(getattr(neovim, method), *arguments).result()

        yield do


def open_chat(window: Window, title: str) -> None:
    """Open a chat of another editor in VS Code."""
    sessions = window.page.locator(".pane", has_text="Sessions")
    sessions.locator(".monaco-list-row", has_text=title).click()
    expect(window.answers).to_have_text(f"You said: {title}")


def test_a_session_of_neovim_goes_on_in_vs_code_and_back(
    window: Window, neovim: Do, vendors: VendorServer
) -> None:
    neovim("ask", "Said in Neovim")

    window.reload()
    open_chat(window, "Said in Neovim")
    window.ask("Said in VS Code")
    expect(window.answers.last).to_have_text("You said: Said in VS Code")
    window.wait_for_end()
    lines = neovim("ask", "Back in Neovim")

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


def test_a_turn_in_neovim_is_seen_in_vs_code_while_it_runs(
    window: Window, neovim: Do, vendors: VendorServer
) -> None:
    neovim("ask", "Shared")
    open_chat(window, "Shared")
    gate = Event()
    vendors.will(Held(gate=gate, after=2, reply=Reply(text=["Half ", "of ", "it."])))

    neovim("command", "AbstractLLM ask Tell me")
    expect(window.answers.last).to_have_text("Half of ")
    expect(window.page.get_by_text("answers elsewhere").first).to_be_visible()
    window.ask("Me too")
    refusal = "Another editor answers a prompt of this session right now."
    expect(window.chat.get_by_text(refusal).first).to_be_visible()
    gate.set()
    expect(window.answers.last).to_have_text("Half of it.")
    expect(window.page.get_by_text("answers elsewhere")).to_have_count(0)

    expect(window.prompt).to_have_value("Me too")
    window.prompt.press("Enter")
    expect(window.answers.last).to_have_text("You said: Me too")
    neovim("shows", "Half of it.", "You said: Me too")
