"""What the store's work costs, counted in steps of SQLite's machine."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from abstractllm.enums import MessageRole
from abstractllm.messages import Message, Text, Usage
from abstractllm.store import listing, queries
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore

RECORD = SessionRecord(id="s")


class Steps:
    """Counts the steps of every connection that is made from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        connect = sqlite3.connect

        def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **options)
            connection.set_progress_handler(self.step, 1)
            return connection

        monkeypatch.setattr(sqlite3, "connect", counted)

    def step(self) -> int:
        self.count += 1
        return 0

    def taken(self) -> int:
        """Return the steps since the last time."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(monkeypatch)


@pytest.fixture
async def store(steps: Steps, tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path)
    yield store
    await store.close()


def said(number: int) -> Message:
    return Message(
        role=MessageRole.USER,
        parts=(Text(f"message {number} of many"),),
        usage=Usage(input_tokens=1),
    )


async def cost_of_twenty(store: SQLiteStore, steps: Steps) -> dict[str, int]:
    """Return the steps of adding twenty messages, and of writing over one as often."""
    steps.taken()
    for number in range(20):
        await store.save(RECORD, said(number))
    adding = steps.taken()
    partial = said(0)
    for number in range(20):
        grown = attrs.evolve(partial, parts=(Text("word " * number),))
        await store.save(RECORD, grown)
    return {"adding": adding, "writing over": steps.taken()}


async def test_the_cost_of_a_message_does_not_grow_with_the_history(
    store: SQLiteStore, steps: Steps
) -> None:
    await store.create(RECORD)
    at_first = await cost_of_twenty(store, steps)

    await store.save(RECORD, *map(said, range(3000)))
    with_history = await cost_of_twenty(store, steps)

    growth = {name: with_history[name] / at_first[name] for name in at_first}
    assert max(growth.values()) < 1.5, growth


async def test_the_cost_of_a_page_does_not_grow_with_the_sessions(
    store: SQLiteStore, steps: Steps
) -> None:
    for number in range(30):
        await store.create(SessionRecord(id=f"s{number}"))
    steps.taken()
    await store.page(20)
    at_first = steps.taken()

    def add_many(connection: sqlite3.Connection) -> None:
        connection.set_authorizer(None)  # which lets no `WITH` through
        connection.execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT "
            "10000) INSERT INTO sessions SELECT 'x' || n, title, provider, model, "
            "created_at, updated_at, message_count, input_tokens, output_tokens, "
            "cached_tokens, revision, head_id, system_prompt, provider_config, "
            "metadata, mode, pinned, cost, unpriced, context, former_heads "
            "FROM n, sessions WHERE id = 's0'"
        )

    await store._connection.ask(add_many)
    steps.taken()
    first = await store.page(20)
    second = await store.page(20, first.next_cursor)

    assert second.next_cursor is not None
    assert steps.taken() / at_first < 2.5


@pytest.mark.parametrize(
    ("statement", "plan"),
    [
        pytest.param(
            listing.READ_PAGE,
            "SEARCH sessions USING INDEX sessions_in_order",
            id="page",
        ),
        pytest.param(
            queries.READ_MESSAGES,
            "SEARCH messages USING INDEX messages_in_order",
            id="messages",
        ),
    ],
)
async def test_reading_follows_an_index_and_sorts_nothing(
    store: SQLiteStore, statement: str, plan: str
) -> None:
    def explain(connection: sqlite3.Connection) -> list[str]:
        names = ("pinned", "updated_at", "id", "limit", "session_id")
        rows = connection.execute(
            f"EXPLAIN QUERY PLAN {statement}", dict.fromkeys(names)
        )
        return [detail for *_, detail in rows]

    step, *_ = await store._connection.ask(explain)

    assert step.startswith(plan)
