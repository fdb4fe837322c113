"""Brings over what can be read of a damaged database, row by row.

Our tables are known by what their rows look like, so that neither the schema nor the
trees' inner pages are needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from abstractllm.store.database import transaction
from abstractllm.store.pages import Record, Value, page_sizes, records
from abstractllm.store.queries import execute, next_revision
from abstractllm.store.rows import PADDING

LOST_TITLE = "Recovered chat"
"""Of a session of which there are messages alone."""

_COUNTED_BY_TRIGGERS = {
    *("message_count", "input_tokens", "output_tokens", "cached_tokens"),
    *("cost", "unpriced"),
}

_BEFORE_PADDING = 15
"""Columns of a message until version 2 of the schema."""

ADD_LOST = f"""
INSERT OR IGNORE INTO sessions (
    id, title, created_at, updated_at, revision, provider_config, metadata
) VALUES (:id, '{LOST_TITLE}', :created_at, :created_at, 0, '{{}}', '{{}}')
"""

SHOW_LOST = """
UPDATE sessions SET
    head_id = (
        SELECT id FROM messages WHERE session_id = sessions.id
        ORDER BY sequence DESC LIMIT 1
    ),
    updated_at = ifnull(
        (SELECT max(created_at) FROM messages WHERE session_id = sessions.id), ''
    )
WHERE id = :id
"""

LONE = """
copied AND NOT EXISTS (
    SELECT 1 FROM messages AS first
    WHERE first.sequence = messages.copied AND first.id = messages.id
)
"""
"""Is true of a copy whose first one is lost, and with it what that said."""

LET_COPIES_STAND_ALONE = f"UPDATE messages SET copied = 0 WHERE {LONE}"

COUNT_AGAIN = """
UPDATE sessions SET message_count = (
    SELECT count(*) FROM messages WHERE session_id = sessions.id
)
"""


class Salvaged(NamedTuple):
    """How much was brought over."""

    sessions: int
    messages: int


def bring_over(damaged: Path, connection: sqlite3.Connection) -> Salvaged:
    """Add what a damaged database holds and an open one lacks, in one transaction."""
    with transaction(connection):
        reads = [partial(records, damaged, size) for size in page_sizes(damaged)]
        counts = [_bring_over(read, connection) for read in reads]
        execute(connection, LET_COPIES_STAND_ALONE)
        execute(connection, COUNT_AGAIN)
        execute(connection, "DELETE FROM store")
        next_revision(connection)
    return Salvaged(*map(sum, zip(*counts, strict=True)))


def _bring_over(
    read: Callable[[], Iterator[Record]], connection: sqlite3.Connection
) -> Salvaged:
    sessions = _Table(connection, "sessions")
    messages = _Table(connection, "messages")
    texts = _Table(connection, "texts")
    found = sum(sessions.add(record.values) for record in read() if _is_session(record))
    lost = _Lost(connection)
    said = 0
    displaced: list[tuple[Value, ...]] = []
    """Messages whose number is another's, too: they go to the end."""
    for record in read():
        if _is_message(record):
            _, session_id, *_ = record.values
            lost.needs(session_id, record.values[8])
            row = _message(record)
            if messages.add(row):
                said += 1
            else:
                displaced.append((None, *row[1:]))
        elif _is_text(record):
            lost.needs(record.values[0])
            texts.add(record.values)
    said += sum(map(messages.add, displaced))
    return Salvaged(found + lost.show(), said)


def _is_session(record: Record) -> bool:
    values = record.values
    is_row = record.rowid is not None and len(values) >= 15
    return is_row and isinstance(values[0], str | bytes)


def _is_message(record: Record) -> bool:
    # A message's number is that of its row: what the column holds is never read.
    values = record.values
    is_row = record.rowid is not None and len(values) >= 15
    return (
        is_row
        and not isinstance(values[0], str | bytes)
        and all(isinstance(value, str | bytes) for value in values[1:3])
    )


def _is_text(record: Record) -> bool:
    kinds = [type(value) for value in record.values]
    return record.rowid is None and kinds[1:] == [str, bytes] and kinds[0] is not int


def _message(record: Record) -> tuple[Value, ...]:
    """Return the row of a message as the newest schema has it."""
    _, *values = record.values
    text = values[13]
    if len(record.values) == _BEFORE_PADDING and isinstance(text, str):
        values[13] = text + PADDING
    return (record.rowid, *values)


def give_sessions(connection: sqlite3.Connection) -> None:
    """Have a session for every message without one, within a transaction."""
    lost = _Lost(connection)
    rows = execute(connection, "SELECT session_id, created_at FROM messages").fetchall()
    for row in rows:
        lost.needs(row["session_id"], row["created_at"])
    lost.show()


class _Table:
    """A table of ours that rows are added to."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
        self._columns = [column[1] for column in columns]
        needed = [column for column in columns if column[3] and column[4] is None]
        self._instead_of_null = {
            name: 0 if kind == "INTEGER" else "" for _, name, kind, *_ in needed
        }

    def add(self, values: tuple[Value, ...]) -> int:
        """Add a row that is not there yet; return how many were added."""
        row = dict(zip(self._columns, values, strict=False))
        if self._name == "sessions":
            row = {k: v for k, v in row.items() if k not in _COUNTED_BY_TRIGGERS}
        for column, value in self._instead_of_null.items():
            row[column] = value if row.get(column) is None else row[column]
        row = {column: value for column, value in row.items() if value is not None}
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        statement = f"INSERT OR IGNORE INTO {self._name} ({names}) VALUES ({places})"
        return execute(self._connection, statement, **row).rowcount


class _Lost:
    """The sessions whose own rows cannot be read; their messages can."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: set[Value] = set()
        self._lost: list[Value] = []

    def needs(self, session_id: Value, time: Value = None) -> None:
        """Have a session for a row of one, which is of this time."""
        if session_id in self._known:
            return
        created_at = time if isinstance(time, str) else ""
        values = {"id": session_id, "created_at": created_at}
        if execute(self._connection, ADD_LOST, **values).rowcount:
            self._lost.append(session_id)
        self._known.add(session_id)

    def show(self) -> int:
        """Show of each its last message, and return how many there are."""
        for session_id in self._lost:
            execute(self._connection, SHOW_LOST, id=session_id)
        return len(self._lost)
