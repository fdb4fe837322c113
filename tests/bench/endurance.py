"""Whether a turn costs more time or memory after 10,000 of them than before."""

import asyncio
import gc
import os
import tempfile
import time
from pathlib import Path

from abstractllm.events import ReplyEnded, StopReason, TextDelta
from abstractllm.session import SessionManager
from tests.bench.rows import Row, median, say
from tests.scripted import ScriptedProvider

SESSIONS = 100
TURNS = 10_000


class Book:
    """What the turns cost: seconds each, and bytes resident now and then."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.bytes: list[int] = []

    def weigh(self) -> None:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.bytes.append(pages * os.sysconf("SC_PAGE_SIZE"))


async def turns(manager: SessionManager, ids: list[str], book: Book) -> None:
    """Answer a short prompt in each session."""
    provider = ScriptedProvider([TextDelta("Yes."), ReplyEnded(StopReason.END_TURN)])
    for session_id in ids:
        began = time.perf_counter()
        session = await manager.get_session_async(session_id)
        assert session is not None
        await session.generate_async("Well?", provider=provider)
        provider.requests.clear()
        book.seconds.append(time.perf_counter() - began)


async def measured() -> list[Row]:
    """Return the figures of the last 100 turns beside those of the first 100."""
    book = Book()
    with tempfile.TemporaryDirectory() as folder:
        manager = SessionManager(folder)
        made = [await manager.create_session_async() for _ in range(SESSIONS)]
        ids = [session.id for session in made]
        del made
        for number in range(TURNS // SESSIONS):
            await turns(manager, ids, book)
            if number in (0, TURNS // SESSIONS - 1):
                book.weigh()
        await manager.close_async()
    first, last = book.seconds[:SESSIONS], book.seconds[-SESSIONS:]
    return [
        Row(
            what=f"a turn after {TURNS:,} over {SESSIONS} sessions",
            unit="ms",
            ours=median(last) * 1000,
            against=f"the first {SESSIONS}",
            reference=median(first) * 1000,
            budget=1.2,
        ),
        Row(
            what=f"memory after {TURNS:,} turns",
            unit="MB",
            ours=book.bytes[-1] / 1e6,
            against=f"the first {SESSIONS}",
            reference=book.bytes[0] / 1e6,
            budget=1.3,
        ),
    ]


if __name__ == "__main__":
    say(asyncio.run(measured()))
