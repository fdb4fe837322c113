"""What a session remembers is what its store has taken."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path

import pytest

from abstractllm.events import TextDelta
from abstractllm.messages import Message
from abstractllm.session import Session, SessionManager, draft
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore
from tests.scripted import ScriptedProvider, says


class SlowStore(SQLiteStore):
    """A store that tells when it saves."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.saving = asyncio.Event()

    async def save(
        self,
        record: SessionRecord,
        *messages: Message,
        fields: Collection[str] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> int:
        self.saving.set()
        return await super().save(record, *messages, fields=fields, texts=texts)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SlowStore]:
    store = SlowStore(tmp_path)
    yield store
    await store.close()


@pytest.fixture
async def session(store: SlowStore) -> Session:
    manager = SessionManager(store=store)
    provider = ScriptedProvider(says("Hello!"))
    session = await manager.create_session_async(provider=provider, title="Before")
    await session.generate_async("Hi")
    return session


async def reopened(store: SQLiteStore, session_id: str) -> Session:
    session = await SessionManager(store=store).get_session_async(session_id)
    assert session is not None
    return session


def said(session: Session) -> list[str]:
    return [message.content for message in session.get_history()]


async def test_a_caller_cancelled_while_the_store_writes_is_remembered_like_stored(
    store: SlowStore, session: Session
) -> None:
    store.saving.clear()
    adding = asyncio.create_task(session.add_message_async("user", "cut"))
    await store.saving.wait()

    adding.cancel()
    await asyncio.wait([adding])

    assert adding.cancelled()
    assert said(session) == ["Hi", "Hello!", "cut"]
    assert said(await reopened(store, session.id)) == ["Hi", "Hello!", "cut"]


async def test_a_title_given_while_a_message_is_kept_is_kept_too(
    store: SlowStore, session: Session
) -> None:
    await asyncio.gather(
        session.add_message_async("user", "More"), session.rename_async("After")
    )

    stored = await reopened(store, session.id)
    assert session.record.title == stored.record.title == "After"
    assert said(session) == said(stored) == ["Hi", "Hello!", "More"]


async def test_a_title_that_another_process_gave_outlives_a_turn_here(
    store: SlowStore, session: Session
) -> None:
    other = await reopened(store, session.id)
    await other.rename_async("Theirs")

    await session.add_message_async("user", "More")

    assert (await reopened(store, session.id)).record.title == "Theirs"


async def test_what_is_read_anew_in_mid_turn_is_not_the_turns_own_draft(
    store: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "AUTOSAVE_SECONDS", 0)
    gate = asyncio.Event()
    provider = ScriptedProvider([TextDelta("Hel"), gate, *says("lo!")])
    manager = SessionManager(store=store)
    session = await manager.create_session_async(provider=provider)
    turn = asyncio.create_task(session.generate_async("Hi"))
    while said(await reopened(store, session.id)) != ["Hi", "Hel"]:
        pass  # until it saves itself

    await session.refresh_async()
    await session.set_mode_async("ask")
    gate.set()
    await turn

    prompt, reply = session.get_history()
    assert (reply.content, reply.parent_id) == ("Hello!", prompt.id)
    again = await reopened(store, session.id)
    assert again.get_history() == session.get_history()
    assert again.mode == "ask"
