"""Of a damaged database, what can be read is there, and one can chat.

So many databases, each damaged by chance, as `DAMAGED_DATABASES` says; so many times
mending is killed at a moment by chance, as `KILLED_MENDINGS` says.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from abstractllm.session import SessionManager
from abstractllm.store.opening import open_database
from abstractllm.store.reading import text_of
from tests.scripted import ScriptedProvider, says

DAMAGED = int(os.environ.get("DAMAGED_DATABASES", "40"))

MOMENTS = int(os.environ.get("KILLED_MENDINGS", "10"))

Row = tuple[Any, ...]

MESSAGE = (
    "session_id, id, parent_id, role, status, provider, model, created_at, "
    "input_tokens, output_tokens, cached_tokens, cost, metadata, parts, text"
)
SESSION = "id, title, created_at, system_prompt, metadata"


async def write(folder: Path) -> None:
    """Fill a store with short and long messages, branches, forks and kept texts."""
    manager = SessionManager(folder)
    random.seed(0)
    for number in range(6):
        session = await manager.create_session_async(
            title=f"Chat {number}", system_prompt="Be brief. " * 99 * number
        )
        for turn in range(12):
            provider = ScriptedProvider(says(f"Answer {turn} " * 9 ** (turn % 5)))
            await session.generate_async(f"Question {turn}", provider=provider)
        draft = session.get_history()[-1]
        kept = {f"{number}{n}": f"{random.random()}" * 200 for n in range(5)}
        await session._journal.keep_draft(draft, kept)
        await session.regenerate_async(provider=ScriptedProvider(says("Anew")))
        await session.fork_async()
    await manager.close_async()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a database with nothing wrong."""
    folder = tmp_path_factory.mktemp("sound")
    asyncio.run(write(folder))
    return (folder / "sessions.db").read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database of a store is."""
    (tmp_path / ".abstractllm").mkdir()
    return tmp_path / ".abstractllm" / "sessions.db"


def damaged(content: bytes, seed: int) -> bytes:
    """Return a database with some bytes flipped, a stretch overwritten, or cut off."""
    chance = random.Random(seed)
    data = bytearray(content)
    kind = chance.choice(["flip one", "flip some", "flip headers", "stretch", "cut"])
    if kind == "cut":
        return bytes(data[: chance.randrange(len(data))])
    if kind == "stretch":
        start = chance.randrange(len(data))
        length = chance.choice([16, 512, 4096, 20_000])
        data[start : start + length] = chance.randbytes(length)
        return bytes(data[: len(content)])
    for _ in range(1 if kind == "flip one" else 40):
        place = chance.randrange(len(data))
        if kind == "flip headers":
            place = place // 4096 * 4096 + chance.randrange(100)
        data[place] ^= 1 << chance.randrange(8)
    return bytes(data)


def readable(path: Path, table: str, columns: str) -> Iterator[Row]:
    """Yield the rows that SQLite itself reads, one by one."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.text_factory = text_of
        for number in range(1, 1000):
            asked = f"SELECT {columns} FROM {table} NOT INDEXED WHERE rowid = {number}"
            try:
                yield from database.execute(asked).fetchall()
            except sqlite3.DatabaseError:
                continue


async def use(folder: Path, told: list[str]) -> None:
    """Do in a store what a user does on a day."""
    manager = SessionManager(folder, tell=told.append)
    for info in (await manager.page_async()).sessions:
        session = await manager.get_session_async(info.id)
        if session is None:
            assert told  # it was listed by what was mended since
            continue
        await session.generate_async("More", provider=ScriptedProvider(says("Yes")))
    new = await manager.create_session_async(provider=ScriptedProvider(says("Hello!")))
    await new.generate_async("Hi")
    await manager.search_async("Hi")
    assert new.id in [info.id for info in (await manager.page_async()).sessions]
    await manager.close_async()


