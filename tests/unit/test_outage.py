"""A chat goes on in memory while the disk takes nothing, and is saved once it does."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from abstractllm.errors import SessionExists, StoreClosed, StoreError, UnknownSession
from abstractllm.messages import Usage
from abstractllm.session import Session, SessionManager
from abstractllm.store import connection, copying, database, queries
from tests.scripted import ScriptedProvider, says

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")

NOT_SAVED = "Chats are in memory alone for now: "
UNTIL = " They are saved as soon as that works, and lost if the program ends before."
SAVED = "Sessions can be saved again, and what waited is saved."

Trouble = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(folder / "sessions.db", isolation_level=None)) as hog:
        hog.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Let every write end as SQLite ends it on a full disk."""

    def refuse(connection: sqlite3.Connection) -> int:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with pytest.MonkeyPatch.context() as patch:
        for module in (queries, copying):
            patch.setattr(module, "next_revision", refuse, raising=False)
        yield


@contextmanager
def file_in_the_way(folder: Path) -> Iterator[None]:
    folder.write_text("in the way")
    yield
    folder.unlink()


@contextmanager
def newer(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    with closing(sqlite3.connect(folder / "sessions.db")) as later:
        later.execute("PRAGMA user_version = 1000")
    yield
    (folder / "sessions.db").unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folder.chmod(0o500)
    yield
    folder.chmod(0o700)


AT_THE_START: dict[Trouble, str] = {
    full: "The disk is full",
    file_in_the_way: "The session store cannot be used: Not a directory.",
    newer: "sessions.db was written by a newer version",
}
IN_MID_SESSION: dict[Trouble, str] = {
    full: "The disk is full",
    locked: "Another process keeps the session store locked.",
}


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0)
    monkeypatch.setattr(connection, "IMPATIENT", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".abstractllm"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def manager(folder: Path, told: list[str]) -> AsyncIterator[SessionManager]:
    manager = SessionManager(folder, tell=told.append)
    yield manager
    await manager.close_async()


async def chat(manager: SessionManager) -> Session:
    """Return a session in which one prompt was answered."""
    provider = ScriptedProvider(says("Hello!"))
    session = await manager.create_session_async(provider=provider, title="Chat")
    await session.generate_async("Hi")
    return session


def said(session: Session) -> list[str]:
    return [message.content for message in session.get_history()]


async def assert_saved(folder: Path, *sessions: Session) -> None:
    """Fail unless another manager finds these sessions whole."""
    manager = SessionManager(folder)
    for session in sessions:
        stored = await manager.get_session_async(session.id)
        assert stored is not None
        assert stored.record == session.record
        assert stored.get_tree() == session.get_tree()
    await manager.close_async()


@posix
@pytest.mark.parametrize("trouble", AT_THE_START)
async def test_a_session_can_be_begun_while_nothing_can_be_saved(
    manager: SessionManager, folder: Path, told: list[str], trouble: Trouble
) -> None:
    with trouble(folder):
        session = await chat(manager)
        assert said(session) == ["Hi", "Hello!"]
        assert await manager.get_session_async(session.id) is session
        (reason,) = told
        assert reason.startswith(f"{NOT_SAVED}{AT_THE_START[trouble]}")
        assert reason.endswith(UNTIL)

    await session.generate_async("Still there?")

    assert told == [reason, SAVED]
    await assert_saved(folder, session)


@posix
@pytest.mark.parametrize("trouble", IN_MID_SESSION)
async def test_all_that_happens_in_a_session_while_nothing_can_be_saved_is_saved_later(
    manager: SessionManager, folder: Path, told: list[str], trouble: Trouble
) -> None:
    session = await chat(manager)
    with trouble(folder):
        await session.generate_async("More")
        await session.regenerate_async()
        await session.rename_async("Renamed")
        await session.pin_async()
        await session.switch_provider_async("openai:gpt")
        forked = await session.fork_async()
        imported = await manager.import_session_async(session.export())
        new = await manager.create_session_async(session_id="new")
        with pytest.raises(SessionExists):
            await manager.create_session_async(session_id="new")
        assert len(told) == 1

    await manager.save_waiting_async()

    assert told == [told[0], SAVED]
    assert told[0].startswith(f"{NOT_SAVED}{IN_MID_SESSION[trouble]}")
    await assert_saved(folder, session, forked, imported, new)


@posix
async def test_a_folder_that_cannot_be_written_can_be_later(
    folder_of_an_ordinary_user: Path, told: list[str]
) -> None:
    manager = SessionManager(folder_of_an_ordinary_user, tell=told.append)
    with read_only(folder_of_an_ordinary_user):
        session = await chat(manager)
    await manager.close_async()

    denied = "The session store cannot be used: Permission denied."
    assert told[0].startswith(f"{NOT_SAVED}{denied}")
    assert told[1:] == [SAVED]
    await assert_saved(folder_of_an_ordinary_user, session)


@posix
async def test_a_session_whose_folder_is_deleted_is_written_back_by_its_next_change(
    manager: SessionManager, folder: Path, told: list[str]
) -> None:
    session, other = await chat(manager), await chat(manager)
    shutil.rmtree(folder)

    await session.refresh_async()
    page = await manager.page_async()
    await manager.save_waiting_async()
    assert (page.sessions, folder.exists()) == ((), False)
    await session.generate_async("Still there?")

    assert said(session) == ["Hi", "Hello!", "Still there?", "Hello!"]
    assert told == []
    await assert_saved(folder, session)
    await other.rename_async("Me too")
    await assert_saved(folder, session, other)


async def test_a_session_that_was_deleted_elsewhere_is_not_written_back(
    manager: SessionManager, folder: Path
) -> None:
    session = await chat(manager)
    other = SessionManager(folder)
    await other.delete_session_async(session.id)
    await other.close_async()

    with pytest.raises(UnknownSession):
        await session.rename_async("Still here")

    assert (await manager.page_async()).sessions == ()


async def test_lists_show_what_is_not_saved_yet(
    manager: SessionManager, folder: Path
) -> None:
    old = await chat(manager)
    await manager.create_session_async(title="At rest")
    with full(folder):
        new = await chat(manager)
        await old.generate_async("More")
        waiting = {old.id: (4, 6, 4), new.id: (2, 3, 2)}

        page = await manager.page_async()
        infos = [await manager.info_async(name) for name in waiting]

    assert [info.title for info in page.sessions] == ["Chat", "Chat", "At rest"]
    assert [info.id for info in page.sessions[:2]] == [old.id, new.id]
    for info in (*page.sessions[:2], *infos):
        assert info is not None
        messages, tokens_in, tokens_out = waiting[info.id]
        used = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
        assert (info.message_count, info.usage, info.cost) == (messages, used, None)
    saved = [await manager.info_async(name) for name in waiting]
    assert saved == infos


@posix
async def test_what_is_not_saved_yet_is_listed_where_nothing_can_be_read(
    manager: SessionManager, folder: Path
) -> None:
    with file_in_the_way(folder):
        with pytest.raises(StoreError):
            await manager.page_async()
        session = await chat(manager)
        page = await manager.page_async()

    assert [info.id for info in page.sessions] == [session.id]


@posix
async def test_people_are_told_once_that_the_list_cannot_be_read(
    manager: SessionManager, folder: Path, told: list[str]
) -> None:
    with file_in_the_way(folder):
        for _ in range(2):
            assert (await manager.page_to_show_async()).sessions == ()
        session = await chat(manager)
        page = await manager.page_to_show_async()
        assert [info.id for info in page.sessions] == [session.id]
        assert len(told) == 1

    await manager.save_waiting_async()
    await manager.changed_elsewhere_async()

    assert told[1:] == [SAVED]


@posix
async def test_a_session_that_was_never_saved_can_be_deleted(
    manager: SessionManager, folder: Path, told: list[str]
) -> None:
    with file_in_the_way(folder):
        session = await chat(manager)
        assert await manager.delete_session_async(session.id)

    assert await manager.get_session_async(session.id) is None
    assert (await manager.page_async()).sessions == ()
    assert len(told) == 1


async def test_what_waits_is_kept_in_memory_though_nobody_holds_it(
    manager: SessionManager, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abstractllm.session.open_sessions.KEPT", 1)
    with full(folder):
        ids = [(await manager.create_session_async()).id for _ in range(5)]

    await manager.save_waiting_async()

    assert {info.id for info in (await manager.page_async()).sessions} == set(ids)


async def test_two_changes_at_once_are_both_saved_later(
    manager: SessionManager, folder: Path
) -> None:
    session = await chat(manager)
    with full(folder):
        await asyncio.gather(
            session.add_message_async("user", "Both"), session.rename_async("Both")
        )

    await session.add_message_async("user", "After")

    assert (session.record.title, said(session)[2:]) == ("Both", ["Both", "After"])
    await assert_saved(folder, session)


async def test_what_another_process_wrote_meanwhile_is_not_overwritten(
    manager: SessionManager, folder: Path
) -> None:
    session = await chat(manager)
    other = SessionManager(folder)
    theirs = await other.get_session_async(session.id)
    assert theirs is not None
    with full(folder):
        await session.add_message_async("user", "Ours")
    await theirs.rename_async("Theirs")
    await theirs.add_message_async("user", "Theirs")

    await session.refresh_async()

    assert session.record.title == "Theirs"
    assert {m.content for m in session.get_tree()} >= {"Ours", "Theirs"}
    await other.close_async()
    await assert_saved(folder, session)


async def test_texts_that_wait_are_there_to_take_edits_back_with(
    manager: SessionManager, folder: Path
) -> None:
    session = await chat(manager)
    draft = session.get_history()[-1]
    with full(folder):
        await session._journal.keep_draft(draft, {"a": "before", "b": "after"})
        assert await session._journal.texts(["a", "c"]) == {"a": "before"}

    await manager.save_waiting_async()

    assert await session._journal.texts(["a", "b"]) == {"a": "before", "b": "after"}


async def test_the_end_of_the_store_is_the_end_of_its_sessions(
    manager: SessionManager,
) -> None:
    session = await chat(manager)
    await manager.close_async()

    with pytest.raises(StoreClosed):
        await session.generate_async("More")
