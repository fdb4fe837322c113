"""What a newer version, another program or a fault left in the store is no obstacle."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abstractllm.encoding import message_to_json, to_json
from abstractllm.enums import MessageRole
from abstractllm.errors import AbstractLLMError
from abstractllm.events import Event, Notice, TurnEnded
from abstractllm.messages import Text, Unknown
from abstractllm.session import Session, SessionManager
from tests.scripted import ScriptedProvider, says

HOLOGRAM = '{"kind":"hologram", "depth":1.50e1,"é":"\\u00e9"}'

COLUMNS = {
    "store": ["revision"],
    "sessions": [
        *("id", "title", "provider", "model", "created_at", "updated_at"),
        *("message_count", "input_tokens", "output_tokens", "cached_tokens"),
        *("revision", "head_id", "system_prompt", "provider_config", "metadata"),
    ],
    "messages": [
        *("session_id", "id", "parent_id", "role", "status", "provider", "model"),
        *("created_at", "input_tokens", "output_tokens", "cached_tokens"),
        *("metadata", "parts", "text"),
    ],
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "text", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=9),
    st.text(max_size=9),
    json_values.map(json.dumps),
    st.lists(json_values, max_size=3).map(json.dumps),
    st.sampled_from(
        [
            *('[{"kind": "text"}]', '[{"kind": "text", "text": 1}]', f"[{HOLOGRAM}]"),
            *('[{"kind": []}]', "[" * 5000, '{"future": 1}', "9" * 5000, "user"),
            *("2026-11-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+23:59"),
            *('{"temperature": 0.5, "aura": 1}', '{"model": [], "seed": 1e999}'),
        ]
    ),
)
changes = st.sampled_from(
    [(table, column) for table in COLUMNS for column in COLUMNS[table]]
).flatmap(lambda place: st.tuples(st.just(place), values, st.booleans()))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with two sessions that hold two messages each."""
    folder = tmp_path_factory.mktemp("template")
    manager = SessionManager(folder)
    for name in ("odd", "sound"):
        session = manager.create_session(session_id=name, title=name)
        session.add_message(MessageRole.USER, "Hi")
        session.add_message(MessageRole.ASSISTANT, "Hello!")
    manager.close()
    return folder / "sessions.db"


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    shutil.copy(template, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("shared")


def execute(folder: Path, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "sessions.db")) as connection, connection:
        return connection.execute(statement, arguments).fetchall()


async def turn_in(session: Session) -> list[Event]:
    provider = ScriptedProvider(says("Fine."))
    return [event async for event in session.stream("And?", provider=provider)]


def change(folder: Path, place: tuple[str, str], value: object, text: bool) -> None:
    """Put a value into a column; what the table refuses stays as it was."""
    table, column = place
    new = "CAST(? AS TEXT)" if text and isinstance(value, bytes) else "?"
    where = "" if table == "store" else "WHERE rowid = 1"
    with suppress(sqlite3.IntegrityError):
        execute(folder, f"UPDATE {table} SET {column} = {new} {where}", value)


@settings(max_examples=150, deadline=None)
@given(odd=st.lists(changes, min_size=1, max_size=3))
@example(odd=[(("sessions", "updated_at"), b"\x80", True)])
def test_whatever_a_column_holds_all_else_is_listed_loaded_and_answered(
    shared_folder: Path,
    template: Path,
    odd: list[tuple[tuple[str, str], object, bool]],
) -> None:
    async def used() -> list[str]:
        manager = SessionManager(shared_folder)
        listed = await manager.page_async()
        first = await manager.page_async(limit=1)
        second = await manager.page_async(limit=9, cursor=first.next_cursor)
        for info in listed.sessions:
            json.dumps(to_json(info))
            session = await manager.get_session_async(info.id)
            if session is None:
                continue
            await session.refresh_async()
            json.dumps([message_to_json(each) for each in session.get_history()])
            ended = (await turn_in(session))[-1]
            assert isinstance(ended, TurnEnded)
            assert ended.error is None or isinstance(ended.error, AbstractLLMError)
            other = SessionManager(shared_folder)
            reread = await other.get_session_async(info.id)
            await other.close_async()
            assert reread is not None
            assert [m.content for m in reread.get_history()][-2:] == ["And?", "Fine."]
        await manager.close_async()
        assert len(first.sessions) + len(second.sessions) == 2
        return [info.id for info in listed.sessions]

    for path in shared_folder.iterdir():
        if path.is_file():
            path.unlink()
    shutil.copy(template, shared_folder)
    for place, value, text in odd:
        change(shared_folder, place, value, text)

    assert "sound" in asyncio.run(used())


NOTICE = (
    "This version cannot read all of this session, which a newer one or another "
    "program wrote: {}. It is kept as it is; the rest is shown."
)


@pytest.fixture
async def manager(folder: Path) -> AsyncIterator[SessionManager]:
    manager = SessionManager(folder)
    yield manager
    await manager.close_async()


