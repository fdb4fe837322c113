"""Where the texts of a turn are kept: after a kill, and after damage."""

import contextlib
import sqlite3
import zlib
from pathlib import Path

import attrs
import pytest

from abstractllm.errors import ChangeRefused, InvalidParameter, StoreError
from abstractllm.events import TurnEnded
from abstractllm.session import SessionManager
from abstractllm.session.recording import text_hash
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from tests.unit.acting import (
    ONCE,
    POEM,
    User,
    acts,
    edit,
    events_of,
    model,
    tool_messages,
    tools,
)
from tests.unit.checkpoints import (
    EVERYTHING,
    acted,
    id_of,
    odd_project,
    reverted,
)
from tests.unit.project import contents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return odd_project(tmp_path / "project")


async def test_it_works_after_the_store_was_opened_again(
    manager: SessionManager, folder: Path, tmp_path: Path
) -> None:
    before = contents(folder)
    session, ended = await acted(manager, folder, EVERYTHING)
    await reverted(session, ended, folder, (folder / "odd.bin").as_uri())

    other = SessionManager(tmp_path / "store")
    reopened = await other.get_session_async("s")
    assert reopened is not None
    assert await reopened.changed_files_async() == await session.changed_files_async()
    restored = await reverted(reopened, ended, folder)
    await other.close_async()

    assert (len(restored.done), restored.refused) == (3, ())
    assert contents(folder) == before


async def test_a_process_that_is_killed_between_two_edits_loses_neither(
    manager: SessionManager, folder: Path, tmp_path: Path
) -> None:
    before = contents(folder)
    found: list[tuple[int, int]] = []
    calls = acts(edit("line 1\n", "1\n"), edit("line 2\n", "2\n"))

    class Looking(DiskWorkspace):
        """Finds, once it applied a change, what another process would."""

        async def apply(self, change: WorkspaceChange) -> WorkspaceChange:
            made = await super().apply(change)
            other = SessionManager(tmp_path / "store")
            survivor = await other.get_session_async("s")
            assert survivor is not None
            ((changed,),) = (await survivor.changed_files_async()).values()
            found.append((len(tool_messages(survivor)[0].parts), changed.added))
            await other.close_async()
            return made

    session = await manager.create_session_async(
        provider=model(calls), tools=tools(Looking([folder])), session_id="s"
    )
    await events_of(session, User(ONCE))

    assert found == [(2, 1), (2, 2)]
    other = SessionManager(tmp_path / "store")
    survivor = await other.get_session_async("s")
    assert survivor is not None
    (turn_id,) = await survivor.changed_files_async()
    await survivor.revert_edits_async(turn_id, DiskWorkspace([folder]).apply)
    await other.close_async()
    assert contents(folder) == before


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM texts",
        "UPDATE texts SET data = x'00'",
        "UPDATE texts SET data = 'text'",
        "UPDATE texts SET data = 7",
        "UPDATE texts SET data = substr(data, 1, length(data) - 5)",
        "UPDATE texts SET data = (SELECT data FROM texts ORDER BY hash LIMIT 1)",
    ],
)
async def test_texts_that_are_gone_damaged_or_anothers_are_not_restored(
    manager: SessionManager, folder: Path, tmp_path: Path, damage: str
) -> None:
    session, ended = await acted(manager, folder, acts(edit("line 1\n", "1\n")))
    after = contents(folder)
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "store/sessions.db")) as database,
        database,
    ):
        database.execute(damage)

    restored = await reverted(session, ended, folder)

    (refusal,) = restored.refused
    assert refusal.reason == "What was in poem.txt before and after is not kept."
    assert contents(folder) == after
    with pytest.raises(ChangeRefused, match="is not kept"):
        await session.edited_texts_async(id_of(ended))


async def test_a_text_that_would_swell_without_end_is_not_read(
    manager: SessionManager, folder: Path, tmp_path: Path
) -> None:
    session, ended = await acted(manager, folder, acts(edit("line 1\n", "1\n")))
    data = zlib.compress(b"\0" * (40 << 20))
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "store/sessions.db")) as database,
        database,
    ):
        database.execute("UPDATE texts SET data = ?", (data,))

    assert len((await reverted(session, ended, folder)).refused) == 1


async def test_what_a_message_remembers_wrongly_changed_nothing(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, acts(edit("line 1\n", "1\n")))
    (message,) = tool_messages(session)
    for nonsense in (7, [7], [{"uri": 1}], {"uri": "x"}, None):
        odd = attrs.evolve(
            message, metadata={**message.metadata, "changes": nonsense, "reverted": 3}
        )
        await session._journal.change(odd)

        assert await session.changed_files_async() == {}
        with pytest.raises(InvalidParameter):
            await reverted(session, ended, folder)


async def test_a_store_from_elsewhere_cannot_have_files_outside_written(
    manager: SessionManager, folder: Path
) -> None:
    session, ended = await acted(manager, folder, acts(edit("line 1\n", "1\n")))
    (message,) = tool_messages(session)
    outside = folder.parent / "outside.txt"
    (record,) = message.metadata["changes"]
    for name, reason in (
        (outside, "is not inside the workspace"),
        (folder / ".git/hooks/pre-commit", ".git"),
        (folder / ".env", "may hold keys"),
    ):
        deleted = {**record, "uri": name.as_uri(), "name": "x", "after": None}
        foreign = {**message.metadata, "changes": [deleted]}
        await session._journal.change(attrs.evolve(message, metadata=foreign))

        (refusal,) = (await reverted(session, ended, folder)).refused

        assert reason in refusal.reason
        assert not name.exists()


async def test_where_nothing_can_be_kept_nothing_is_changed(
    manager: SessionManager, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await manager.create_session_async(
        provider=model(acts(edit("line 1\n", "1\n"))),
        tools=tools(DiskWorkspace([folder])),
    )

    async def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(session._journal, "keep_draft", full)

    ended = (await events_of(session, User(ONCE)))[-1]

    assert isinstance(ended, TurnEnded)
    assert ended.changes == ()
    assert (folder / "poem.txt").read_text() == POEM


def test_a_text_goes_by_a_hash_whatever_it_holds() -> None:
    assert text_hash("\ud83d") != text_hash("\ud83c")
    assert text_hash("") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
