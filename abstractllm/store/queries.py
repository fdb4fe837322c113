"""What the store does with an open database, each function one transaction."""

import base64
import json
import re
import sqlite3
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

import attrs

from abstractllm.errors import (
    InvalidParameter,
    SessionExists,
    UnknownSession,
)
from abstractllm.messages import Message
from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    SessionUsage,
    StoredSession,
)
from abstractllm.store.database import transaction
from abstractllm.store.reading import Reading
from abstractllm.store.rows import (
    Row,
    from_columns,
    info_of_row,
    row_of_message,
    row_of_session,
    session_of_rows,
    time_text,
    to_columns,
    usage_of_row,
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

KEEP_TEXT = "INSERT OR IGNORE INTO texts VALUES (:session_id, :hash, :data)"

READ_TEXT = "SELECT data FROM texts WHERE session_id = :session_id AND hash = :hash"

LONGEST_TEXT = 32 << 20
"""Bytes of a kept text; a longer one is another hand's."""

_IS_REVISION = f"typeof(revision) = 'integer' AND revision BETWEEN 0 AND {1 << 62}"

READ_REVISION = f"SELECT revision FROM store WHERE {_IS_REVISION}"

READ_LAST_REVISION = (
    f"SELECT ifnull(max(revision), 0) AS revision FROM sessions WHERE {_IS_REVISION}"
)

_INFO = """
SELECT id, title, provider, model, created_at, updated_at, mode,
    message_count, input_tokens, output_tokens, cached_tokens,
    pinned, cost, unpriced, context,
    (SELECT owner FROM leases WHERE session_id = sessions.id) AS owner,
    typeof(pinned) || hex(pinned) AS raw_pinned,
    typeof(updated_at) || hex(updated_at) AS raw_updated_at,
    typeof(id) || hex(id) AS raw_id
FROM sessions
"""

READ_USAGE = """
SELECT sessions.id, sessions.title,
    sum(messages.input_tokens) AS input_tokens,
    sum(messages.output_tokens) AS output_tokens,
    sum(messages.cached_tokens) AS cached_tokens,
    total(messages.cost) AS cost, count(*) - count(messages.cost) AS unpriced
FROM messages JOIN sessions ON sessions.id = messages.session_id
WHERE NOT copied AND messages.input_tokens IS NOT NULL
    AND messages.created_at >= :since
GROUP BY sessions.id ORDER BY max(messages.created_at) DESC, sessions.id
"""

READ_INFO = f"{_INFO} WHERE id = :id"

_ORDER = ("pinned", "updated_at", "id")

READ_PAGE = f"""{_INFO}
WHERE (pinned, updated_at, id) < (:pinned, :updated_at, :id)
ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT :limit
"""

_FIRST_PAGE = {"pinned": b"\xff" * 99, "updated_at": b"", "id": b""}
"""After all: bytes are greater than text and numbers."""


_RAW = re.compile("(text|blob|integer|real)([0-9A-F]*)")
"""A column's type and bytes, as a cursor holds them."""


class Owners(Protocol):
    """Knows who holds leases."""

    def is_elsewhere(self, owner: object) -> bool:
        """Return whether this is another process, and lives."""


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
            return None
        rows = execute(connection, READ_MESSAGES, session_id=session_id).fetchall()
    return session_of_rows(row, rows)


def revision(connection: sqlite3.Connection, session_id: str) -> int | None:
    """Return a session's revision; see `SessionStore.revision`."""
    statement = "SELECT revision FROM sessions WHERE id = :id"
    row = execute(connection, statement, id=session_id).fetchone()
    return None if row is None else Reading().count("revision", row["revision"])


def info(
    connection: sqlite3.Connection, session_id: str, leases: Owners
) -> SessionInfo | None:
    """Return what the list shows of a session; see `SessionStore.info`."""
    row = execute(connection, READ_INFO, id=session_id).fetchone()
    return None if row is None else _info(row, leases)


def _info(row: Row, leases: Owners) -> SessionInfo:
    elsewhere = row["owner"] is not None and leases.is_elsewhere(row["owner"])
    return attrs.evolve(info_of_row(row), running_elsewhere=elsewhere)


def usage(connection: sqlite3.Connection, since: datetime | None) -> list[SessionUsage]:
    """Return what each session used; see `SessionStore.usage`."""
    text = "" if since is None else time_text(since)
    rows = execute(connection, READ_USAGE, since=text).fetchall()
    return list(map(usage_of_row, rows))


def page(
    connection: sqlite3.Connection,
    limit: int | None,
    cursor: str | None,
    leases: Owners,
) -> SessionPage:
    """Return some sessions; see `SessionStore.page`."""
    if limit is not None and limit < 1:
        raise InvalidParameter("A page's limit is at least 1.")
    statement, start = READ_PAGE, _FIRST_PAGE
    if cursor is not None:
        statement, start = _page_after(cursor)
    # One more than asked for tells whether there is a next page; -1 is no limit.
    most = -1 if limit is None else limit + 1
    rows = execute(connection, statement, **start, limit=most).fetchall()
    sessions = tuple(_info(row, leases) for row in rows[:limit])
    more = len(rows) > len(sessions)
    return SessionPage(
        sessions=sessions,
        next_cursor=_cursor(rows[len(sessions) - 1]) if more else None,
    )


def _cursor(last: Row) -> str:
    position = json.dumps([last[f"raw_{name}"] for name in _ORDER])
    return base64.urlsafe_b64encode(position.encode()).decode()


def _page_after(cursor: str) -> tuple[str, dict[str, bytes]]:
    """Return the statement that reads on after a cursor, and its values.

    They are the columns' very bytes, text or not, by which SQLite sorts them: some may
    be no UTF-8, and no string of Python's.
    """
    statement, values = READ_PAGE, {}
    try:
        raw = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        for name, value in zip(_ORDER, raw, strict=True):
            kind, data = _RAW.fullmatch(value).groups()  # type: ignore[union-attr]
            values[name] = bytes.fromhex(data)
            if kind != "blob":
                cast = f"CAST(CAST(:{name} AS TEXT) AS {kind})"
                statement = statement.replace(f":{name}", cast)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidParameter(
            "This cursor is not one that a page gave. Begin again without a cursor."
        ) from None
    return statement, values
