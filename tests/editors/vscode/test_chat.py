"""The chat view in the real VS Code, at the real server."""

import threading
from pathlib import Path

from playwright.sync_api import expect

from tests.editors.vscode.window import Window
from tests.vendors import Held, Reply, VendorServer


def test_an_answer_streams_in(window: Window, vendors: VendorServer) -> None:
    gate = threading.Event()
    reply = Reply(text=["The *first* half", ", and the **second**."])
    vendors.will(Held(gate=gate, reply=reply))

    window.ask("Tell me something.")
    expect(window.answers).to_have_text("The first half")
    gate.set()

    expect(window.answers).to_have_text("The first half, and the second.")
    expect(window.answers.locator("strong")).to_have_text("second")
    window.wait_for_end()
    expect(window.chat.locator("#usage")).to_have_text("10 in · 5 out")
    expect(window.prompt).to_have_value("")
