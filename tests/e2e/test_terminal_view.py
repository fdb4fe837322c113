"""What the terminal client shows of updates, and what it completes."""

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console

from abstractllm_server import protocol
from abstractllm_terminal.completion import CommandCompleter
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.finding import find_session
from abstractllm_terminal.growing_text import GrowingMarkdown, GrowingText
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.language_server import language_server
from abstractllm_terminal.rendering import markdown
from abstractllm_terminal.turn_view import TurnView
from tests.e2e.editor import SECONDS
from tests.vendors import Held, Reply, VendorServer

Json = dict[str, Any]

FOLDER = Path("/project")


def paper() -> Console:
    """Return a console whose output can be read, without anything that is live."""
    return Console(file=io.StringIO(), width=70, highlight=False)


def written(console: Console) -> list[str]:
    """Return the lines on a `paper` console."""
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def tool_call(status: str, call_id: str = "1", name: str = "read_file") -> Json:
    return {
        "kind": "toolCall",
        "callId": call_id,
        "name": name,
        "arguments": {"path": "a.py"},
        "status": status,
    }


def result(content: str, call_id: str) -> Json:
    told = {"kind": "toolResult", "callId": call_id}
    return {**told, "content": content, "isError": False}


async def test_a_turn_is_shown_piece_by_piece() -> None:
    console = paper()
    async with TurnView(console, FOLDER) as view:
        for update in (
            {"kind": "userMessage", "message": {}},
            {"kind": "thinkingDelta", "text": "I should\nloo"},
            {"kind": "thinkingDelta", "text": "k."},
            tool_call("pending"),
            tool_call("running"),
            tool_call("done"),
            tool_call("pending", "2", "list_files"),
            result("There is no such folder.\nOthers are: src", "2"),
            tool_call("failed", "2", "list_files"),
            {"kind": "notice", "message": "The key is old.", "level": "warning"},
            {"kind": "textDelta", "text": "It is\n\n"},
            {"kind": "textDelta", "text": "- **here**\n- there"},
            {
                "kind": "turnEnded",
                "stopReason": "maxTokens",
                "messageId": "m",
                "usage": {"inputTokens": 12, "outputTokens": 40, "cachedTokens": 8},
            },
        ):
            view.show(update)

    assert written(console) == [
        "",
        "I should",
        "look.",
        "",
        '✓ read_file {"path": "a.py"} · done',
        '✗ list_files {"path": "a.py"} · failed',
        "  There is no such folder.",
        "",
        "The key is old.",
        "",
        "It is",
        "",
        " • here",
        " • there",
        "",
        "The reply is cut off: it reached the model's limit of tokens.",
        "12 in, 40 out",
    ]


async def test_many_pieces_of_thinking_and_text_are_two_blocks() -> None:
    console = paper()
    async with TurnView(console, FOLDER) as view:
        for number in range(30):
            for text in ("thou", f"ght {number}\n"):
                view.show({"kind": "thinkingDelta", "text": text})
        for number in range(30):
            view.show({"kind": "textDelta", "text": f"word {number} "})

    thoughts = [f"thought {number}" for number in range(30)]
    before, *lines = written(console)
    assert [before, *lines[:31]] == ["", *thoughts, ""]
    assert " ".join(lines[31:]) == " ".join(f"word {number}" for number in range(30))


async def test_what_was_said_before_a_turn_breaks_is_shown() -> None:
    console = paper()
    with pytest.raises(ZeroDivisionError):
        async with TurnView(console, FOLDER) as view:
            view.show({"kind": "textDelta", "text": "One tw"})
            raise ZeroDivisionError

    assert written(console) == ["", "One tw"]


BLOCKS = [
    "# Title\n\n",
    "Text that\ngoes on.\n\n",
    "1. one\n\n2. two\n\n   and more\n\n",
    "```python\nx = 1\n\n# no title\n```\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
]


