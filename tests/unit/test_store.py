"""What a store keeps, counts and lists."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstractllm.enums import MessageRole, SessionMode
from abstractllm.errors import (
    InvalidParameter,
    SessionExists,
    StoreError,
    UnknownSession,
)
from abstractllm.messages import (
    Image,
    LineRange,
    Message,
    MessageStatus,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)
from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    SessionStore,
    StoredSession,
)
from abstractllm.store.sqlite import SQLiteStore

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

anything = st.text(st.characters(categories=None, exclude_categories=()), max_size=20)
maybe = st.none() | anything
whole = st.integers(0, 2**53)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | anything,
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(anything, values, max_size=3)
    ),
    max_leaves=6,
)
json_objects = st.dictionaries(anything, json_values, max_size=3)
times = st.datetimes(timezones=st.just(UTC))
parts = st.one_of(
    st.builds(Text, anything),
    st.builds(Thinking, text=anything, signature=maybe, data=st.none() | json_objects),
    st.builds(Image, data=anything, media_type=anything),
    st.builds(
        Resource,
        uri=anything,
        text=anything,
        range=st.none() | st.builds(LineRange, start=whole, end=whole),
        version=st.none() | whole,
    ),
    st.builds(
        ToolCall,
        name=anything,
        arguments=json_objects,
        id=anything,
        native_id=maybe,
        raw=maybe,
    ),
    st.builds(ToolResult, call_id=anything, content=anything, is_error=st.booleans()),
)
messages = st.builds(
    Message,
    id=anything,
    parent_id=maybe,
    role=st.sampled_from(MessageRole),
    parts=st.lists(parts, max_size=4).map(tuple),
    provider=maybe,
    model=maybe,
    usage=st.none()
    | st.builds(Usage, input_tokens=whole, output_tokens=whole, cached_tokens=whole),
    created_at=times,
    status=st.sampled_from(MessageStatus),
    metadata=json_objects,
)
records = st.builds(
    SessionRecord,
    id=anything,
    title=maybe,
    system_prompt=maybe,
    provider=maybe,
    model=maybe,
    provider_config=json_objects,
    metadata=json_objects,
    head_id=maybe,
    created_at=times,
    updated_at=times,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SessionStore]:
    store = SQLiteStore(tmp_path)
    yield store
    await store.close()


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def said(text: str, **fields: Any) -> Message:
    return Message(role=MessageRole.USER, parts=(Text(text),), **fields)


def ask(folder: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "sessions.db")
    try:
        with connection:
            return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def found(folder: Path, words: str) -> list[str]:
    """Return the ids of the messages that the text index finds for `words`."""
    rows = ask(
        folder,
        "SELECT id FROM messages WHERE sequence IN "
        "(SELECT rowid FROM message_text WHERE message_text MATCH ?)",
        words,
    )
    return [message_id for (message_id,) in rows]


def check_index(folder: Path) -> None:
    """Raise `sqlite3.DatabaseError` if the text index and the messages disagree."""
    ask(folder, "INSERT INTO message_text (message_text) VALUES ('integrity-check')")


@settings(max_examples=60, deadline=None)
@given(record=records, history=st.lists(messages, max_size=3, unique_by=lambda m: m.id))
def test_whatever_is_saved_is_read_again(
    shared_folder: Path, record: SessionRecord, history: list[Message]
) -> None:
    async def saved_and_read() -> tuple[StoredSession | None, list[str], bool]:
        store = SQLiteStore(shared_folder)
        await store.create(SessionRecord(id=record.id))
        await store.save(record, *history)
        stored = await store.read(record.id)
        listed = [info.id for info in (await store.page()).sessions]
        deleted = await store.delete(record.id)
        await store.close()
        return stored, listed, deleted

    stored, listed, deleted = asyncio.run(saved_and_read())

    assert stored is not None
    assert (stored.record, stored.messages) == (record, tuple(history))
    assert listed == [record.id]
    assert deleted
    check_index(shared_folder)


async def test_a_new_session_is_there_and_empty(store: SessionStore) -> None:
    record = SessionRecord(id="s", title="New")

    revision = await store.create(record)

    stored = StoredSession(record=record, messages=(), revision=revision)
    assert await store.read("s") == stored


async def test_an_unknown_session_reads_as_nothing(store: SessionStore) -> None:
    assert await store.read("\ud800") is None
    assert await store.info("s") is None
    assert await store.revision("s") is None
    assert await store.delete("s") is False


async def test_a_session_is_not_created_twice(store: SessionStore) -> None:
    first = SessionRecord(id="s", title="first")
    revision = await store.create(first)

    with pytest.raises(SessionExists):
        await store.create(SessionRecord(id="s", title="second"))

    stored = StoredSession(record=first, messages=(), revision=revision)
    assert await store.read("s") == stored


async def test_messages_are_read_in_the_order_they_were_first_saved(
    store: SessionStore,
) -> None:
    record = SessionRecord(id="s")
    first, second, third = (said(text, created_at=NOON) for text in "cab")
    await store.create(record)
    await store.save(record, first, second)
    await store.save(record, third)
    edited = attrs.evolve(first, parts=(Text("edited"),))

    await store.save(record, edited)

    stored = await store.read("s")
    assert stored is not None
    assert stored.messages == (edited, second, third)


async def test_two_sessions_may_hold_the_same_message_id(store: SessionStore) -> None:
    for session in "ab":
        await store.create(SessionRecord(id=session))
        await store.save(SessionRecord(id=session), said(f"in {session}", id="m"))

    texts = []
    for session in "ab":
        stored = await store.read(session)
        assert stored is not None
        texts.append([message.content for message in stored.messages])
    assert texts == [["in a"], ["in b"]]


async def test_saving_to_a_deleted_session_is_refused_and_leaves_nothing(
    store: SessionStore, tmp_path: Path
) -> None:
    record = SessionRecord(id="s")
    await store.create(record)
    await store.delete("s")

    with pytest.raises(UnknownSession):
        await store.save(record, said("too late"))

    assert ask(tmp_path, "SELECT * FROM messages") == []


async def test_a_save_that_fails_halfway_changes_nothing(
    store: SessionStore, tmp_path: Path
) -> None:
    record = SessionRecord(id="s", title="before")
    await store.create(record)
    await store.save(record, said("kept"))
    before = await store.read("s")
    ask(
        tmp_path,
        "CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN new.text = 'bad' "
        "BEGIN SELECT raise(ABORT, 'refused'); END",
    )

    with pytest.raises(StoreError):
        await store.save(attrs.evolve(record, title="after"), said("good"), said("bad"))

    assert await store.read("s") == before


async def test_every_write_gives_a_greater_revision_that_another_store_sees(
    store: SessionStore, tmp_path: Path
) -> None:
    record = SessionRecord(id="s")
    other = SQLiteStore(tmp_path)

    revisions = [
        await store.create(record),
        await other.save(record, said("one")),
        await store.save(record),
        await other.save(record),
    ]
    seen = await store.revision("s")
    await store.delete("s")
    revisions.append(await other.create(record))
    await other.close()

    assert revisions == sorted(set(revisions))
    assert seen == revisions[3]


async def test_info_counts_the_messages_and_adds_up_their_usage(
    store: SessionStore,
) -> None:
    record = SessionRecord(
        id="s",
        title="Sums",
        provider="openai",
        model="gpt",
        created_at=NOON,
        updated_at=NOON + timedelta(hours=1),
    )
    await store.create(record)

    await store.save(
        record,
        said("question"),
        said("one", usage=Usage(input_tokens=3, output_tokens=5)),
        said("two", usage=Usage(input_tokens=10, output_tokens=20, cached_tokens=30)),
    )

    expected = SessionInfo(
        id="s",
        title="Sums",
        provider="openai",
        model="gpt",
        created_at=NOON,
        updated_at=NOON + timedelta(hours=1),
        message_count=3,
        usage=Usage(input_tokens=13, output_tokens=25, cached_tokens=30),
        cost=None,
        context=None,
        mode=SessionMode.EDIT,
        pinned=False,
    )
    assert await store.info("s") == expected
    assert await store.page() == SessionPage(sessions=(expected,))


async def test_a_message_written_over_is_counted_once_with_its_last_usage(
    store: SessionStore,
) -> None:
    record = SessionRecord(id="s")
    prompt = said("question", usage=Usage(input_tokens=1))
    reply = said("", status=MessageStatus.INTERRUPTED)
    last = Usage(input_tokens=7, output_tokens=4, cached_tokens=2)
    await store.create(record)

    for usage in (None, Usage(input_tokens=7, output_tokens=9), None, last):
        await store.save(record, prompt, attrs.evolve(reply, usage=usage))

    info = await store.info("s")
    assert info is not None
    assert (info.message_count, info.usage) == (2, last + Usage(input_tokens=1))


async def test_the_text_index_follows_the_messages(
    store: SessionStore, tmp_path: Path
) -> None:
    record = SessionRecord(id="s")
    result = ToolResult(call_id="c", content="needle \0 thread")
    await store.create(record)
    await store.save(
        record,
        said("half a \ud800 sent", id="reply"),
        said("half \ud800 a word", id="odd"),
        Message(role=MessageRole.TOOL, parts=(result,), id="result"),
    )

    await store.save(record, said("half a sentence", id="reply"))

    assert found(tmp_path, "sentence") == ["reply"]
    assert found(tmp_path, '"? sent"') == []
    assert found(tmp_path, "thread") == ["result"]
    assert found(tmp_path, "half") == ["reply", "odd"]
    assert found(tmp_path, '"half ? a word"') == ["odd"]
    check_index(tmp_path)


async def test_deleting_removes_the_messages_and_their_text(
    store: SessionStore, tmp_path: Path
) -> None:
    for session in "ab":
        await store.create(SessionRecord(id=session))
        await store.save(SessionRecord(id=session), said("common words", id=session))

    deleted = await store.delete("a")

    assert deleted
    assert await store.read("a") is None
    assert ask(tmp_path, "SELECT id FROM messages") == [("b",)]
    assert found(tmp_path, "common") == ["b"]
    check_index(tmp_path)


async def pages(store: SessionStore, limit: int) -> list[list[str]]:
    """Return the ids on each page, front to back."""
    ids = []
    cursor = None
    while True:
        page = await store.page(limit, cursor)
        ids.append([info.id for info in page.sessions])
        cursor = page.next_cursor
        if cursor is None:
            return ids


async def test_pages_hold_every_session_once_the_latest_first(
    store: SessionStore,
) -> None:
    # One moment by two clocks, and a session whose id is no proper text.
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-9)))
    earlier = NOON - timedelta(microseconds=1)
    later = NOON + timedelta(seconds=1)
    for name, time in [
        ("b", NOON),
        ("\ud800", elsewhere),
        ("a", NOON),
        ("new", later),
        ("old", earlier),
    ]:
        await store.create(SessionRecord(id=name, updated_at=time))

    latest_first = ["new", "\ud800", "b", "a", "old"]
    assert await pages(store, 2) == [latest_first[:2], latest_first[2:4], ["old"]]
    assert await pages(store, 5) == [latest_first]
    everything = await store.page()
    assert [info.id for info in everything.sessions] == latest_first
    assert everything.next_cursor is None


async def test_an_empty_store_has_one_empty_page(store: SessionStore) -> None:
    assert await store.page(10) == SessionPage(sessions=())


async def test_sessions_that_do_not_change_are_paged_once_while_others_do(
    store: SessionStore,
) -> None:
    for number in range(9):
        time = NOON + timedelta(minutes=number)
        await store.create(SessionRecord(id=f"s{number}", updated_at=time))
    first = await store.page(3)

    await store.delete("s6")  # the one the cursor points at
    later = NOON + timedelta(days=1)
    await store.save(SessionRecord(id="s7", updated_at=later))
    await store.create(SessionRecord(id="s9", updated_at=later))
    rest = await store.page(6, first.next_cursor)

    assert [info.id for info in first.sessions] == ["s8", "s7", "s6"]
    assert [info.id for info in rest.sessions] == ["s5", "s4", "s3", "s2", "s1", "s0"]
    assert rest.next_cursor is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "MQ",
        "bm90IGEgdGltZQ==",
        "!MjAyNi0xMS0wMVQxMjowMDowMC4wMDAwMDArMDA6MDAgcw==",
        "a" * 5001,
    ],
)
async def test_a_cursor_that_no_page_gave_is_refused(
    store: SessionStore, cursor: str
) -> None:
    with pytest.raises(InvalidParameter):
        await store.page(10, cursor)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_page_of_nothing_is_refused(store: SessionStore, limit: int) -> None:
    with pytest.raises(InvalidParameter):
        await store.page(limit)


def test_one_store_serves_several_event_loops(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    record = SessionRecord(id="s")

    revision = asyncio.run(store.create(record))
    read = asyncio.run(store.read("s"))
    asyncio.run(store.close())

    assert read == StoredSession(record=record, messages=(), revision=revision)