async def opened(manager: SessionManager) -> Session:
    session = await manager.get_session_async("odd")
    assert session is not None
    return session


@pytest.mark.parametrize(
    ("assignment", "what"),
    [
        ("provider_config = '{\"aura\": 1}'", "the parameter 'aura'"),
        ("updated_at = 'yesterday'", "updated_at"),
        ("head_id = 'nowhere'", "which message is the last"),
        ("metadata = '[]'", "metadata"),
    ],
)
async def test_what_cannot_be_read_of_a_session_is_told_once(
    folder: Path, manager: SessionManager, assignment: str, what: str
) -> None:
    execute(folder, f"UPDATE sessions SET {assignment} WHERE id = 'odd'")
    session = await opened(manager)

    first, second = await turn_in(session), await turn_in(session)

    told = Notice(NOTICE.format(what))
    assert (first[1], second.count(told)) == (told, 0)
    assert [message.content for message in session.get_history()] == [
        *("Hi", "Hello!"),
        *("And?", "Fine."),
        *("And?", "Fine."),
    ]


async def test_a_part_of_a_newer_version_is_kept_byte_for_byte_and_not_sent(
    folder: Path, manager: SessionManager
) -> None:
    parts = f'[{{"kind":"text","text":"Look:", "size": 9}},{HOLOGRAM}]'
    execute(folder, "UPDATE messages SET parts = ? WHERE rowid = 1", parts)
    session = await opened(manager)

    events = await turn_in(session)
    await session.rename_async("Renamed")

    (message, *_) = session.get_history()
    assert message.parts == (
        Text("Look:"),
        Unknown({"kind": "hologram", "depth": 15.0, "é": "é"}),
    )
    assert message_to_json(message)["parts"][1] == json.loads(HOLOGRAM)
    assert events[1] == Notice(NOTICE.format("a part of a message"))
    sent = session.get_messages_for_provider("openai")
    assert sent[0] == {"role": "user", "content": "Look:"}
    kept = execute(folder, "SELECT parts FROM messages WHERE rowid = 1")
    assert kept == [(parts,)]


async def test_a_message_that_cannot_be_read_is_kept_and_what_follows_it_is_shown(
    folder: Path, manager: SessionManager
) -> None:
    odd = "role = 'oracle', status = 'dreamt', created_at = 'x', parts = 'no JSON'"
    execute(folder, f"UPDATE messages SET {odd} WHERE rowid = 1")
    before = execute(folder, "SELECT * FROM messages WHERE rowid = 1")
    session = await opened(manager)

    await turn_in(session)

    assert [message.content for message in session.get_history()] == [
        *("", "Hello!"),
        *("And?", "Fine."),
    ]
    assert execute(folder, "SELECT * FROM messages WHERE rowid = 1") == before


async def test_unknown_columns_of_a_session_are_not_written_over_by_a_turn(
    folder: Path, manager: SessionManager
) -> None:
    columns = "created_at, provider_config, metadata, system_prompt"
    odd = ("yesterday", '{"aura":  1}', "no JSON", b"\xff")
    names = columns.split(", ")
    for name, value in zip(names, odd, strict=True):
        execute(folder, f"UPDATE sessions SET {name} = ? WHERE id = 'odd'", value)

    await turn_in(await opened(manager))

    kept = execute(folder, f"SELECT {columns} FROM sessions WHERE id = 'odd'")
    assert kept == [odd]


async def test_a_stored_key_or_address_is_never_used(
    folder: Path, manager: SessionManager
) -> None:
    planted = '{"base_url": "http://evil.example", "api_key": "k", "seed": 1}'
    execute(folder, "UPDATE sessions SET provider_config = ?", planted)

    assert (await opened(manager)).provider_config == {"seed": 1}


def test_a_session_file_of_a_newer_version_is_written_back_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "session.json"
    session = Session(system_prompt="Be brief.")
    session.add_message(MessageRole.USER, "Hi")
    session.save(path)
    document = json.loads(path.read_text())
    document["aura"] = 1
    document["session"] |= {"aura": 2, "updatedAt": "yesterday"}
    document["messages"][0] |= {"aura": 3, "status": "dreamt"}
    document["messages"][0]["parts"].append(json.loads(HOLOGRAM))
    document["messages"] += ["no message", {"id": []}]
    path.write_text(json.dumps(document))

    loaded = Session.load(path, provider=ScriptedProvider(says("Fine.")))
    reply = loaded.generate_with_tools("And?")
    loaded.save(path)

    written = json.loads(path.read_text())
    prompt = loaded.get_history()[1]
    document["session"] |= {
        "headId": reply.id,
        "updatedAt": to_json(loaded.record)["updatedAt"],
        "title": "And?",
        "context": to_json(loaded.record)["context"],
    }
    document["messages"] += [message_to_json(prompt), message_to_json(reply)]
    assert written == document
