"""A part of a change is accepted, and what is remembered of calls."""

from pathlib import Path

import pytest

from abstractllm.session import SessionManager
from abstractllm.tools.approval import Decision, Verdict
from abstractllm.workspace.disk import DiskWorkspace
from tests.unit.acting import (
    NO,
    ONCE,
    POEM,
    Shouting,
    User,
    acting,
    acts,
    edit,
    events_of,
    model,
    poem,
    project,
    read_by_model,
    shout,
    statuses,
    tools,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


@pytest.fixture
def shouting() -> Shouting:
    return Shouting()


TWO_HUNKS = (
    "edit_file",
    {
        "path": "poem.txt",
        "edits": [
            {"old": "line 2\n", "new": "two\n"},
            {"old": "line 29\n", "new": "twenty-nine\n"},
        ],
    },
)


@pytest.mark.parametrize(
    ("hunks", "left"),
    [
        ((0,), POEM.replace("line 2\n", "two\n")),
        ((1,), POEM.replace("line 29\n", "twenty-nine\n")),
        ((1, 0), POEM.replace("line 2\n", "two\n").replace("line 29", "twenty-nine")),
    ],
)
async def test_a_part_of_a_change_can_be_accepted(
    folder: Path, shouting: Shouting, hunks: tuple[int, ...], left: str
) -> None:
    session = acting(folder, model(acts(TWO_HUNKS)), shouting)

    await events_of(session, User(Decision(verdict=Verdict.ONCE, hunks=hunks)))

    assert poem(folder) == left
    assert read_by_model(session)[0].startswith(
        "Done." if len(hunks) == 2 else "Done.\nThe user accepted 1 of 2 parts."
    )


@pytest.mark.parametrize(
    ("call", "hunks", "why"),
    [
        (TWO_HUNKS, (), "No part of it was accepted."),
        (TWO_HUNKS, (2,), "The answer names parts that there are not."),
        (TWO_HUNKS, (-1,), "The answer names parts that there are not."),
        (TWO_HUNKS, (0, 1, 2), "The answer names parts that there are not."),
        (shout("a"), (0,), "No part of it was accepted."),
    ],
)
async def test_an_answer_about_parts_that_there_are_not_is_a_rejection(
    folder: Path, shouting: Shouting, call: object, hunks: tuple[int, ...], why: str
) -> None:
    session = acting(folder, model(acts(call)), shouting)  # type: ignore[arg-type]
    answer = Decision(verdict=Verdict.ALWAYS, hunks=hunks)

    await events_of(session, User(answer, NO))

    assert read_by_model(session) == [
        f"This was not approved, so nothing was done. {why}"
    ]
    assert (shouting.shouted, poem(folder)) == ([], POEM)
    assert statuses(session) == ["rejected"]


async def test_what_is_remembered_of_a_call_is_with_its_message(
    folder: Path, shouting: Shouting, tmp_path: Path
) -> None:
    async def once(manager: SessionManager) -> object:
        session = await manager.get_session_async("s")
        assert session is not None
        (message,) = [m for m in session.get_history() if "tools" in m.metadata]
        return message.metadata["tools"]

    manager = SessionManager(tmp_path / ".abstractllm")
    session = await manager.create_session_async(
        provider=model(acts(shout("a"), edit("line 1\n", "one\n"), ("none", {}))),
        tools=tools(DiskWorkspace([folder]), shouting.definition),
        session_id="s",
    )
    await events_of(session, User(ONCE, NO))
    await manager.close_async()

    reopened = SessionManager(tmp_path / ".abstractllm")
    remembered = await once(reopened)
    await reopened.close_async()

    assert remembered == {
        "1": {
            "kind": "run",
            "title": "Shout a",
            "command": "a",
            "folder": "/here",
            "status": "done",
        },
        "2": {
            "kind": "edit",
            "title": "Edit poem.txt",
            "diff": "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,4 +1,4 @@\n-line 1\n+one\n"
            " line 2\n line 3\n line 4\n",
            "status": "rejected",
        },
        "3": {"status": "failed"},
    }