@pytest.mark.parametrize("seed", range(DAMAGED))
def test_one_can_chat_and_every_row_that_sqlite_can_read_is_there(
    path: Path, sound: bytes, seed: int
) -> None:
    path.write_bytes(damaged(sound, seed))
    messages = set(readable(path, "messages", MESSAGE))
    sessions = set(readable(path, "sessions", SESSION))
    told: list[str] = []

    asyncio.run(use(path.parent, told))

    aside = list(path.parent.glob("sessions.db.damaged-*Z"))
    assert len(told) == len([s for s in told if "was damaged" in s]) == len(aside)
    assert messages - set(readable(path, "messages", MESSAGE)) == set()
    assert sessions - set(readable(path, "sessions", SESSION)) == set()
    if aside:
        with closing(sqlite3.connect(path)) as mended:
            assert mended.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_where_every_row_is_whole_nothing_is_missing(path: Path, sound: bytes) -> None:
    path.write_bytes(sound)
    before = everything(path)
    path.write_bytes(bytes(16) + sound[16:])

    open_database(path.parent, print).close()

    assert everything(path) == before


KILLED_WHILE_MENDING = """
import os, signal, sys
from pathlib import Path
from abstractllm.store import salvage  # so that its import is none of the moments
from abstractllm.store.opening import open_database

count, last = 0, int(sys.argv[3])

def moment(*_):
    global count
    count += 1
    if count == last:
        os.kill(os.getpid(), signal.SIGKILL)

{"calls": sys.setprofile, "files": sys.addaudithook}[sys.argv[2]](moment)
connection = open_database(Path(sys.argv[1]), lambda sentence: None)
sys.setprofile(None)
print(count)
"""
"""Dies before one of its calls, or what it does to files; before the 0th is never."""


def mend(folder: Path, kind: str, moment: int) -> subprocess.CompletedProcess[str]:
    """Have a process mend a database, and be killed at a moment."""
    arguments = [str(folder), kind, str(moment)]
    command = [sys.executable, "-c", KILLED_WHILE_MENDING, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["calls", "files"])
def test_who_is_killed_while_he_mends_loses_nothing(
    path: Path, sound: bytes, kind: str
) -> None:
    path.write_bytes(sound)
    before = everything(path)
    bad = bytes(16) + sound[16:]
    path.write_bytes(bad)
    # The last thing that is counted is the end of counting.
    moments = [*range(1, int(mend(path.parent, kind, 0).stdout))]
    if kind == "calls":
        moments = random.Random(0).sample(moments, MOMENTS)

    for moment in moments:
        for file in path.parent.glob("sessions.db*"):
            file.unlink()
        path.write_bytes(bad)
        assert mend(path.parent, kind, moment).returncode == -signal.SIGKILL
        open_database(path.parent, print).close()
        assert everything(path) == before
        aside = [f.read_bytes() for f in path.parent.glob("*.damaged-*Z")]
        assert bad in aside


def test_messages_of_a_session_that_is_lost_get_one(path: Path, sound: bytes) -> None:
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM sessions WHERE title = 'Chat 1'")
        database.commit()
        (number,) = database.execute("SELECT count(*) FROM messages").fetchone()

    open_database(path.parent, print, condemned=True).close()

    manager = SessionManager(path.parent)
    infos = manager.page().sessions
    (recovered,) = [info for info in infos if info.title == "Recovered chat"]
    session = manager.get_session(recovered.id)
    manager.close()
    assert sum(info.message_count for info in infos) == number
    assert session is not None
    assert [m.content for m in session.get_history()][-2:] == ["Question 11", "Anew"]


def everything(path: Path) -> dict[str, list[Row]]:
    """Return all rows of the tables that hold what was said."""
    with closing(sqlite3.connect(path)) as database:
        return {
            table: sorted(database.execute(f"SELECT * FROM {table}"), key=repr)
            for table in ("sessions", "messages", "texts")
        }
