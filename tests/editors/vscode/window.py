"""A window of VS Code, as its user sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

SECONDS = 30
"""How long a test waits for something that should come."""

expect.set_options(timeout=SECONDS * 1000)


class Window:
    """A page with a VS Code in it; `chat` is what stands in the chat view."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(SECONDS * 1000)

    @classmethod
    def open(
        cls,
        context: BrowserContext,
        url: str,
        folder: Path,
        *,
        trusted: bool | None = True,
    ) -> Window:
        """Open a folder in a new window, and the chat in it.

        Whether the folder is trusted is asked once in each browser context: `None`
        where that was.
        """
        window = cls(context.new_page())
        window.page.goto(f"{url}/?folder={folder}", wait_until="domcontentloaded")
        answer = "Yes, I trust the authors" if trusted else "No, I don't trust"
        if trusted is not None:
            window.page.get_by_role("button", name=answer).click()
        window._tab("AbstractLLM").click()
        expect(window.prompt).to_be_visible()
        return window

    @property
    def chat(self) -> FrameLocator:
        """What stands in the chat view."""
        outer = self.page.frame_locator("iframe.webview")
        return outer.frame_locator("#active-frame")

    @property
    def prompt(self) -> Locator:
        return self.chat.get_by_role("textbox", name="Prompt")

    @property
    def answers(self) -> Locator:
        """The assistant's turns."""
        return self.chat.locator("article.assistant")

    @property
    def provider(self) -> Locator:
        """What the status bar says of the provider; it is there once a server runs."""
        return self.page.get_by_role("button", name="provider of the open chat")

    @property
    def model(self) -> Locator:
        return self.page.get_by_role("button", name="model of the open chat")

    def show_chat(self) -> None:
        """Show the chat view again, and wait until it listens.

        Not by its tab: a second click on a tab within 300 ms is a slip of the hand to
        VS Code, which ignores it (`preventDoubleClickDelay` in its `paneCompositeBar`).
        """
        self.run("View: Show AbstractLLM")
        expect(self.prompt).to_be_visible()

    def ask(self, prompt: str) -> None:
        """Send a prompt."""
        self.prompt.fill(prompt)
        self.prompt.press("Enter")

    def wait_for_end(self) -> None:
        """Wait until no turn runs."""
        send = self.chat.get_by_role("button", name="Send")
        expect(send).to_be_visible()
        expect(send).to_be_enabled()

    def wait_until(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait for something that no page shows."""
        tries = SECONDS * 10
        while not condition():
            assert (tries := tries - 1), otherwise
            self.page.wait_for_timeout(100)

    def wait_for_file(self, path: Path, text: str | None) -> None:
        """Wait until a file on the disk holds a text, or is not there."""
        self.wait_until(
            lambda: (path.read_text() if path.exists() else None) == text,
            f"{path.name} is not as it should be",
        )

    def run(self, command: str) -> None:
        """Run a command by its title, as shown in the command palette."""
        self.page.keyboard.press("F1")
        box = self.page.locator(".quick-input-widget input")
        box.fill(f">{command}")
        self.pick(command)

    def begin_chat(self) -> None:
        """Begin a new chat, and wait until it is the one that is shown."""
        self.run("AbstractLLM: New Chat")
        expect(self.chat.locator("article")).to_have_count(0)
        expect(self.prompt).to_be_focused()

    def pick(self, label: str) -> None:
        """Choose from the list that is open."""
        rows = self.page.locator(".quick-input-list .monaco-list-row")
        rows.filter(has_text=label).first.click()

    def open_file(self, name: str) -> None:
        """Open a file of the workspace."""
        self.page.keyboard.press("Control+P")
        self.page.locator(".quick-input-widget input").fill(name)
        self.pick(name)
        expect(self.page.locator(f'.tab[data-resource-name="{name}"]')).to_be_visible()
        # It takes the keyboard a little later.
        expect(self.page.locator(".monaco-editor.focused")).to_be_visible()

    def reload(self) -> None:
        """Reload the window; it may show the chat again by itself."""
        self.page.reload(wait_until="domcontentloaded")
        expect(self.provider).to_be_visible()
        if self._tab("AbstractLLM").get_attribute("aria-selected") != "true":
            self._tab("AbstractLLM").click()
        expect(self.prompt).to_be_visible()

    def select(self, text: str) -> None:
        """Select a text in the open file, by the editor's own search."""
        self.page.locator(".monaco-editor .view-lines").first.click()
        self.page.keyboard.press("Control+F")
        search = self.page.locator(".find-widget .find-part textarea")
        search.fill(text)
        expect(self.page.locator(".find-widget .matchesCount")).to_contain_text("1 of")
        search.press("Escape")

    def widen_side_bar(self, width: int) -> None:
        """Make the side bar this wide, in pixels."""
        bar = self.page.locator(".part.sidebar").bounding_box()
        assert bar is not None
        edge = bar["x"] + bar["width"]
        self.page.mouse.move(edge, 300)
        self.page.mouse.down()
        self.page.mouse.move(bar["x"] + width, 300, steps=4)
        self.page.mouse.up()

    def hide_chat(self) -> None:
        """Show the files in the place of the chat; its page is gone then."""
        self.page.keyboard.press("Control+Shift+E")
        expect(self.page.locator("iframe.webview")).to_have_count(0)

    def answer(self, text: str) -> None:
        """Answer the question that is asked at the top of the window."""
        box = self.page.locator(".quick-input-widget input")
        box.fill(text)
        box.press("Enter")

    def write(self, text: str) -> None:
        """Write into the open document, where the cursor is."""
        self.page.locator(".monaco-editor .view-lines").first.click()
        self.page.keyboard.press("Control+Home")
        self.page.keyboard.type(text)

    def press_in_editor(self, key: str) -> None:
        """Press a key in the open document."""
        self.page.locator(".monaco-editor .view-lines").first.click()
        self.page.keyboard.press(key)

    @property
    def lines(self) -> Locator:
        """The lines of the open document, top to bottom."""
        return self.page.locator(".monaco-editor .view-line")

    def _tab(self, name: str) -> Locator:
        return self.page.locator(".activitybar").get_by_role("tab", name=name)
