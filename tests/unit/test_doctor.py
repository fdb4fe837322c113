"""A look at a store: what it holds, what is wrong with it, and that is mended."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from abstractllm.session import SessionManager
from abstractllm.store.contract import Examination, Finding
from abstractllm.store.schema import MIGRATIONS
from tests.scripted import ScriptedProvider, says

WRONG = {
    "textIndex": (
        "INSERT INTO message_text (message_text) VALUES ('delete-all')",
        "The index of the search does not fit the messages.",
    ),
    "orphans": (
        "DELETE FROM sessions WHERE title = 'Chat'",
        "Messages without a session: 2.",
    ),
    "copies": (
        "DELETE FROM messages WHERE session_id IN "
        "(SELECT id FROM sessions WHERE title = 'Chat') AND role = 'user'",
        "Messages of forks whose text is lost: 1.",
    ),
    "heads": (
        "UPDATE sessions SET head_id = 'nowhere' WHERE title = 'Chat'",
        "Sessions whose shown end is lost: 1.",
    ),
    "counts": (
        "UPDATE sessions SET message_count = 77",
        "Sessions whose messages are counted wrongly: 2.",
    ),
    "odd": (
        "UPDATE messages SET role = 'oracle' WHERE NOT copied",
        "Sessions with something in them that cannot be read: 1. It is kept.",
    ),
}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def manager(tmp_path: Path, told: list[str]) -> AsyncIterator[SessionManager]:
    """Return a manager of a session that was answered once, and of its fork."""
    manager = SessionManager(tmp_path, tell=told.append)
    provider = ScriptedProvider(says("Hello!"))
    session = await manager.create_session_async(provider=provider, title="Chat")
    await session.generate_async("Hi")
    await session.fork_async()
    yield manager
    await manager.close_async()


def execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "sessions.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


async def test_of_a_sound_store_it_says_what_it_holds(
    manager: SessionManager, tmp_path: Path
) -> None:
    found = await manager.examine_async()

    database = tmp_path / "sessions.db"
    size = sum(
        path.stat().st_size for path in map(Path, (f"{database}", f"{database}-wal"))
    )
    assert found == Examination(
        sessions=2, messages=4, schema=len(MIGRATIONS), bytes=size, findings=()
    )


async def test_to_look_at_nothing_leaves_no_traces(tmp_path: Path) -> None:
    manager = SessionManager(tmp_path / "none")

    found = await manager.examine_async(mend=True)
    await manager.close_async()

    assert (found.sessions, found.bytes, found.findings) == (0, 0, ())
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", WRONG)
async def test_what_is_wrong_is_told_and_mended_where_that_is_wanted(
    manager: SessionManager, tmp_path: Path, kind: str
) -> None:
    statement, sentence = WRONG[kind]
    execute(tmp_path, statement)
    is_mendable = kind != "odd"

    looked = await manager.examine_async()
    mended = await manager.examine_async(mend=True)
    again = await manager.examine_async()

    assert Finding(kind, sentence) in looked.findings
    assert Finding(kind, sentence, mended=is_mendable) in mended.findings
    assert (kind in [finding.kind for finding in again.findings]) is not is_mendable
    assert again.messages == looked.messages


async def test_damage_is_told_and_mended(
    manager: SessionManager, tmp_path: Path, told: list[str]
) -> None:
    await manager.close_async()
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'messages_in_order'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    content[page * 4096 - 100 : page * 4096] = bytes(100)
    path.write_bytes(content)
    manager = SessionManager(tmp_path, tell=told.append)

    looked = await manager.examine_async()
    assert [finding.kind for finding in looked.findings] == ["damage"]
    assert told == []
    mended = await manager.examine_async(mend=True)
    await manager.close_async()

    assert mended.messages == 4
    (aside,) = mended.findings
    assert (aside.kind, aside.mended) == ("setAside", False)
    assert "4 messages of 2 sessions" in told[0]


async def test_a_session_whose_id_is_no_text_keeps_its_branch_when_others_are_mended(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session_async(session_id="\ud800")
    first = await session.add_message_async("user", "Shown")
    await session.add_message_async("user", "Left")
    await session.rewind_async(first.id)
    execute(tmp_path, WRONG["orphans"][0])

    await manager.examine_async(mend=True)

    await session.refresh_async()
    assert [message.content for message in session.get_history()] == ["Shown"]
    assert session.record.head_id == first.id
    again = SessionManager(tmp_path)
    reopened = await again.get_session_async("\ud800")
    await again.close_async()
    assert reopened is not None
    assert reopened.record.head_id == first.id
