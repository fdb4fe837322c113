"""Nothing that others wrote makes a terminal do more than show text."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console, RenderableType

from abstractllm_terminal import rendering
from abstractllm_terminal.completion import CommandCompleter
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.finding import find_session
from abstractllm_terminal.history import history
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.language_server import LanguageServer, language_server
from abstractllm_terminal.printable import one_line, printable
from abstractllm_terminal.tables import models_table, providers_table, sessions_table
from abstractllm_terminal.turn_view import TurnView
from tests.e2e.terminal import run
from tests.hostile import ALL_HOSTILE, HOSTILE, harmful
from tests.vendors import Failure, Model, Reply, VendorServer

Json = dict[str, Any]
Env = dict[str, str]

FOLDER = Path("/project")

any_hostile = pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)

foreign_text = st.lists(
    st.text() | st.sampled_from([*HOSTILE.values(), "\x1b", "\x9b", "\u202e", "\r\n"])
).map("".join)


@given(foreign_text)
def test_only_what_is_harmful_is_taken_out(text: str) -> None:
    assert printable(text) == "".join(
        character for character in text if not harmful(character)
    )


@given(foreign_text, foreign_text)
def test_text_may_be_cut_anywhere_and_cleaned_in_pieces(one: str, two: str) -> None:
    assert printable(one) + printable(two) == printable(one + two)


@given(foreign_text)
def test_one_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert harmful(line) == []
    assert one_line(line) == line


@given(st.text())
def test_a_text_without_anything_harmful_stays_as_it_is(text: str) -> None:
    clean = "".join(character for character in text if not harmful(character))

    assert printable(clean) == clean


def shown(*pieces: RenderableType) -> str:
    """Return what the client's console writes where it knows no colours."""
    console = rendering.make_console()
    console.file, console.width = io.StringIO(), 200
    for piece in pieces:
        console.print(piece)
    return console.file.getvalue()


def message(role: str, *parts: Json, content: str = "") -> Json:
    kept = {"id": "a1", "status": "complete", "metadata": {}}
    return {**kept, "role": role, "parts": parts, "content": content}


@any_hostile
async def test_a_turn_shows_hostile_text_as_text(hostile: str) -> None:
    file = io.StringIO()
    call = {"kind": "toolCall", "callId": "1", "arguments": {hostile: hostile}}
    console = Console(file=file, highlight=False)
    async with TurnView(console, FOLDER) as view:
        for update in (
            {"kind": "thinkingDelta", "text": hostile},
            {**call, "name": hostile, "status": "running"},
            {**call, "name": hostile, "status": "done"},
            {"kind": "notice", "message": hostile, "level": "warning"},
            {"kind": "textDelta", "text": hostile},
            {"kind": "textDelta", "text": f"`{hostile}`"},
        ):
            view.show(update)

    assert harmful(file.getvalue()) == []


@any_hostile
def test_a_history_shows_hostile_text_as_text(hostile: str) -> None:
    call = {"id": "1", "name": hostile, "arguments": {"path": hostile}}
    messages = [
        message("user", content=hostile),
        message(
            "assistant",
            {"kind": "thinking", "text": hostile},
            {"kind": "text", "text": hostile},
            {"kind": "toolCall", **call},
        ),
    ]

    pieces = [piece for group in history(messages, {}, FOLDER) for piece in group]

    assert harmful(shown(*pieces)) == []


@any_hostile
def test_lists_show_hostile_names_in_their_row(hostile: str) -> None:
    session = {
        "id": "a1",
        "title": hostile,
        "model": hostile,
        "messageCount": 2,
        "pinned": False,
        "runningElsewhere": False,
        "updatedAt": "2026-11-24T12:00:00Z",
    }
    provider = {"name": hostile, "model": hostile, "obstacle": {"message": hostile}}
    model = {"id": hostile, "contextWindow": None}

    for table in (
        sessions_table([session], None),
        providers_table([provider], None),
        models_table([model], None),
    ):
        text = shown(table)
        assert harmful(text) == []
        assert text.count("\n") == 2


