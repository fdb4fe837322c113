"""One process at a time answers in a session, and a dead one does not count."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from abstractllm.errors import TurnRunning, UnknownSession
from abstractllm.events import TextDelta
from abstractllm.session import Session, SessionManager
from tests.scripted import ScriptedProvider, Step, says

PROCESSES, TURNS = 4, 25

ANSWERER = """
import asyncio, sys
from abstractllm.errors import TurnRunning
from abstractllm.session import SessionManager
from tests.scripted import ScriptedProvider, says

async def answer(folder, session_id, name, turns):
    manager = SessionManager(folder)
    session = await manager.get_session_async(session_id)
    for turn in range(turns):
        provider = ScriptedProvider(says(f"{name} answers {turn}"))
        while True:
            try:
                await session.generate_async(f"{name} asks {turn}", provider=provider)
                break
            except TurnRunning:
                await asyncio.sleep(0.002)
    await manager.close_async()

folder, session_id, name, turns = sys.argv[1:]
asyncio.run(answer(folder, session_id, name, int(turns)))
"""

WAITER = """
import asyncio, sys
from abstractllm.events import TextDelta
from abstractllm.session import SessionManager
from tests.scripted import ScriptedProvider

async def wait(folder, session_id):
    manager = SessionManager(folder)
    session = await manager.get_session_async(session_id)
    provider = ScriptedProvider([TextDelta("half an answer"), asyncio.Event()])
    async for event in session.stream("Never ends", provider=provider):
        if isinstance(event, TextDelta):
            print("answers", flush=True)

