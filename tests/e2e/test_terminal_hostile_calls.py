"""Nothing in a tool call makes a terminal do more than show text."""

import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from abstractllm_terminal import approving
from abstractllm_terminal.changed_files import changed_files
from abstractllm_terminal.diffs import Diff, difference
from abstractllm_terminal.history import history
from abstractllm_terminal.printable import escaped
from abstractllm_terminal.tables import approvals_table
from abstractllm_terminal.turn_view import TurnView
from tests.hostile import HOSTILE, harmful

Json = dict[str, Any]

FOLDER = Path("/project")

any_hostile = pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)


def paper() -> Console:
    """Return a console that knows no colours, and so writes no sequences of its own."""
    return Console(file=io.StringIO(), width=200, highlight=False)


def written(console: Console, *pieces: RenderableType) -> str:
    """Return what is written on a console, with these pieces at its end."""
    for piece in pieces:
        console.print(piece)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_not_seen_is_spelled(text: str) -> None:
    spelled = escaped(text)

    assert harmful(spelled.replace("\n", "")) == []
    assert {unicodedata.category(c) for c in spelled if c not in "\t\u200c\u200d"} & {
        "Cc",
        "Cf",
    } == set()
    if spelled != text:
        assert "\\" in spelled


def diff_of(text: str) -> str:
    lines = text.split("\n")
    plus = "".join(f"+{line}\n" for line in lines)
    return f"--- /dev/null\n+++ b/{text}\n@@ -0,0 +1,{len(lines)} @@\n{plus}"


def question_of(text: str) -> Json:
    return {
        "callId": "1",
        "name": text,
        "kind": "run",
        "title": text,
        "arguments": {text: text},
        "folder": text,
    }


@any_hostile
@pytest.mark.parametrize("part", ["diff", "command", "arguments"])
async def test_a_question_shows_hostile_text_as_text(
    hostile: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def rejected(question: str, keys: Any) -> str:
        asked.append(question)
        return "n"

    monkeypatch.setattr(approving, "ask_key", rejected)
    question = question_of(hostile)
    if part == "diff":
        question |= {"kind": "edit", "diff": diff_of(hostile)}
    if part == "command":
        question["command"] = hostile
    console = paper()

    assert await approving.approve(console, question) == {"decision": "reject"}
    assert harmful(written(console)) == []
    assert harmful("".join(asked)) == []


@any_hostile
@pytest.mark.parametrize("kind", ["edit", "run"])
@pytest.mark.parametrize("status", ["done", "failed", "rejected"])
async def test_a_call_shows_hostile_text_as_text(
    hostile: str, kind: str, status: str
) -> None:
    console = paper()
    call = {"kind": "toolCall", "callId": "1", "name": "tool", "arguments": {}}
    details = {"toolKind": kind, "title": hostile, "diff": diff_of(hostile)}
    async with TurnView(console, FOLDER) as view:
        view.show({**call, **details, "status": "running"})
        view.show({"kind": "toolOutput", "callId": "1", "text": hostile})
        console.print(view)
        if status == "done":
            view.show({"kind": "toolResult", "callId": "1", "content": hostile})
        view.show({**call, "status": status})

    assert harmful(written(console)) == []


@any_hostile
def test_a_history_shows_hostile_calls_as_text(hostile: str) -> None:
    details = {"kind": "edit", "title": hostile, "diff": diff_of(hostile)}
    call = {"kind": "toolCall", "id": "1", "name": "edit_file", "arguments": {}}
    result = {"kind": "toolResult", "callId": "1", "content": "", "isError": False}
    change = {"uri": f"untitled:{hostile}", "kind": "edited", "reverted": False}
    messages = [
        {
            "id": "a",
            "role": "assistant",
            "parts": [call],
            "status": "complete",
            "metadata": {},
        },
        {
            "id": "b",
            "role": "tool",
            "parts": [result],
            "metadata": {"tools": {"1": details}},
        },
    ]
    changes = {"a": [{**change, "added": 1, "removed": 1}]}

    pieces = [piece for group in history(messages, changes, FOLDER) for piece in group]

    assert len(pieces) == 3
    assert harmful(written(paper(), *pieces)) == []


@pytest.mark.parametrize(
    "tools", [None, [], {"1": None}, {"1": {"title": 7, "diff": [], "status": {}}}]
)
def test_a_history_shows_calls_whose_details_cannot_be_read(tools: Any) -> None:
    call = {"kind": "toolCall", "id": "1", "name": "edit_file", "arguments": {}}
    result = {"kind": "toolResult", "callId": "1", "content": "", "isError": False}
    messages = [
        {
            "id": "a",
            "role": "assistant",
            "parts": [call],
            "status": "complete",
            "metadata": {},
        },
        {"id": "b", "role": "tool", "parts": [result], "metadata": {"tools": tools}},
    ]

    (pieces,) = history(messages, {}, FOLDER)

    assert written(paper(), *pieces) == "✓ edit_file · done\n"


@any_hostile
def test_changed_files_and_approvals_have_hostile_names_in_their_row(
    hostile: str,
) -> None:
    change = {
        "uri": f"untitled:{hostile}",
        "newUri": f"untitled:{hostile}",
        "kind": "renamed",
        "added": 1,
        "removed": 1,
        "reverted": True,
    }
    approval = {"tool": hostile, "scope": hostile, "since": "2026-11-24T12:00:00Z"}

    files = written(paper(), changed_files([change], FOLDER))
    approvals = written(paper(), approvals_table([approval]))

    assert harmful(files + approvals) == []
    assert (files.count("\n"), approvals.count("\n")) == (1, 2)


@any_hostile
def test_a_difference_shows_hostile_text_as_text(hostile: str) -> None:
    lines = difference(None, hostile, hostile, hostile)

    assert harmful(written(paper(), Diff(lines=lines))) == []
