"""The manager: sessions that outlive the process that made them."""

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import (
    InvalidParameter,
    InvalidSessionFile,
    SessionExists,
    TurnRunning,
    UnknownSession,
)
from abstractllm.events import TextDelta
from abstractllm.session import Session, draft, open_sessions
from abstractllm.session.manager import SessionManager
from tests.scripted import ScriptedProvider, says


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


@pytest.fixture
async def other_process(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    """Another manager on the same folder: it shares nothing else with the first."""
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


def contents(session: Session | None) -> list[str]:
    assert session is not None
    return [message.content for message in session.get_history()]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_manager_can_be_imported_from_both_its_homes() -> None:
    from abstractllm.session import SessionManager as FromSession

    assert FromSession is SessionManager


async def test_a_session_can_be_had_again_by_its_id(manager: SessionManager) -> None:
    session = await manager.create_session_async(system_prompt="Be brief.")

    assert await manager.get_session_async(session.id) is session


async def test_a_session_may_be_given_its_id(manager: SessionManager) -> None:
    session = await manager.create_session_async(session_id="user123")

    assert session.id == "user123"
    with pytest.raises(SessionExists):
        await manager.create_session_async(session_id="user123")
    with pytest.raises(InvalidParameter):
        await manager.create_session_async(session_id=" ")


async def test_there_is_no_session_that_nobody_made(manager: SessionManager) -> None:
    assert await manager.get_session_async("user123") is None
    assert await manager.delete_session_async("user123") is False


async def test_a_later_process_finds_the_whole_session(
    manager: SessionManager, other_process: SessionManager
) -> None:
    provider = ScriptedProvider(says("Hello!"), model="m-1")
    session = await manager.create_session_async(
        system_prompt="Be brief.",
        provider=provider,
        provider_config={"temperature": 0.5},
        metadata={"user": 1},
    )
    await session.generate_async("Hi")

    found = await other_process.get_session_async(session.id)

    assert found is not None
    assert found.get_history() == session.get_history()
    assert found.record == session.record
    assert (found.provider, found.provider_config) == (
        "scripted",
        {"temperature": 0.5, "model": "m-1"},
    )


async def test_each_process_sees_what_the_other_one_said(
    manager: SessionManager, other_process: SessionManager
) -> None:
    here = await manager.create_session_async(provider=ScriptedProvider(says("one")))
    there = await other_process.get_session_async(here.id, ScriptedProvider(says("2")))
    assert there is not None

    await here.generate_async("a")
    await there.generate_async("b")
    await here.generate_async("c")

    assert contents(here) == ["a", "one", "b", "2", "c", "one"]


async def test_a_session_that_another_process_deleted_is_unknown(
    manager: SessionManager, other_process: SessionManager
) -> None:
    session = await manager.create_session_async(provider=ScriptedProvider())
    await other_process.delete_session_async(session.id)

    with pytest.raises(UnknownSession):
        await session.generate_async("Hi")


async def test_sessions_are_listed_in_threes(manager: SessionManager) -> None:
    first = await manager.create_session_async()
    second = await manager.create_session_async()
    await first.add_message_async(MessageRole.USER, "Hi")

    listed = [
        (session_id, created, modified)
        for session_id, created, modified in await manager.list_sessions_async()
    ]

    assert listed == [
        (first.id, first.record.created_at, first.record.updated_at),
        (second.id, second.record.created_at, second.record.updated_at),
    ]


async def test_a_deleted_session_is_gone(manager: SessionManager) -> None:
    session = await manager.create_session_async()

    assert await manager.delete_session_async(session.id) is True
    assert await manager.get_session_async(session.id) is None
    assert await manager.list_sessions_async() == []


async def test_a_session_is_not_deleted_under_its_turn(manager: SessionManager) -> None:
    session = await manager.create_session_async(
        provider=ScriptedProvider([TextDelta("Hal"), asyncio.Event()])
    )
    async with aclosing(session.stream_text("Hi")) as texts:
        await anext(texts)
        with pytest.raises(TurnRunning):
            await manager.delete_session_async(session.id)

    assert contents(await manager.get_session_async(session.id)) == ["Hi", "Hal"]


async def test_a_long_reply_is_kept_while_it_streams(
    manager: SessionManager,
    other_process: SessionManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draft, "AUTOSAVE_SECONDS", 0)
    session = await manager.create_session_async(
        provider=ScriptedProvider([TextDelta("Hal"), asyncio.Event()])
    )
    turn = asyncio.create_task(session.generate_async("Hi"))

    async with asyncio.timeout(10):
        while True:  # until the draft has reached the store
            found = await other_process.get_session_async(session.id)
            assert found is not None
            await found.refresh_async()
            if contents(found) == ["Hi", "Hal"]:
                break

    assert str(found.get_history()[-1].status) == "interrupted"
    assert contents(session) == ["Hi"]
    turn.cancel()
    await asyncio.wait([turn])
    assert contents(session) == ["Hi", "Hal"]


async def test_clearing_a_session_keeps_what_was_said_in_the_store(
    manager: SessionManager, other_process: SessionManager
) -> None:
    session = await manager.create_session_async()
    await session.add_message_async(MessageRole.USER, "Hi")
    await session.clear_history_async()
    await session.add_message_async(MessageRole.USER, "Start over")

    assert contents(await other_process.get_session_async(session.id)) == ["Start over"]
    info = await other_process.info_async(session.id)
    assert info is not None
    assert info.message_count == 2


async def test_keys_and_addresses_are_never_written_down(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session_async(
        provider="openai",
        provider_config={"api_key": "sk-secret", "base_url": "http://secret.example"},
    )
    await session.add_message_async(MessageRole.USER, "Hi")
    await session.save_async(tmp_path / "saved.json")

    written = everything_in(tmp_path)
    assert b"Hi" in written
    assert b"secret" not in written


def test_a_saved_session_is_loaded_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "my_conversation.json"
    session = Session(
        system_prompt="Be brief.",
        provider=ScriptedProvider(says("Hello!")),
        metadata={"user": 1},
    )
    session.generate("Hi")

    session.save(path)
    provider = ScriptedProvider(says("Still here."))
    loaded = Session.load(path, provider=provider)

    assert loaded.record == session.record
    assert loaded.get_history() == session.get_history()
    assert loaded.generate("And now?") == "Still here."
    assert [m.content for m in provider.requests[0].messages] == [
        "Hi",
        "Hello!",
        "And now?",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"format": "abstractllm-session", "version": 2}',
        '{"format": "abstractllm-session", "version": 1, "session": {}, "messages": 1}',
    ],
)
def test_a_file_that_holds_no_session_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)

    with pytest.raises(InvalidSessionFile, match=r"other\.json"):
        Session.load(path)


