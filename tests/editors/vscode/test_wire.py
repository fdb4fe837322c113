"""What VS Code says to the server, and what it keeps to itself."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.window import SECONDS, Window
from tests.editors.vscode.wiretap import Wiretap
from tests.vendors import VendorServer

CAPABILITIES = (
    b'"initializationOptions":{"capabilities":{"panel":true,"approvals":true,'
    b'"saves":true,"editorQueries":["diagnostics","symbols","definition","references",'
    b'"hover","rename","openFiles"]}}'
)


def chat(window: Window, prompt: str) -> None:
    window.ask(prompt)
    expect(window.answers.last).to_have_text(f"You said: {prompt}")
    window.wait_for_end()


def set_key(window: Window, key: str) -> None:
    window.run("AbstractLLM: Set API Key")
    window.pick("openai")
    window.answer(key)
    toast = window.page.locator(".notification-toast")
    expect(toast).to_contain_text("The key of openai is kept.")
    window.run("Notifications: Clear All Notifications")
    expect(toast).to_have_count(0)


def wait_for(window: Window, text: bytes, written: Callable[[], bytes]) -> None:
    """Wait until a text is written, which another process does in its own time."""
    tries = SECONDS * 10
    while text not in written():
        assert (tries := tries - 1), "it was not written"
        window.page.wait_for_timeout(100)


def test_a_turn_asks_the_server_for_nothing_else(
    wiretap: Wiretap, context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    window = Window.open(context, code_server.url, workspace)
    expect(window.provider).to_be_visible()
    before = len(wiretap.asked())

    chat(window, "One.")
    chat(window, "Two.")
    chat(window, "Three.")

    assert CAPABILITIES in wiretap.heard
    assert wiretap.asked()[before:] == ["session/new", *["session/generate"] * 3]
    row = window.page.locator(".pane", has_text="Sessions").locator(".monaco-list-row")
    expect(row).to_have_attribute("aria-label", re.compile(r"One\.\s+6 messages"))


def test_keys_are_in_no_trace_of_the_protocol(
    wiretap: Wiretap,
    context: BrowserContext,
    code_server: CodeServer,
    workspace: Path,
    vendors: VendorServer,
) -> None:
    window = Window.open(context, code_server.url, workspace)
    expect(window.provider).to_be_visible()
    window.run("Developer: Set Log Level")
    window.pick("AbstractLLM")
    window.pick("Trace")

    set_key(window, "sk-first-of-mine")
    chat(window, "One.")
    assert vendors.requests[-1].headers["authorization"] == "Bearer sk-first-of-mine"
    set_key(window, "sk-second-of-mine")
    chat(window, "Two.")
    assert vendors.requests[-1].headers["authorization"] == "Bearer sk-second-of-mine"
    wait_for(window, b'"text": "Two."', code_server.logs)
    window.run("AbstractLLM: Restart Server")
    chat(window, "Three.")
    assert vendors.requests[-1].headers["authorization"] == "Bearer sk-second-of-mine"

    assert b"Three." in wiretap.heard
    assert b"of-mine" not in wiretap.heard
    assert b"of-mine" not in code_server.logs()


def test_a_server_that_hangs_is_restarted_and_answers_what_was_asked_meanwhile(
    wiretap: Wiretap, context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    window = Window.open(context, code_server.url, workspace)
    chat(window, "One.")
    (hung,) = wiretap.pids()
    os.kill(hung, signal.SIGSTOP)

    window.run("AbstractLLM: Restart Server")
    # The palette is gone before its command is carried out.
    wait_for(window, b'"shutdown"', lambda: wiretap.heard)
    chat(window, "Two.")

    assert len(wiretap.pids()) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(hung, signal.SIGCONT)