def test_markdown_is_whole_up_to_its_last_block() -> None:
    growing = GrowingMarkdown()

    whole = [growing.add(character) for character in "".join(BLOCKS) + "The end"]

    assert list(filter(None, whole)) == BLOCKS[:-1]
    assert growing.rest == BLOCKS[-1] + "The end"


async def test_a_reply_looks_the_same_while_it_grows_and_later() -> None:
    grown, later = paper(), paper()
    async with TurnView(grown, FOLDER) as view:
        for character in "".join(BLOCKS):
            view.show({"kind": "textDelta", "text": character})
    later.print(markdown("".join(BLOCKS)))

    assert written(grown) == ["", *written(later)]


def test_html_and_pictures_are_shown_as_they_are_written() -> None:
    console = paper()

    console.print(markdown("A List<String>\n\n<b>\n\n![fox](f.png)"))

    assert written(console) == ["A List<String>", "", "<b>", "", "!fox (f.png)"]


@pytest.mark.parametrize("text", ["word " * 1000, "```\n" + "code\n" * 1000])
def test_what_grows_is_never_higher_than_the_screen(text: str) -> None:
    console = Console(file=io.StringIO(), width=60, height=20)
    growing: GrowingText = GrowingMarkdown()
    growing.add(text)

    console.print(growing)

    assert len(written(console)) < 20


def session(session_id: str, title: str | None) -> Json:
    return {"id": session_id, "title": title}


@pytest.mark.parametrize(
    ("wanted", "found"), [("foxes", "a1"), ("a2", "a2"), ("Bears", "a2"), ("b", "b1")]
)
def test_a_session_is_found_by_title_or_id(wanted: str, found: str) -> None:
    sessions = [
        session("a1", "Foxes"),
        session("a2", "Bears and foxes"),
        session("b1", None),
    ]

    assert find_session(sessions, wanted)["id"] == found


def test_a_session_that_could_be_two_is_not_guessed() -> None:
    sessions = [session("a1", "Foxes"), session("a2", "Fog")]

    with pytest.raises(Refused, match="2 sessions match 'fo': a1, a2"):
        find_session(sessions, "fo")


@pytest.mark.usefixtures("users_environment")
async def test_a_turn_that_runs_is_followed_from_its_start(
    workspace: Path, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=1, reply=Reply(text=["One ", "two"])))
    console = paper()
    async with language_server(workspace) as server:
        current = CurrentSession(server=server)
        session_id = await current.id()
        await server.call(
            protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count"
        )
        told: list[str] = []
        while "textDelta" not in told:  # the vendor has sent it: it is on its way
            loaded = await current.load(session_id)
            told = [update["kind"] for update in loaded["turn"]["updates"]]
        gate.set()
        interaction = Interaction(console=console, current=current, ask=never_asked)
        async with asyncio.timeout(SECONDS):
            await interaction.show_session(loaded)

    assert written(console) == ["", "> Count", "", "One two", "", "10 in, 5 out"]


async def never_asked(question: str) -> str:
    raise AssertionError(question)


@pytest.mark.usefixtures("users_environment")
async def test_commands_and_their_arguments_are_completed(workspace: Path) -> None:
    async with language_server(workspace) as server:
        current = CurrentSession(server=server, title="Foxes")
        await current.id()
        completer = CommandCompleter(current)

        async def completed(text: str) -> list[str]:
            found = completer.get_completions_async(Document(text), CompleteEvent())
            return [completion.text async for completion in found]

        assert await completed("/ren") == ["rename"]
        assert await completed("/regenerate ") == ["model-1"]
        assert await completed("/load f") == ["Foxes"]
        assert await completed("/provider op") == ["openai"]
        assert await completed("/model ") == ["model-1"]
        assert await completed("/mode a") == ["ask", "auto"]
        assert await completed("/takeback ") == []
        assert await completed("/rename F") == []
        assert await completed("no command") == []