def test_saving_over_a_session_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    Session(metadata={"n": 1}).save(path)
    before = path.read_bytes()

    with pytest.raises(TypeError):
        Session(metadata={"n": object()}).save(path)

    assert path.read_bytes() == before
    assert json.loads(before)["session"]["metadata"] == {"n": 1}
    assert list(tmp_path.iterdir()) == [path]


async def test_a_session_that_nobody_uses_is_let_go_and_comes_back_from_the_store(
    manager: SessionManager,
) -> None:
    first = await manager.create_session_async(title="First")
    gone, first_id = weakref.ref(first), first.id
    del first

    for _ in range(open_sessions.KEPT):
        await manager.create_session_async()
    gc.collect()

    assert gone() is None
    found = await manager.get_session_async(first_id)
    assert found is not None
    assert found.record.title == "First"


async def test_long_sessions_that_nobody_uses_are_let_go_sooner(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_sessions, "MESSAGES_KEPT", 1)
    first = await manager.create_session_async(title="First")
    for text in ("one", "two"):
        await first.add_message_async("user", text)
    gone, first_id = weakref.ref(first), first.id
    del first

    await manager.create_session_async()
    gc.collect()

    assert gone() is None
    found = await manager.get_session_async(first_id)
    assert found is not None
    assert [message.content for message in found.get_history()] == ["one", "two"]


async def test_a_session_that_somebody_holds_is_never_there_twice(
    manager: SessionManager,
) -> None:
    held = await manager.create_session_async()

    for _ in range(2 * open_sessions.KEPT):
        await manager.create_session_async()

    assert await manager.get_session_async(held.id) is held


async def test_what_the_store_does_not_keep_of_a_session_is_not_let_go(
    manager: SessionManager,
) -> None:
    def now() -> str:
        return "now"

    config = {"api_key": "k", "seed": 1}
    keyed = (await manager.create_session_async(None, "openai", config)).id
    tooled = (await manager.create_session_async(tools=[now])).id

    for _ in range(2 * open_sessions.KEPT):
        await manager.create_session_async()
    gc.collect()

    with_key = await manager.get_session_async(keyed)
    with_tools = await manager.get_session_async(tooled)
    assert with_key is not None
    assert with_tools is not None
    assert with_key.provider_config == config
    assert len(with_tools.tools) == 1
