"""Code that another hand put into the database is told of and never runs."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import StoreError
from abstractllm.messages import Message, Text
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore

RECORD = SessionRecord(id="s")

THIEF = (
    "CREATE TRIGGER thief AFTER UPDATE ON sessions BEGIN DELETE FROM messages; END",
    "CREATE TRIGGER thief AFTER INSERT ON messages BEGIN DELETE FROM messages; END",
    "CREATE TRIGGER thief BEFORE DELETE ON sessions BEGIN DELETE FROM messages; END",
)

CHANGED = (
    "DROP TRIGGER message_added",
    "CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN "
    "DELETE FROM messages; END",
)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def store(tmp_path: Path, told: list[str]) -> AsyncIterator[SQLiteStore]:
    before = SQLiteStore(tmp_path)
    await before.create(RECORD)
    await before.save(RECORD, said("kept"))
    await before.close()
    store = SQLiteStore(tmp_path, told.append)
    yield store
    await store.close()


def said(text: str) -> Message:
    return Message(id=text, role=MessageRole.USER, parts=(Text(text),))


def execute(folder: Path, *statements: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "sessions.db")) as connection, connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows


async def texts(store: SQLiteStore) -> list[str]:
    stored = await store.read("s")
    return [message.content for message in stored.messages] if stored else []


def triggers(folder: Path) -> list[str]:
    select = "SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    return sorted(name for (name,) in execute(folder, select))


OURS = [
    "message_added",
    "message_inherited",
    "message_removed",
    "message_text_changed",
    "message_usage_changed",
]


@pytest.mark.parametrize("thief", THIEF)
async def test_a_planted_trigger_is_taken_out_kept_and_told_once(
    store: SQLiteStore, tmp_path: Path, told: list[str], thief: str
) -> None:
    execute(tmp_path, thief)

    await store.save(RECORD, said("more"))
    await store.page()

    (kept,) = tmp_path.glob("sessions.db.removed-*.sql")
    assert await texts(store) == ["kept", "more"]
    assert triggers(tmp_path) == OURS
    assert kept.read_text() == f"{thief};\n"
    assert told == [
        "sessions.db held triggers or views of another program: thief. They were not "
        f"run. They were taken out, and are kept in {kept.name}."
    ]


async def test_a_trigger_of_ours_with_another_text_is_made_anew(
    store: SQLiteStore, tmp_path: Path, told: list[str]
) -> None:
    own = execute(tmp_path, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
    execute(tmp_path, *CHANGED)

    await store.save(RECORD, said("more"))

    info = await store.info("s")
    assert info is not None
    assert (await texts(store), info.message_count) == (["kept", "more"], 2)
    assert len(own) == len(triggers(tmp_path))
    assert len(told) == 1


@pytest.mark.parametrize("planted", [THIEF[:1], THIEF[1:2], CHANGED])
async def test_what_is_planted_while_the_store_is_open_does_not_run_either(
    store: SQLiteStore, tmp_path: Path, told: list[str], planted: tuple[str, ...]
) -> None:
    await store.revision("s")  # opens it
    execute(tmp_path, *planted)

    with pytest.raises(StoreError, match="was not run"):
        await store.save(RECORD, said("refused"))
    await store.save(RECORD, said("more"))

    assert await texts(store) == ["kept", "more"]
    assert triggers(tmp_path) == OURS
    assert len(told) == 1


async def test_a_view_in_the_place_of_a_table_is_set_aside_and_what_it_shows_kept(
    store: SQLiteStore, tmp_path: Path, told: list[str]
) -> None:
    execute(
        tmp_path,
        *(f"DROP TRIGGER {name}" for name in OURS),
        "ALTER TABLE messages RENAME TO hidden",
        "CREATE VIEW messages AS SELECT * FROM hidden",
    )

    assert await texts(store) == ["kept"]

    (aside,) = tmp_path.glob("sessions.db.damaged-*")
    assert told == [
        "sessions.db was damaged. What could be read of it was brought over into a new "
        "one: 1 message of 1 session. The damaged one was set aside as "
        f"{aside.name}."
    ]


async def test_deleting_a_session_deletes_its_messages_as_before(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await store.delete("s")

    assert execute(tmp_path, "SELECT * FROM messages") == []
