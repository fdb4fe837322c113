"""The store's files: private, set aside when damaged, and what is said of failures."""

import contextlib
import logging
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import StoreError
from abstractllm.messages import Message, Text
from abstractllm.store import database, schema
from abstractllm.store.contract import SessionPage, SessionRecord
from abstractllm.store.opening import open_database
from abstractllm.store.sqlite import SQLiteStore

RECORD = SessionRecord(id="s")
EMPTY = SessionPage(sessions=())

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".abstractllm"


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(folder)
    yield store
    await store.close()


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def said(text: str) -> Message:
    return Message(role=MessageRole.USER, parts=(Text(text),))


async def fill(folder: Path, messages: int = 1) -> None:
    store = SQLiteStore(folder)
    await store.create(RECORD)
    await store.save(RECORD, *[said(f"{n} " * 500) for n in range(messages)])
    await store.close()


def execute(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def modes(*paths: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}


def set_aside(folder: Path) -> list[Path]:
    return sorted(folder.glob("sessions.db.damaged-*"))


def connect_with(
    monkeypatch: pytest.MonkeyPatch, prepare: Callable[[sqlite3.Connection], object]
) -> None:
    """Call `prepare` with every connection that is made from now on."""
    connect = sqlite3.connect

    def prepared(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        prepare(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", prepared)


async def test_nothing_is_created_before_the_first_use(folder: Path) -> None:
    store = SQLiteStore(folder)
    await store.close()

    assert names(folder.parent) == []


async def test_a_closed_store_says_so_and_may_be_closed_again(
    store: SQLiteStore, folder: Path
) -> None:
    await store.create(RECORD)

    await store.close()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.page()
    assert names(folder) == [".gitignore", "sessions.db", "sessions.lock"]


@posix
async def test_only_their_owner_can_read_the_files(
    store: SQLiteStore, folder: Path, open_umask: None
) -> None:
    await store.create(RECORD)

    assert modes(folder, *map(folder.joinpath, names(folder))) == {
        ".abstractllm": 0o700,
        ".gitignore": 0o600,
        "sessions.db": 0o600,
        "sessions.db-wal": 0o600,
        "sessions.db-shm": 0o600,
        "sessions.lock": 0o600,
    }


async def test_looking_leaves_no_traces(store: SQLiteStore, folder: Path) -> None:
    assert await store.page() == EMPTY
    assert (await store.read("s"), await store.info("s")) == (None, None)
    assert (await store.revision("s"), await store.delete("s")) == (None, False)

    assert not folder.exists()


async def test_files_that_were_in_the_folder_before_are_not_hidden_from_git(
    store: SQLiteStore, folder: Path
) -> None:
    folder.mkdir()
    (folder / "mine.py").write_text("")

    await store.create(RECORD)

    assert not (folder / ".gitignore").exists()


async def test_git_ignores_the_folder(store: SQLiteStore, folder: Path) -> None:
    await store.create(RECORD)

    assert (folder / ".gitignore").read_bytes() == b"*\n"


async def test_an_existing_gitignore_stays_as_it_is(
    store: SQLiteStore, folder: Path
) -> None:
    os.mkdir(folder)
    (folder / ".gitignore").write_text("")

    await store.page()

    assert (folder / ".gitignore").read_text() == ""


async def test_the_database_is_durable_and_has_a_write_ahead_log(
    store: SQLiteStore,
) -> None:
    def settings(connection: sqlite3.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names
        }

    await store.create(RECORD)

    assert await store._connection.ask(settings) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": database.BUSY_TIMEOUT * 1000,
    }


@posix
async def test_where_the_file_system_has_no_write_ahead_log_the_store_works_and_warns(
    store: SQLiteStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3,
        "connect",
        # This way of locking, made for network file systems, has no shared memory.
        lambda path, **options: connect(
            f"file:{path}?vfs=unix-dotfile", uri=True, **options
        ),
    )

    revision = await store.create(RECORD)

    assert await store.revision("s") == revision
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "write-ahead log" in warning.message


def overwrite(start: int, end: int | None = None) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        stop = len(content) if end is None else end
        content[start:stop] = b"\xfe" * (stop - start)
        path.write_bytes(content)

    return damage


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        pytest.param(lambda path: path.write_bytes(b"oh"), 0, id="two bytes"),
        pytest.param(lambda path: path.write_bytes(b"no " * 99), 0, id="another file"),
        pytest.param(lambda path: os.truncate(path, 8192), 0, id="cut short"),
        pytest.param(overwrite(0, 16), 9, id="no header"),
        pytest.param(overwrite(100, 4096), 9, id="no schema"),
        pytest.param(overwrite(0), 0, id="nothing left"),
    ],
)
async def test_a_damaged_database_is_set_aside_and_what_is_left_of_it_brought_over(
    folder: Path,
    damage: Callable[[Path], object],
    left: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []
    store = SQLiteStore(folder, told.append)
    await fill(folder, messages=9)
    path = folder / "sessions.db"
    damage(path)
    damaged = path.read_bytes()

    page = await store.page()

    (aside,) = set_aside(folder)
    assert [info.message_count for info in page.sessions] == [left] * (left > 0)
    assert aside.read_bytes() == damaged
    assert [aside.name in record.message for record in caplog.records] == [True]
    sessions = "1 session" if left else "0 sessions"
    assert told == [
        "sessions.db was damaged. What could be read of it was brought over into a new "
        f"one: {left} messages of {sessions}. The damaged one was set aside "
        f"as {aside.name}."
    ]
    await store.create(attrs.evolve(RECORD, id="new"))
    await store.close()


async def test_damage_that_is_met_later_is_mended_at_once(
    store: SQLiteStore, folder: Path
) -> None:
    await fill(folder, messages=200)
    path = folder / "sessions.db"
    overwrite(path.stat().st_size // 2)(path)
    assert await store.revision("s") is not None

    stored = await store.read("s")

    assert stored is not None
    assert 50 < len(stored.messages) < 150
    (info,) = (await store.page()).sessions
    assert info.message_count == len(stored.messages)
    assert len(set_aside(folder)) == 1


async def test_who_dies_while_a_database_is_mended_loses_nothing(
    store: SQLiteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder, messages=9)
    busy = SQLiteStore(folder)
    await busy.save(RECORD, said("in the log alone"))
    overwrite(0, 16)(folder / "sessions.db")

    def die(aside: Path, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "hardlink_to", die)
        open_database(folder, lambda sentence: None, condemned=True)

    stored = await store.read("s")

    assert stored is not None
    assert len(stored.messages) == 10
    await busy.close()


async def test_a_damaged_text_index_is_made_again(
    store: SQLiteStore, folder: Path
) -> None:
    await fill(folder)
    execute(folder / "sessions.db", "DELETE FROM message_text_data WHERE id > 10")
    before = await store.read("s")

    def search(connection: sqlite3.Connection) -> int:
        statement = "SELECT rowid FROM message_text('\"0 0\"')"
        return len(connection.execute(statement).fetchall())

    assert await store._connection.ask(search) == 1
    assert await store.read("s") == before


async def test_a_text_index_that_cannot_be_made_again_does_not_block_saving_for_good(
    store: SQLiteStore, folder: Path
) -> None:
    await fill(folder)
    execute(folder / "sessions.db", "DELETE FROM message_text_data")

    await store.save(RECORD, said("more"))

    stored = await store.read("s")
    assert stored is not None
    assert len(stored.messages) == 2
    assert len(set_aside(folder)) == 1


async def test_a_suspicion_without_ground_sets_nothing_aside(
    store: SQLiteStore, folder: Path
) -> None:
    await fill(folder, messages=200)
    store._connection._is_suspect.set()

    assert await store.revision("s") is not None
    assert set_aside(folder) == []


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    store: SQLiteStore, folder: Path
) -> None:
    os.mkdir(folder)
    path = folder / "sessions.db"
    execute(path, "CREATE TABLE future (dream)")
    execute(path, "PRAGMA user_version = 1000")
    path.chmod(0o644)
    before = path.read_bytes(), path.stat().st_mode

    for _ in range(2):
        with pytest.raises(StoreError, match="newer version"):
            await store.page()

    assert (path.read_bytes(), path.stat().st_mode) == before
    assert set_aside(folder) == []


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder)
    steps = (*schema.MIGRATIONS, ("CREATE TABLE extra (x)", "no SQL"))
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", steps)
        newer = SQLiteStore(folder)
        with pytest.raises(StoreError):
            await newer.page()
        await newer.close()

    store = SQLiteStore(folder)
    assert await store.revision("s") is not None
    await store.close()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        execute(folder / "sessions.db", "SELECT * FROM extra")