asyncio.run(wait(*sys.argv[1:]))
"""

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[SessionManager]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[SessionManager]:
    """Another manager of the same folder: it shares nothing else with the first."""
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


@pytest.fixture
async def session(manager: SessionManager) -> Session:
    return await manager.create_session_async(provider=ScriptedProvider(), title="S")


@pytest.fixture
def waiter(tmp_path: Path, session: Session) -> Iterator[subprocess.Popen[str]]:
    """Begin a process that answers in the session for ever."""
    command = [sys.executable, "-c", WAITER, str(tmp_path), session.id]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "answers\n"
        yield process
        process.kill()


def locks(folder: Path) -> list[str]:
    return [path.name for path in (folder / "locks").iterdir()]


async def test_while_one_answers_the_other_may_not(
    manager: SessionManager, other: SessionManager, session: Session
) -> None:
    gate = asyncio.Event()
    script: list[Step] = [TextDelta("…"), gate, *says("done")]
    turn = session.stream("Hi", provider=ScriptedProvider(script))
    first = await anext(turn)
    theirs = await other.get_session_async(session.id)
    assert theirs is not None

    for attempt in (
        lambda: theirs.generate_async("No", provider=ScriptedProvider()),
        lambda: theirs.add_message_async("user", "No"),
        theirs.clear_history_async,
        lambda: other.delete_session_async(session.id),
    ):
        with pytest.raises(TurnRunning, match="Another editor answers"):
            await attempt()
    await theirs.rename_async("A name is no history")
    info = await other.info_async(session.id)
    own = await manager.info_async(session.id)
    assert info is not None
    assert own is not None
    assert (info.running_elsewhere, own.running_elsewhere) == (True, False)

    gate.set()
    assert [event async for event in turn]
    await theirs.generate_async("Now", provider=ScriptedProvider(says("yes")))
    contents = [message.content for message in theirs.get_history()]
    assert first is not None
    assert contents == ["Hi", "…done", "Now", "yes"]
    assert theirs.record.title == "A name is no history"


async def test_other_sessions_are_free(
    other: SessionManager, waiter: subprocess.Popen[str]
) -> None:
    session = await other.create_session_async(provider=ScriptedProvider())

    assert await session.generate_async("Hi") == "Hello!"


async def test_a_killed_process_leaves_the_session_free_and_what_it_said(
    session: Session, waiter: subprocess.Popen[str], manager: SessionManager
) -> None:
    with pytest.raises(TurnRunning):
        await session.generate_async("Me")

    waiter.kill()
    waiter.wait()

    assert await session.generate_async("Me") == "Hello!"
    contents = [message.content for message in session.get_history()]
    assert contents[0] == "Never ends"
    assert contents[-2:] == ["Me", "Hello!"]


async def test_the_locks_of_the_dead_are_taken_away(
    session: Session, waiter: subprocess.Popen[str], tmp_path: Path
) -> None:
    dead = locks(tmp_path)
    waiter.kill()
    waiter.wait()

    await session.generate_async("Hi")

    assert not set(dead).intersection(locks(tmp_path))


async def test_a_manager_that_is_closed_leaves_no_lock(tmp_path: Path) -> None:
    manager = SessionManager(tmp_path)
    session = await manager.create_session_async(provider=ScriptedProvider())
    await session.generate_async("Hi")

    await manager.close_async()

    assert locks(tmp_path) == []


async def test_a_lease_that_names_no_owner_of_ours_is_none(
    session: Session, tmp_path: Path
) -> None:
    for owner in ("../../etc/passwd", "", "x" * 32, b"\xff"):
        with closing(sqlite3.connect(tmp_path / "sessions.db")) as database, database:
            lease = "INSERT OR REPLACE INTO leases VALUES (?, ?)"
            database.execute(lease, (session.id, owner))

        assert await session.generate_async("Hi") == "Hello!"


async def test_only_locks_of_ours_are_taken_away_and_no_link_is_followed(
    session: Session, tmp_path: Path, manager: SessionManager
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{'a' * 32}.lock").touch()
    (tmp_path / "locks").symlink_to(elsewhere)
    await session.generate_async("Hi")
    assert [path.name for path in elsewhere.iterdir()] == [f"{'a' * 32}.lock"]

    (tmp_path / "locks/yarn.lock").touch()
    await manager.close_async()
    other = SessionManager(tmp_path)
    again = await other.get_session_async(session.id, provider=ScriptedProvider())
    assert again is not None
    await again.generate_async("Hi")
    await other.close_async()

    assert locks(tmp_path) == ["yarn.lock"]


async def test_a_deleted_session_takes_no_lease(
    session: Session, other: SessionManager
) -> None:
    await other.delete_session_async(session.id)

    with pytest.raises(UnknownSession):
        await session.generate_async("Hi")


async def test_processes_that_take_turns_extend_one_branch(
    session: Session, tmp_path: Path
) -> None:
    def answer_side_by_side() -> None:
        with ExitStack() as stack:
            for name in range(PROCESSES):
                arguments = [str(tmp_path), session.id, f"p{name}", str(TURNS)]
                command = [sys.executable, "-c", ANSWERER, *arguments]
                stack.enter_context(subprocess.Popen(command, cwd=ROOT))

    await asyncio.to_thread(answer_side_by_side)

    await session.refresh_async()
    contents = [message.content for message in session.get_history()]
    assert len(contents) == session.size == 2 * PROCESSES * TURNS
    for asked, answered in zip(contents[::2], contents[1::2], strict=True):
        assert answered == asked.replace("asks", "answers")


async def test_what_others_do_is_told_and_what_one_does_is_not(
    manager: SessionManager, other: SessionManager, session: Session
) -> None:
    async def changed() -> list[str]:
        return await other.changed_elsewhere_async()

    assert await changed() == []
    await manager.create_session_async(session_id="new")
    assert await changed() == ["new"]
    assert await changed() == []
    await other.create_session_async(session_id="own")
    await session.rename_async("Better")
    assert await changed() == [session.id]
    await manager.delete_session_async("new")
    await other.delete_session_async("own")
    assert await changed() == ["new"]
    await session.generate_async("Hi")
    assert await changed() == [session.id]


async def test_a_turn_elsewhere_is_told_at_its_begin_and_its_death(
    manager: SessionManager, session: Session, waiter: subprocess.Popen[str]
) -> None:
    await manager.changed_elsewhere_async()
    info = await manager.info_async(session.id)
    assert info is not None
    assert info.running_elsewhere

    waiter.kill()
    waiter.wait()

    assert await manager.changed_elsewhere_async() == [session.id]
    info = await manager.info_async(session.id)
    assert info is not None
    assert not info.running_elsewhere
    assert await manager.changed_elsewhere_async() == []
