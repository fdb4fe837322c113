"""How long the history takes that is searched, listed, forked and added to."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from abstractllm.enums import MessageRole
from abstractllm.messages import Message, Text, Usage
from abstractllm.session import SessionManager
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore
from tests.bench.rows import Row, median, say

SESSIONS = 10_000
MESSAGES = 100_000
FORKED = 10_000
TURNS = 2_000
ROUNDS = 9

_WORDS = [
    "".join(random.Random(seed).choices("abcdefghiklmnoprstuvwy", k=3 + seed % 7))
    for seed in range(5_000)
]

QUERIES = {
    "a word": "needle in 97",
    "two rare letters": "qx",
    "one frequent letter": "e",
    "one Chinese character": "欢",
}


def messages(count: int, session: str) -> Iterator[Message]:
    """Yield messages of forty words, each after the one before."""
    chance = random.Random(session)
    parent = None
    for number in range(count):
        words = chance.choices(_WORDS, k=40)
        if number % 97 == 0:
            words += ["needle", "in", str(number), "qx"[number % 2 :], "我喜欢编程"]
        reply = number % 2 == 1
        message = Message(
            role=MessageRole.ASSISTANT if reply else MessageRole.USER,
            parts=(Text(" ".join(words)),),
            parent_id=parent,
            usage=Usage(input_tokens=3, output_tokens=40) if reply else None,
        )
        parent = message.id
        yield message


@asynccontextmanager
async def opened() -> AsyncIterator[SQLiteStore]:
    """Yield an empty store in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder))
        yield store
        await store.close()


async def filled(store: SQLiteStore, session: str, count: int) -> None:
    """Keep a session of so many messages."""
    told = list(messages(count, session))
    record = SessionRecord(id=session, title=session, head_id=told[-1].id)
    await store.create(record, *told)


async def searching() -> list[Row]:
    """Return how long the first page of a search takes."""
    async with opened() as store:
        for number in range(100):
            await filled(store, f"s{number}", MESSAGES // 100)
        rows = []
        for what, query in QUERIES.items():
            taken = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                page = await store.search(query, 20)
                taken.append(time.perf_counter() - began)
                assert page.hits
            rows.append(
                Row(
                    what=f"search {MESSAGES:,} messages for {what}",
                    unit="ms",
                    ours=median(taken) * 1000,
                    budget=50,
                )
            )
        return rows


async def listing() -> Row:
    """Return how long the first page of many sessions takes."""
    async with opened() as store:
        for number in range(SESSIONS):
            prompt = "Be brief. " * 200
            await store.create(SessionRecord(id=f"s{number}", system_prompt=prompt))
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            page = await store.page(100)
            taken.append(time.perf_counter() - began)
            assert len(page.sessions) == 100
    return Row(
        what=f"first page of {SESSIONS:,} sessions",
        unit="ms",
        ours=median(taken) * 1000,
        budget=20,
    )


async def forking() -> Row:
    """Return how long the fork of a long session takes."""
    with tempfile.TemporaryDirectory() as folder:
        manager = SessionManager(folder)
        store = manager._store
        assert isinstance(store, SQLiteStore)
        await filled(store, "long", FORKED)
        session = await manager.get_session_async("long")
        assert session is not None
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            forked = await session.fork_async()
            taken.append(time.perf_counter() - began)
            assert len(forked.get_history()) == FORKED
        await manager.close_async()
    return Row(
        what=f"fork {FORKED:,} messages",
        unit="ms",
        ours=median(taken) * 1000,
        budget=100,
    )


async def adding() -> Row:
    """Return how much longer a turn takes after many turns."""
    with tempfile.TemporaryDirectory() as folder:
        manager = SessionManager(folder)
        store = manager._store
        assert isinstance(store, SQLiteStore)
        taken: dict[int, float] = {}
        for turns in (10, TURNS):
            await filled(store, str(turns), 2 * turns)
            session = await manager.get_session_async(str(turns))
            assert session is not None
            each = []
            for _ in range(5 * ROUNDS):
                began = time.perf_counter()
                await session.add_message_async("user", "word " * 40)
                await session.add_message_async("assistant", "word " * 40)
                each.append(time.perf_counter() - began)
            taken[turns] = median(each) * 1000
        await manager.close_async()
    return Row(
        what=f"add a turn after {TURNS:,} turns",
        unit="ms",
        ours=taken[TURNS],
        against="after 10 turns",
        reference=taken[10],
        budget=1.3,
    )


async def measured() -> list[Row]:
    """Return all figures."""
    return [*await searching(), await listing(), await forking(), await adding()]


if __name__ == "__main__":
    say(asyncio.run(measured()))
