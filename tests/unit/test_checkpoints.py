"""What a turn changed: told, taken back and brought back, byte for byte."""

import stat
from pathlib import Path

import pytest

from abstractllm.errors import InvalidParameter, TurnRunning
from abstractllm.events import ChangedFile, ChangeKind, TurnEnded
from abstractllm.session import Session, SessionManager
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from tests.scripted import says
from tests.unit.acting import (
    ONCE,
    POEM,
    User,
    events_of,
    model,
    tools,
)
from tests.unit.checkpoints import (
    EVERYTHING,
    ODD,
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


async def test_a_turn_tells_which_files_it_changed(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, EVERYTHING)

    def uri(name: str) -> str:
        return (folder / name).as_uri()

    assert set(ended.changes) == {
        ChangedFile(
            uri=uri("poem.txt"),
            new_uri=uri("verse.txt"),
            kind=ChangeKind.RENAMED,
            added=2,
            removed=1,
        ),
        ChangedFile(uri=uri("odd.bin"), kind=ChangeKind.EDITED, added=1, removed=1),
        ChangedFile(
            uri=uri("new/made.txt"), kind=ChangeKind.CREATED, added=2, removed=0
        ),
        ChangedFile(uri=uri("run.sh"), kind=ChangeKind.DELETED, added=0, removed=1),
    }
    assert await session.changed_files_async() == {id_of(ended): ended.changes}
    assert await session.changed_files_async(["another"]) == {}


async def test_all_of_a_turn_is_taken_back_and_brought_back_byte_for_byte(
    manager: SessionManager, folder: Path
) -> None:
    before = contents(folder)
    session, ended = await acted(manager, folder, EVERYTHING)
    after = contents(folder)

    for _ in range(2):
        restored = await reverted(session, ended, folder)
        assert (len(restored.done), restored.refused) == (4, ())
        assert contents(folder) == before
        assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o751
        (changes,) = (await session.changed_files_async()).values()
        assert all(change.reverted for change in changes)

        restored = await reapplied(session, ended, folder)
        assert (len(restored.done), restored.refused) == (4, ())
        assert contents(folder) == after
        assert await session.changed_files_async() == {id_of(ended): ended.changes}


async def test_one_file_alone_is_taken_back_by_its_old_or_its_new_name(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, EVERYTHING)
    poem, verse = ((folder / name).as_uri() for name in ("poem.txt", "verse.txt"))

    restored = await reverted(session, ended, folder, verse)

    assert restored.done == (poem,)
    assert (folder / "poem.txt").read_text() == POEM
    assert not (folder / "run.sh").exists()
    (changes,) = (await session.changed_files_async()).values()
    assert [change.uri for change in changes if change.reverted] == [poem]
    assert (await reapplied(session, ended, folder, poem)).done == (poem,)
    assert not (folder / "poem.txt").exists()


async def test_what_is_back_already_is_no_obstacle_to_the_rest(
    manager: SessionManager, folder: Path
) -> None:
    before = contents(folder)
    session, ended = await acted(manager, folder, EVERYTHING)
    await reverted(session, ended, folder, (folder / "run.sh").as_uri())

    restored = await reverted(session, ended, folder)

    assert (len(restored.done), restored.refused) == (3, ())
    assert contents(folder) == before


async def test_files_that_changed_since_are_left_and_named(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, EVERYTHING)
    (folder / "verse.txt").write_text("Mine.\n")
    (folder / "run.sh").write_text("echo mine\n")
    (folder / "new/made.txt").unlink()
    mine = contents(folder)

    restored = await reverted(session, ended, folder)

    assert restored.done == ((folder / "odd.bin").as_uri(),)
    assert {(r.uri.rpartition("/")[2], r.reason) for r in restored.refused} == {
        ("poem.txt", "verse.txt has changed since."),
        ("run.sh", "run.sh is there already: it appeared meanwhile."),
        ("made.txt", "new/made.txt is not there any more."),
    }
    assert contents(folder) == {**mine, "odd.bin": ODD}


async def test_a_session_without_a_store_takes_back_too(folder: Path) -> None:
    before = contents(folder)
    session = Session(provider=model(EVERYTHING), tools=tools(DiskWorkspace([folder])))
    ended = (await events_of(session, User(ONCE)))[-1]
    assert isinstance(ended, TurnEnded)

    assert (await reverted(session, ended, folder)).refused == ()
    assert contents(folder) == before


async def test_what_turns_changed_can_be_shown_with_its_texts(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, EVERYTHING)

    files = await session.edited_texts_async(id_of(ended))

    assert {
        file.name: (file.before, file.after and file.after[:15]) for file in files
    } == {
        "poem.txt": (POEM, "line 1\ntwo\nzwei"),
        "odd.bin": (
            ODD.decode(errors="surrogateescape"),
            ODD.replace(b"b\n", b"B\n").decode(errors="surrogateescape")[:15],
        ),
        "new/made.txt": (None, "1\n2\n"),
        "run.sh": ("echo\n", None),
    }


async def test_what_is_no_turn_that_changed_files_is_refused(
    manager: SessionManager, folder: Path
) -> None:
    session, _ = await acted(manager, folder, says("Hi."))
    door = DiskWorkspace([folder]).apply

    for message_id in ("nobody's", session.get_history()[-1].id):
        with pytest.raises(InvalidParameter, match="names no answer that changed"):
            await session.revert_edits_async(message_id, door)
        with pytest.raises(InvalidParameter, match="names no answer that changed"):
            await session.edited_texts_async(message_id)


async def test_nothing_is_taken_back_while_a_turn_runs(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, EVERYTHING)

    async def door(change: WorkspaceChange) -> WorkspaceChange:
        with pytest.raises(TurnRunning):
            await reverted(session, ended, folder)
        with pytest.raises(TurnRunning):
            await session.generate_async("Hi")
        return change

    await session.revert_edits_async(id_of(ended), door)
