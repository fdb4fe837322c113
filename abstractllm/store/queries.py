"""What the store does with an open database, each function one transaction."""

import sqlite3
import zlib
from collections.abc import Collection, Mapping
from typing import Any

from abstractllm.errors import (
    SessionExists,
    UnknownSession,
)
from abstractllm.messages import Message
from abstractllm.store.contract import (
    SessionRecord,
    StoredSession,
)
from abstractllm.store.database import Damaged, transaction
from abstractllm.store.reading import Reading
from abstractllm.store.rows import (
    Row,
    from_columns,
    row_of_message,
    row_of_session,
    session_of_rows,
    to_columns,
)

INSERT_SESSION = """
INSERT INTO sessions (
    id, title, provider, model, created_at, updated_at,
    revision, head_id, system_prompt, provider_config, metadata, mode,
    former_heads, pinned, context
) VALUES (
    :id, :title, :provider, :model, :created_at, :updated_at,
    :revision, :head_id, :system_prompt, :provider_config, :metadata, :mode,
    :former_heads, :pinned, :context
)
ON CONFLICT DO NOTHING
"""

UPDATE_SESSION = "UPDATE sessions SET {columns} WHERE id = :id"

WRITE_MESSAGE = """
INSERT INTO messages (
    session_id, id, parent_id, role, status, provider, model, created_at,
    input_tokens, output_tokens, cached_tokens, cost, metadata, parts, text
) VALUES (
    :session_id, :id, :parent_id, :role, :status, :provider, :model, :created_at,
    :input_tokens, :output_tokens, :cached_tokens, :cost, :metadata, :parts, :text
)
ON CONFLICT (session_id, id) DO UPDATE SET
    parent_id = excluded.parent_id, role = excluded.role, status = excluded.status,
    provider = excluded.provider, model = excluded.model,
    created_at = excluded.created_at, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, cached_tokens = excluded.cached_tokens,
    cost = excluded.cost,
    metadata = excluded.metadata, parts = excluded.parts, text = excluded.text
"""

# A copy says what the first one says, whose number may have been given anew.
READ_MESSAGES = """
SELECT messages.id, messages.parent_id, messages.role, messages.status,
    messages.provider, messages.model, messages.created_at, messages.input_tokens,
    messages.output_tokens, messages.cached_tokens, messages.cost, messages.metadata,
    iif(messages.copied AND messages.parts = '', first.parts, messages.parts) AS parts
FROM messages LEFT JOIN messages AS first
    ON first.sequence = messages.copied AND first.id = messages.id
WHERE messages.session_id = :session_id ORDER BY messages.sequence
"""

COUNT_IN_TABLE = """
SELECT count(*) AS messages FROM messages NOT INDEXED WHERE +session_id = :id
"""

KEEP_TEXT = "INSERT OR IGNORE INTO texts VALUES (:session_id, :hash, :data)"

READ_TEXT = "SELECT data FROM texts WHERE session_id = :session_id AND hash = :hash"

LONGEST_TEXT = 32 << 20
"""Bytes of a kept text; a longer one is another hand's."""

_IS_REVISION = f"typeof(revision) = 'integer' AND revision BETWEEN 0 AND {1 << 62}"

READ_REVISION = f"SELECT revision FROM store WHERE {_IS_REVISION}"

READ_LAST_REVISION = (
    f"SELECT ifnull(max(revision), 0) AS revision FROM sessions WHERE {_IS_REVISION}"
)


def execute(
    connection: sqlite3.Connection, statement: str, **values: Any
) -> sqlite3.Cursor:
    """Execute a statement with values of ours; its rows are `Row`s."""
    cursor = connection.cursor()
    cursor.row_factory = from_columns
    return cursor.execute(statement, to_columns(values))


def next_revision(connection: sqlite3.Connection) -> int:
    """Return a greater revision than any before; where that is lost, than any here."""
    row = execute(connection, READ_REVISION).fetchone()
    if row is None:
        row = execute(connection, READ_LAST_REVISION).fetchone()
        execute(connection, "DELETE FROM store")
        execute(connection, "INSERT INTO store VALUES (0)")
    revision = int(row["revision"]) + 1
    execute(connection, "UPDATE store SET revision = :revision", revision=revision)
    return revision


