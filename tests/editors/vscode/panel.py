"""The page of the chat view alone, in a browser: without a VS Code and a server."""

from __future__ import annotations

import zipfile
from typing import Any

from playwright.sync_api import Locator, Page, Route

from tests.editors.vscode.code_server import EXTENSION, REPOSITORY

Json = dict[str, Any]

PAGE = REPOSITORY / "editors/vscode/webview/page.html"

_ADDRESS = "http://panel.test/"

# What VS Code gives a page: a way to tell the extension, and a memory.
_HOST = """
window.told = [];
window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.told.push(message),
    getState: () => undefined,
    setState: (state) => (window.kept = state),
});
// The page rests between two looks at what came in, the longer the slower the machine.
const resting = new Set();
const later = window.setTimeout;
window.setTimeout = (act, rest) => {
    const timer = later(() => {
        resting.delete(timer);
        act();
    }, rest);
    resting.add(timer);
    return timer;
};
window.tell = async (message) => {
    window.dispatchEvent(new MessageEvent("message", {data: message}));
    do await window.pass(3);
    while (resting.size > 0);
};
window.pass = async (frames) => {
    while (frames--) await new Promise((resolve) => requestAnimationFrame(resolve));
};
window.scrollingEnd = () => new Promise((resolve) => {
    const root = document.querySelector("#transcript");
    const before = root.scrollTop;  // a jump of the page's own may still be to end
    root.addEventListener("scrollend", () => root.scrollTop !== before && resolve());
});
"""


class Panel:
    """The page, and the extension's side of it, played by the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._seq = 0
        self._turn = 0
        page.add_init_script(_HOST)
        page.route(f"{_ADDRESS}**", _serve)
        page.goto(_ADDRESS)

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_role("textbox", name="Prompt")

    @property
    def transcript(self) -> Locator:
        return self.page.locator("#transcript")

    def told(self, kind: str) -> list[Json]:
        """Return what the page has told the extension, of one kind."""
        told: list[Json] = self.page.evaluate("() => window.told")
        return [message for message in told if message["kind"] == kind]

    def kept(self) -> Json:
        """Return what the page wants to be given when it is made anew."""
        kept: Json = self.page.evaluate("() => window.kept")
        return kept

    def tell(self, kind: str, **more: Any) -> None:
        """Tell the page something, and wait until it has shown it."""
        message = {"kind": kind, **more}
        self.page.evaluate("(message) => window.tell(message)", message)

    def update(self, kind: str, **more: Any) -> None:
        """Tell the page the next update of a turn."""
        update = {"kind": kind, **more}
        params = {
            "sessionId": "s",
            "turnId": f"t{self._turn}",
            "seq": self._seq,
            "update": update,
        }
        self._seq += 1
        self.tell("update", update=params)

    def say(self, text: str, **more: Any) -> None:
        """Have the turn begin with this prompt."""
        part = {"kind": "text", "text": text}
        message = {"id": "m", "parentId": None, "role": "user", "parts": [part]}
        self.update("userMessage", message={**message, "metadata": {}, **more})

    def begin_turn(self) -> None:
        """Let the next update be the first of a turn."""
        self._turn += 1
        self._seq = 0

    def end(self, error: Json | None = None, **more: Any) -> None:
        """Have the turn end, well or not."""
        usage = {"inputTokens": 10, "outputTokens": 5, "cachedTokens": 0}
        reason = "error" if error else "endTurn"
        more |= {"error": error} if error else {}
        self.update("turnEnded", stopReason=reason, usage=usage, **more)

    def miss(self) -> None:
        """Let an update get lost."""
        self._seq += 1

    def scroll(self, pixels: int) -> None:
        """Turn the wheel above the conversation: down, or up below zero."""
        self.transcript.hover()
        self.page.evaluate("() => { window.ending = window.scrollingEnd(); }")
        self.page.mouse.wheel(0, pixels)
        self.page.evaluate("() => window.ending.then(() => window.pass(2))")

    def resize(self, width: int, height: int) -> None:
        """Make the view this large, in pixels."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("() => window.pass(3)")

    def hidden_below(self) -> float:
        """Return how much of the conversation is out of sight below, in pixels."""
        return float(
            self.transcript.evaluate(
                "(root) => root.scrollHeight - root.clientHeight - root.scrollTop"
            )
        )

    def sign_of_life(self) -> str:
        """Return what stands below the conversation while a turn runs."""
        return str(
            self.transcript.evaluate(
                '(root) => getComputedStyle(root, "::after").content'
            )
        )


def _serve(route: Route) -> None:
    name = route.request.url.removeprefix(_ADDRESS)
    if name:
        with zipfile.ZipFile(EXTENSION) as extension:
            content = extension.read(f"extension/dist/webview/{name}")
        types = {"js": "text/javascript", "css": "text/css"}
        route.fulfill(body=content, content_type=types[name.rsplit(".")[-1]])
        return
    page = PAGE.read_text(encoding="utf-8")
    values = {"policy": "", "nonce": "", "script": "main.js", "style": "style.css"}
    for key, value in values.items():
        page = page.replace(f"{{{key}}}", value)
    route.fulfill(body=page, content_type="text/html")
