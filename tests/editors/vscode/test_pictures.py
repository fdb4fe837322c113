"""The pictures of the documents: a short chat about a small project."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode.code_server import REPOSITORY, CodeServer
from tests.editors.vscode.window import Window
from tests.vendors import Call, Counts, Reply, VendorServer

PICTURES = REPOSITORY / "docs" / "pictures"

MOST_BYTES = 400_000

THEMES = {"dark": "Dark Modern", "light": "Light Modern"}

PROGRAM = '''\
"""Count the words of a text."""

from collections import Counter


def most_common(text: str, number: int) -> list[str]:
    words = Counter(text.split())
    return [word for word, _ in words.most_common(number)]


def main() -> None:
    text = open("speech.txt").read()
    for word in most_common(text, 10):
        print(word)
'''

SPEECH = "The only thing we have to fear is fear itself.\n"

READING = Reply(
    thinking=["The file it reads may tell how its words are written."],
    text=["Let me look at the text as well."],
    tool_calls=[Call(name="read_file", arguments=['{"path": "speech.txt"}'])],
    usage=Counts(input=412, output=38),
)

ANSWER = Reply(
    text=[
        "`most_common` splits at **spaces only**, so `fear` and `itself.` keep their "
        "punctuation, and `The` is not `the`. Count words instead:\n\n"
        "```python\n"
        "words = Counter(\n"
        '    re.findall(r"\\w+", text.lower())\n'
        ")\n"
        "```\n\n"
        "- `\\w+` leaves punctuation out\n"
        "- `lower()` joins *The* and *the*\n"
    ],
    usage=Counts(input=655, output=96),
)


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

    window.ask("Why are some words counted twice?")
    window.wait_for_end()

    expect(window.answers).to_contain_text("joins The and the")
    expect(window.page.locator(".notification-toast")).to_have_count(0)
    window.page.mouse.move(900, 600)
    picture = PICTURES / f"vscode-{theme}.png"
    window.page.screenshot(path=picture, animations="disabled", caret="hide")
    assert picture.stat().st_size < MOST_BYTES
