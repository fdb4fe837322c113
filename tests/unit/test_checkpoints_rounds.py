"""What follows each other in one turn, taken back as one change."""

from pathlib import Path

import pytest

from abstractllm.events import ChangeKind, TurnEnded
from abstractllm.session import SessionManager
from abstractllm.workspace.disk import DiskWorkspace
from tests.scripted import Step, says
from tests.unit.acting import (
    ONCE,
    POEM,
    User,
    acts,
    edit,
    events_of,
    model,
    tools,
)
from tests.unit.checkpoints import (
    acted,
    id_of,
    odd_project,
    reapplied,
    reverted,
)
from tests.unit.project import contents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return odd_project(tmp_path / "project")


ROUNDS = {
    "several edits of one file": (
        [
            acts(edit("line 1\n", "1\n"), edit("line 9\n", "9\n")),
            acts(edit("1\n", "I\n")),
        ],
        [("poem.txt", None, ChangeKind.EDITED)],
    ),
    "an edit that undoes another": (
        [acts(edit("line 1\n", "one\n")), acts(edit("one\n", "line 1\n"))],
        [],
    ),
    "made, then edited": (
        [
            acts(("write_file", {"path": "a", "content": "1\n"})),
            acts(edit("1", "2", "a")),
        ],
        [("a", None, ChangeKind.CREATED)],
    ),
    "made, then deleted": (
        [
            acts(("write_file", {"path": "a", "content": "1\n"})),
            acts(("delete_file", {"path": "a"})),
        ],
        [],
    ),
    "made, then moved": (
        [
            acts(("write_file", {"path": "a", "content": "1\n"})),
            acts(("rename_file", {"path": "a", "new_path": "b"})),
        ],
        [("b", None, ChangeKind.CREATED)],
    ),
    "deleted, then made": (
        [
            acts(("delete_file", {"path": "poem.txt"})),
            acts(("write_file", {"path": "poem.txt", "content": "1\n"})),
        ],
        [("poem.txt", None, ChangeKind.EDITED)],
    ),
    "moved on and on": (
        [
            acts(("rename_file", {"path": "poem.txt", "new_path": "b/c"})),
            acts(edit("line 1\n", "one\n", "b/c")),
            acts(("rename_file", {"path": "b/c", "new_path": "d"})),
        ],
        [("poem.txt", "d", ChangeKind.RENAMED)],
    ),
    "moved there and back": (
        [
            acts(("rename_file", {"path": "poem.txt", "new_path": "b"})),
            acts(("rename_file", {"path": "b", "new_path": "poem.txt"})),
        ],
        [],
    ),
    "moved, then deleted": (
        [
            acts(("rename_file", {"path": "poem.txt", "new_path": "b"})),
            acts(("delete_file", {"path": "b"})),
        ],
        [("poem.txt", None, ChangeKind.DELETED)],
    ),
    "another one in the place of one that moved": (
        [
            acts(("rename_file", {"path": "poem.txt", "new_path": "b"})),
            acts(("write_file", {"path": "poem.txt", "content": "1\n"})),
        ],
        [
            ("poem.txt", "b", ChangeKind.RENAMED),
            ("poem.txt", None, ChangeKind.CREATED),
        ],
    ),
    "another one in the place of one that was deleted": (
        [
            acts(("delete_file", {"path": "run.sh"})),
            acts(("rename_file", {"path": "poem.txt", "new_path": "run.sh"})),
        ],
        [
            ("run.sh", None, ChangeKind.DELETED),
            ("poem.txt", "run.sh", ChangeKind.RENAMED),
        ],
    ),
}


@pytest.mark.parametrize(("rounds", "told"), ROUNDS.values(), ids=ROUNDS)
async def test_what_follows_each_other_is_one_change(
    manager: SessionManager,
    folder: Path,
    rounds: list[list[Step]],
    told: list[tuple[str, str | None, ChangeKind]],
) -> None:
    before = contents(folder)

    session, ended = await acted(manager, folder, *rounds)

    after = contents(folder)
    assert [
        (
            Path(change.uri).name,
            change.new_uri and Path(change.new_uri).name,
            change.kind,
        )
        for change in ended.changes
    ] == told
    if told:
        assert (await reverted(session, ended, folder)).refused == ()
        assert contents(folder) == before
        assert (await reapplied(session, ended, folder)).refused == ()
    assert contents(folder) == after


async def test_each_turn_goes_by_itself(manager: SessionManager, folder: Path) -> None:
    one, two = acts(edit("line 1\n", "1\n")), acts(edit("line 20\n", "20\n"))
    session = await manager.create_session_async(
        provider=model(one, says("Hi."), two), tools=tools(DiskWorkspace([folder]))
    )
    first, second = [(await events_of(session, User(ONCE)))[-1] for _ in range(2)]
    assert isinstance(first, TurnEnded)
    assert isinstance(second, TurnEnded)
    assert list(await session.changed_files_async()) == [id_of(first), id_of(second)]

    refused = await reverted(session, first, folder)
    await reverted(session, second, folder)
    done = await reverted(session, first, folder)

    assert [refusal.reason for refusal in refused.refused] == [
        "poem.txt has changed since."
    ]
    assert (done.refused, (folder / "poem.txt").read_text()) == ((), POEM)