@any_hostile
def test_sentences_show_hostile_text_as_text(hostile: str) -> None:
    sentences = (rendering.dim, rendering.warning, rendering.error, rendering.prompt)

    assert harmful(shown(*(say(hostile) for say in sentences))) == []


@any_hostile
def test_a_tool_call_is_one_line_whatever_it_is_called(hostile: str) -> None:
    line = rendering.tool_call(hostile, {hostile: hostile}, "done").plain

    assert len(line.splitlines()) == 1
    assert harmful(line) == []


def test_what_markdown_writes_as_an_entity_is_no_way_around() -> None:
    entities = "a&#27;[2J b&#x1b;]0;x&#7; c&#x9b;2J d&#x202e;e f&#13;g h&#8;i"

    text = shown(rendering.markdown(f"{entities}\n\n# {entities}\n\n- {entities}"))

    assert harmful(text) == []


@any_hostile
def test_a_session_is_found_by_its_title_as_it_is_shown(hostile: str) -> None:
    title = f"Foxes {hostile}"
    sessions: list[Json] = [{"id": "a1", "title": title}, {"id": "b1", "title": None}]

    assert find_session(sessions, one_line(title))["id"] == "a1"


@pytest.fixture
async def server(
    workspace: Path, users_environment: None
) -> AsyncIterator[LanguageServer]:
    """Return a server of a user who has keys for the vendor server."""
    async with language_server(workspace) as server:
        yield server


async def test_hostile_names_are_completed_and_told_as_text(
    server: LanguageServer, vendors: VendorServer
) -> None:
    vendors.models = [Model(id=f"model {ALL_HOSTILE}", context_window=1)]
    current = CurrentSession(server=server, title=f"title {ALL_HOSTILE}")
    await current.id()
    completer = CommandCompleter(current)

    async def completed(text: str) -> list[str]:
        found = completer.get_completions_async(Document(text), CompleteEvent())
        return [completion.text async for completion in found]

    assert await completed("/load t") == [one_line(f"title {ALL_HOSTILE}")]
    assert await completed("/model m") == [one_line(f"model {ALL_HOSTILE}")]


async def never_asked(question: str) -> str:
    raise AssertionError(question)


async def test_who_answers_is_told_in_one_line(server: LanguageServer) -> None:
    file = io.StringIO()
    current = CurrentSession(server=server)
    await current.id()
    await current.choose("openai", ALL_HOSTILE)
    console = Console(file=file, highlight=False, width=1000)
    interaction = Interaction(console=console, current=current, ask=never_asked)

    await interaction.show_answerer()

    assert file.getvalue() == one_line(f"openai {ALL_HOSTILE}") + "\n"


def test_a_piped_answer_is_only_text(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=[*HOSTILE.values(), "\x1b"]))

    code, answer, complaint = run(workspace, env, "chat", "Hi")

    assert (code, answer, complaint) == (
        0,
        printable("".join(HOSTILE.values())) + "\n",
        "",
    )


def test_a_piped_answer_is_as_the_model_wrote_it_where_that_is_asked_for(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=list(HOSTILE.values())))

    code, answer, complaint = run(workspace, env, "chat", "--raw", "Hi")

    assert (code, answer, complaint) == (0, "".join(HOSTILE.values()) + "\n", "")


@pytest.mark.parametrize("more", [[], ["--raw"]])
def test_a_hostile_error_is_only_text(
    workspace: Path, env: Env, vendors: VendorServer, more: list[str]
) -> None:
    vendors.will(Failure(status=400, message=f"Because {ALL_HOSTILE}"))

    code, answer, complaint = run(workspace, env, "chat", *more, "Hi")

    assert (code, answer) == (1, "")
    assert "Because" in complaint
    assert harmful(complaint) == []