async def test_an_older_database_is_migrated_and_keeps_its_sessions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder)
    steps = (*schema.MIGRATIONS, ("CREATE TABLE extra (x)",))
    monkeypatch.setattr(database, "MIGRATIONS", steps)

    store = SQLiteStore(folder)
    stored = await store.read("s")
    await store.close()

    assert stored is not None
    assert len(stored.messages) == 1
    execute(folder / "sessions.db", "SELECT * FROM extra")


@posix
async def test_a_read_only_folder_is_a_store_error_without_a_path(
    folder_of_an_ordinary_user: Path,
) -> None:
    os.chmod(folder_of_an_ordinary_user, 0o500)
    store = SQLiteStore(folder_of_an_ordinary_user)

    with pytest.raises(StoreError) as caught:
        await store.create(RECORD)
    await store.close()

    assert str(caught.value) == (
        "The session store cannot be used: Permission denied. "
        "Check that its folder exists and is yours to write."
    )


@posix
async def test_a_read_only_database_is_a_store_error_that_says_so(
    folder_of_an_ordinary_user: Path,
) -> None:
    await fill(folder_of_an_ordinary_user)
    (folder_of_an_ordinary_user / "sessions.db").chmod(0o400)
    store = SQLiteStore(folder_of_an_ordinary_user)

    with pytest.raises(StoreError, match="read-only"):
        await store.save(RECORD, said("hello"))
    await store.close()


async def test_a_file_in_place_of_the_folder_is_a_store_error(
    store: SQLiteStore, folder: Path
) -> None:
    (folder.parent / folder.name).write_text("in the way")

    with pytest.raises(StoreError) as caught:
        await store.page()

    assert "cannot be used: Not a directory." in str(caught.value)
    assert str(folder) not in str(caught.value)


async def test_a_full_disk_is_a_store_error_that_says_so_and_loses_nothing(
    store: SQLiteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder)
    connect_with(
        monkeypatch,
        lambda connection: connection.execute("PRAGMA max_page_count = 1"),
    )
    before = await store.read("s")

    with pytest.raises(StoreError, match="disk is full"):
        await store.save(RECORD, said("word " * 9999))

    assert await store.read("s") == before


async def test_a_locked_store_is_a_store_error_that_says_so(
    store: SQLiteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0)
    await store.create(RECORD)
    other = sqlite3.connect(folder / "sessions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="locked"):
        await store.save(RECORD)
    other.close()

    await store.save(RECORD)


@posix
async def test_a_folder_deleted_under_the_store_is_made_again(
    store: SQLiteStore, folder: Path
) -> None:
    await store.create(RECORD)
    shutil.rmtree(folder)

    assert await store.revision("s") is None
    revision = await store.create(RECORD)

    another = SQLiteStore(folder)
    assert await another.revision("s") == revision
    await another.close()
