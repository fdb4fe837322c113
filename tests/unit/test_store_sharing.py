"""Several users of one store: threads, processes, the killed and the cancelled."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import SessionExists
from abstractllm.messages import Message, Text
from abstractllm.store.contract import SessionRecord, StoredSession
from abstractllm.store.sqlite import SQLiteStore

RECORD = SessionRecord(id="shared")

TURNS = 100

WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from abstractllm.enums import MessageRole
from abstractllm.errors import SessionExists
from abstractllm.errors import SessionExists
from abstractllm.messages import Message, Text
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore

async def write(folder, name, turns):
    store, record = SQLiteStore(Path(folder)), SessionRecord(id="shared")
    try:
        await store.create(record)
    except SessionExists:
        pass
    for turn in itertools.count() if turns == "endless" else range(int(turns)):
        prompt = Message(
            id=f"{name}-{turn}-prompt", role=MessageRole.USER, parts=(Text("ask"),)
        )
        reply = Message(
            id=f"{name}-{turn}-reply",
            role=MessageRole.ASSISTANT,
            parts=(Text("answer " * 500),),
        )
        await store.save(record, prompt)
        print(prompt.id, flush=True)
        await store.save(record, reply)
        print(reply.id, flush=True)
    await store.close()

sys.stdin.readline()
asyncio.run(write(*sys.argv[1:]))
"""


class Writer:
    """A process that begins to write turns when it is told to, and prints their ids."""

    def __init__(self, folder: Path, name: str, turns: str = str(TURNS)) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), name, turns],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self) -> list[str]:
        """Return the ids it prints until it ends."""
        return self.output.read().split()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path)
    yield store
    await store.close()


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    """Writers to be ended with the test."""
    started: list[Writer] = []
    yield started
    for writer in started:
        with writer.process:
            writer.process.kill()


def ids(stored: StoredSession | None) -> list[str]:
    return [message.id for message in stored.messages] if stored else []


def set_aside(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.damaged-*"))


def turns_of(name: str) -> list[str]:
    return [
        f"{name}-{turn}-{part}" for turn in range(TURNS) for part in ("prompt", "reply")
    ]


def of(name: str, message_ids: list[str]) -> list[str]:
    return [each for each in message_ids if each.startswith(f"{name}-")]


async def test_two_processes_keep_all_their_turns_in_their_order(
    store: SQLiteStore, tmp_path: Path, writers: list[Writer]
) -> None:
    writers += [Writer(tmp_path, name) for name in "ab"]
    for writer in writers:
        writer.begin()

    told = [writer.finish() for writer in writers]

    stored = await store.read("shared")
    info = await store.info("shared")
    assert told == [turns_of("a"), turns_of("b")]
    assert [of(name, ids(stored)) for name in "ab"] == told
    assert info is not None
    assert info.message_count == len(ids(stored)) == 4 * TURNS


async def test_two_stores_on_two_threads_keep_all_their_turns(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await store.create(RECORD)

    async def write(name: str) -> None:
        own = SQLiteStore(tmp_path)
        messages = [
            Message(id=each, role=MessageRole.USER, parts=()) for each in turns_of(name)
        ]
        for turn in range(TURNS):
            await own.save(RECORD, *messages[2 * turn : 2 * turn + 2])
        await own.close()

    threads = [
        threading.Thread(target=lambda name=name: asyncio.run(write(name)))
        for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = await store.read("shared")
    assert [of(name, ids(stored)) for name in "ab"] == [turns_of("a"), turns_of("b")]
    assert len(ids(stored)) == 4 * TURNS


@pytest.mark.parametrize("saved", [0, 1, 2, 17, 64])
async def test_a_killed_process_loses_no_message_it_was_told_is_saved(
    store: SQLiteStore, tmp_path: Path, writers: list[Writer], saved: int
) -> None:
    writer = Writer(tmp_path, "a", "endless")
    writers.append(writer)
    writer.begin()
    told = [writer.output.readline().strip() for _ in range(saved)]

    writer.process.kill()
    told += writer.finish()

    kept = ids(await store.read("shared"))
    # The one being written when the process died may be there or not.
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1
    assert set_aside(tmp_path) == []


async def test_many_that_find_a_damaged_database_begin_one_new_one(
    store: SQLiteStore, tmp_path: Path, writers: list[Writer]
) -> None:
    (tmp_path / "sessions.db").write_bytes(b"no database " * 999)
    writers += [Writer(tmp_path, name, "1") for name in "abcdef"]
    for writer in writers:
        writer.begin()

    told = [each for writer in writers for each in writer.finish()]

    assert sorted(ids(await store.read("shared"))) == sorted(told)
    assert len(told) == 12
    assert len(set_aside(tmp_path)) == 1


async def test_a_database_set_aside_by_one_store_is_let_go_by_the_other(
    store: SQLiteStore, tmp_path: Path
) -> None:
    def empty_the_log(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    await store.create(RECORD)
    await store._connection.ask(empty_the_log)
    (tmp_path / "sessions.db").write_bytes(b"no database " * 9999)
    other = SQLiteStore(tmp_path)
    revision = await other.create(SessionRecord(id="new"))

    assert await store.revision("new") == revision
    assert await store.save(SessionRecord(id="new")) == revision + 1
    assert await other.revision("new") == revision + 1
    await other.close()
    # The log goes with its database, lest the new one take it for its own.
    suffixes = [path.name.rpartition("Z")[2] for path in set_aside(tmp_path)]
    assert suffixes == ["", "-shm", "-wal"]


async def test_writes_whose_callers_are_cancelled_are_done_all_the_same(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await store.create(RECORD)
    messages = [
        Message(id=f"{number}", role=MessageRole.USER, parts=(Text("kept"),))
        for number in range(3)
    ]
    other = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # the first write waits, the others behind it
    saves = [asyncio.ensure_future(store.save(RECORD, each)) for each in messages]
    await asyncio.wait(saves, timeout=0)

    for save in saves:
        save.cancel()
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
    assert ids(await store.read("shared")) == ["0", "1", "2"]


async def test_closing_finishes_what_was_begun_and_ends_the_thread(
    tmp_path: Path,
) -> None:
    store = SQLiteStore(tmp_path)
    before = threading.active_count()
    creation = asyncio.ensure_future(store.create(RECORD))
    await asyncio.wait([creation], timeout=0)

    await store.close()

    assert await creation
    assert threading.active_count() == before


async def test_a_list_shows_the_changes_that_were_asked_for_before_it(
    store: SQLiteStore,
) -> None:
    asked = [
        asyncio.ensure_future(store.create(SessionRecord(id=name))) for name in "aba"
    ]
    await asyncio.sleep(0)

    page = await store.page()

    assert sorted(info.id for info in page.sessions) == ["a", "b"]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, int, SessionExists]
