"""A store that an older version wrote: it opens, keeps all, and gets what is new."""

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from abstractllm.enums import MessageRole, SessionMode
from abstractllm.errors import StoreError
from abstractllm.messages import Cost, Message, Text, Usage
from abstractllm.store import schema
from abstractllm.store.contract import SessionRecord
from abstractllm.store.database import DATABASE_NAME
from abstractllm.store.sqlite import SQLiteStore

THEN = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)

RECORD = SessionRecord(
    id="s",
    title="Greetings",
    system_prompt="Be brief.",
    provider="openai",
    model="gpt-4",
    provider_config={"temperature": 0.2},
    metadata={"a": [1]},
    head_id="m2",
    created_at=THEN,
    updated_at=THEN,
)

MESSAGES = (
    Message(id="m1", role=MessageRole.USER, parts=(Text("Hi"),), created_at=THEN),
    Message(
        id="m2",
        parent_id="m1",
        role=MessageRole.ASSISTANT,
        parts=(Text("Héllo"),),
        provider="openai",
        model="gpt-4",
        usage=Usage(input_tokens=3, output_tokens=2),
        created_at=THEN,
    ),
)

VERSION_1 = (
    *schema.MIGRATIONS[0],
    """
    INSERT INTO sessions VALUES (
        's', 'Greetings', 'openai', 'gpt-4', '2026-03-04T05:06:07.000890+00:00',
        '2026-03-04T05:06:07.000890+00:00', 0, 0, 0, 0, 5, 'm2', 'Be brief.',
        '{"temperature":0.2}', '{"a":[1]}'
    )
    """,
    """
    INSERT INTO messages VALUES (
        1, 's', 'm1', NULL, 'user', 'complete', NULL, NULL,
        '2026-03-04T05:06:07.000890+00:00', NULL, NULL, NULL, '{}',
        '[{"kind":"text","text":"Hi"}]', 'Hi'
    )
    """,
    """
    INSERT INTO messages VALUES (
        2, 's', 'm2', 'm1', 'assistant', 'complete', 'openai', 'gpt-4',
        '2026-03-04T05:06:07.000890+00:00', 3, 2, 0, '{}',
        '[{"kind":"text","text":"Héllo"}]', 'Héllo'
    )
    """,
    "UPDATE store SET revision = 5",
    "PRAGMA user_version = 1",
)


VERSION_2 = (
    *VERSION_1,
    *schema.MIGRATIONS[1],
    "UPDATE sessions SET mode = 'ask'",
    "INSERT INTO texts VALUES ('s', 'hash', x'789c2b49ad280100046701c6')",
    "PRAGMA user_version = 2",
)


def written(path: Path, statements: tuple[str, ...]) -> Path:
    """Return the folder of a store that these statements wrote."""
    with contextlib.closing(sqlite3.connect(path / DATABASE_NAME)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a store as version 1 of the schema has it."""
    return written(tmp_path, VERSION_1)


async def test_all_of_version_1_is_kept_and_its_sessions_get_a_mode(
    folder: Path,
) -> None:
    told: list[str] = []
    store = SQLiteStore(folder, told.append)

    stored = await store.read("s")
    (info,) = (await store.page()).sessions
    await store.close()

    assert stored is not None
    assert (stored.record, stored.messages, stored.notices) == (RECORD, MESSAGES, ())
    assert stored.record.mode is info.mode is SessionMode.EDIT
    assert (info.message_count, info.usage) == (
        2,
        Usage(input_tokens=3, output_tokens=2),
    )
    assert (stored.revision, told) == (5, [])
    assert sorted(path.name for path in folder.glob("*.db*")) == [DATABASE_NAME]


async def test_what_is_new_works_in_it(folder: Path) -> None:
    store = SQLiteStore(folder)
    text = "half \ud83d\r\n"

    await store.save(RECORD, fields=(), texts={"hash": text, "other": ""})
    await store.save(RECORD, fields=(), texts={"hash": "the first one stays"})

    assert await store.texts("s", ["hash", "other", "none"]) == {
        "hash": text,
        "other": "",
    }
    assert await store.texts("t", ["hash"]) == {}
    await store.delete("s")
    await store.create(RECORD)
    assert await store.texts("s", ["hash"]) == {}
    await store.close()


async def test_texts_of_a_session_with_an_odd_id_are_kept(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "store")
    record = SessionRecord(id="half \ud83d")
    await store.create(record)

    await store.save(record, fields=(), texts={"hash": "text"})

    assert await store.texts(record.id, ["hash"]) == {"hash": "text"}
    await store.close()


@pytest.mark.parametrize("mode", ["'yolo'", "7", "x'ff'", "''"])
async def test_a_mode_that_is_none_is_read_as_one_that_asks(
    folder: Path, mode: str
) -> None:
    store = SQLiteStore(folder)
    await store.read("s")
    with (
        contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as database,
        database,
    ):
        database.execute(f"UPDATE sessions SET mode = {mode}")

    stored = await store.read("s")
    (info,) = (await store.page()).sessions
    await store.close()

    assert stored is not None
    assert stored.record.mode is info.mode is SessionMode.EDIT


async def test_all_of_version_2_is_kept_found_and_counted(tmp_path: Path) -> None:
    told: list[str] = []
    store = SQLiteStore(written(tmp_path, VERSION_2), told.append)

    stored = await store.read("s")
    (info,) = (await store.page()).sessions
    found = await store.search("HÉLLO", 20)
    texts = await store.texts("s", ["hash"])
    await store.save(RECORD, attrs.evolve(MESSAGES[1], cost=Cost(5)), fields=())
    priced = await store.info("s")
    await store.close()

    assert stored is not None
    assert stored.record == attrs.evolve(RECORD, mode=SessionMode.ASK)
    assert (stored.messages, stored.notices, told) == (MESSAGES, (), [])
    assert (info.message_count, info.usage, info.cost, info.pinned) == (
        2,
        Usage(input_tokens=3, output_tokens=2),
        None,
        False,
    )
    assert [hit.message_id for hit in found.hits] == ["m2"]
    assert texts == {"hash": "text"}
    assert priced is not None
    assert priced.cost == Cost(5)


async def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, VERSION_2)
    whole = schema.MIGRATIONS
    broken = (*whole[:2], (*whole[2][:-1], "CREATE NONSENSE"))
    monkeypatch.setattr("abstractllm.store.database.MIGRATIONS", broken)
    with pytest.raises(StoreError):
        await SQLiteStore(folder).read("s")
    monkeypatch.undo()

    store = SQLiteStore(folder)
    stored = await store.read("s")
    await store.close()

    assert stored is not None
    assert stored.messages == MESSAGES
