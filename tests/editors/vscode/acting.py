"""Calls of tools that act, as a scripted model makes them, and how they are shown."""

from __future__ import annotations

import itertools
import json
import threading
from typing import Any

from playwright.sync_api import Locator, expect

from tests.editors.vscode.window import Window
from tests.vendors import Call, Held, Reply, Script, VendorServer

_numbers = itertools.count(1)


def call(name: str, **arguments: Any) -> Call:
    """Return a call of a tool, with an id of its own."""
    return Call(
        name=name, arguments=[json.dumps(arguments)], id=f"call_{next(_numbers)}"
    )


def edit(path: str, *replaced: tuple[str, str]) -> Call:
    """Return a call that replaces texts in a file."""
    edits = [{"old": old, "new": new} for old, new in replaced]
    return call("edit_file", path=path, edits=edits)


def will_call(
    vendors: VendorServer,
    *calls: Call,
    gate: threading.Event | None = None,
    held: int = 0,
) -> None:
    """Have the model make these calls, one reply for each, and then end.

    With a gate, the call of number `held` waits until that is set.
    """
    replies: list[Script] = [Reply(tool_calls=[each]) for each in calls]
    if gate is not None:
        reply = Reply(tool_calls=[calls[held]])
        replies[held] = Held(gate=gate, after=0, reply=reply)
    vendors.will(*replies, Reply(text=["That is it."]))


def results(vendors: VendorServer) -> list[str]:
    """Return what the model was told last of the calls it made."""
    messages = vendors.requests[-1].body["messages"]
    return [m["content"] for m in messages if m["role"] == "tool"]


def card(window: Window, title: str) -> Locator:
    """Return the card of a call, by its title."""
    return window.chat.locator("details.tool", has_text=title)


def question(window: Window) -> Locator:
    """Return the buttons of the call that waits."""
    return window.chat.get_by_role("group", name="waits for your answer")


def allow(window: Window, label: str = "Allow once") -> None:
    """Let the call that waits go on."""
    question(window).get_by_role("button", name=label).click()


def allow_by_key(window: Window, title: str) -> None:
    """Let the call of this title go on once it asks, and wait until it is done."""
    expect(status(window, title)).to_have_text("waits for you")
    expect(question(window)).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(status(window, title)).to_have_text("done")


def status(window: Window, title: str) -> Locator:
    """Return how a call stands."""
    return card(window, title).locator(".tool-status")