def create(
    connection: sqlite3.Connection,
    record: SessionRecord,
    messages: tuple[Message, ...],
) -> int:
    """Add a session; see `SessionStore.create`."""
    with transaction(connection):
        revision = insert(connection, record)
        for message in messages:
            execute(connection, WRITE_MESSAGE, **row_of_message(record.id, message))
    return revision


def insert(connection: sqlite3.Connection, record: SessionRecord) -> int:
    """Add the row of a session, and return its revision; raises `SessionExists`."""
    revision = next_revision(connection)
    row = {**row_of_session(record), "id": record.id, "revision": revision}
    if not execute(connection, INSERT_SESSION, **row).rowcount:
        raise SessionExists(f"There is already a session {record.id!r}.")
    return revision


def save(
    connection: sqlite3.Connection,
    record: SessionRecord,
    messages: tuple[Message, ...],
    fields: Collection[str] | None,
    texts: Mapping[str, str] | None,
) -> int:
    """Write a session and some of its messages; see `SessionStore.save`."""
    session = row_of_session(record, fields)
    rows = [row_of_message(record.id, message) for message in messages]
    with transaction(connection):
        revision = next_revision(connection)
        if not _update(connection, record.id, {**session, "revision": revision}):
            raise UnknownSession(f"There is no session {record.id!r}.")
        for row in rows:
            execute(connection, WRITE_MESSAGE, **row)
        for name, text in (texts or {}).items():
            data = zlib.compress(text.encode("utf-8", "surrogatepass"))
            values = {"session_id": record.id, "hash": name, "data": data}
            execute(connection, KEEP_TEXT, **values)
    return revision


def texts(
    connection: sqlite3.Connection, session_id: str, hashes: Collection[str]
) -> dict[str, str]:
    """Return kept texts by their hashes; see `SessionStore.texts`."""
    found = {}
    for name in hashes:
        values = to_columns({"session_id": session_id, "hash": name})
        row = connection.execute(READ_TEXT, values).fetchone()
        if row is not None:
            found[name] = _inflated(row[0])
    return {name: text for name, text in found.items() if text is not None}


def _inflated(data: Any) -> str | None:
    """Return a kept text; `None` for what is none, or too long to be ours."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, LONGEST_TEXT)
        whole = not inflater.unconsumed_tail
        return text.decode("utf-8", "surrogatepass") if whole else None
    except (zlib.error, TypeError, UnicodeDecodeError):
        return None


def _update(connection: sqlite3.Connection, session_id: str, row: Row) -> int:
    columns = ", ".join(f"{column} = :{column}" for column in row)
    statement = UPDATE_SESSION.format(columns=columns)
    return execute(connection, statement, **row, id=session_id).rowcount


def read(connection: sqlite3.Connection, session_id: str) -> StoredSession | None:
    """Return a session with its messages; see `SessionStore.read`."""
    with transaction(connection, "DEFERRED"):
        statement = "SELECT * FROM sessions WHERE id = :id"
        row = execute(connection, statement, id=session_id).fetchone()
        if row is None:
            _check_missing(connection, session_id)
            return None
        rows = execute(connection, READ_MESSAGES, session_id=session_id).fetchall()
        if len(rows) != row["message_count"]:
            _check_number(connection, session_id, len(rows))
    return session_of_rows(row, rows)


def _check_missing(connection: sqlite3.Connection, session_id: str) -> None:
    """Raise `Damaged` if a session is missing in the index alone."""
    statement = "SELECT 1 FROM sessions NOT INDEXED WHERE +id = :id"
    if execute(connection, statement, id=session_id).fetchone():
        raise Damaged("an index lacks a session")


def _check_number(connection: sqlite3.Connection, session_id: str, number: int) -> None:
    """Raise `Damaged` if the index has another number of messages than the table."""
    row = execute(connection, COUNT_IN_TABLE, id=session_id).fetchone()
    if row["messages"] != number:
        raise Damaged("an index lacks messages")


def revision(connection: sqlite3.Connection, session_id: str) -> int | None:
    """Return a session's revision; see `SessionStore.revision`."""
    statement = "SELECT revision FROM sessions WHERE id = :id"
    row = execute(connection, statement, id=session_id).fetchone()
    return None if row is None else Reading().count("revision", row["revision"])
