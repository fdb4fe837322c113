"""What the store does with an open database, each function one transaction."""

import base64
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Any

import cattrs

from abstractllm.errors import (
    InvalidParameter,
    SessionExists,
    StoreError,
    UnknownSession,
)
from abstractllm.messages import Message
from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    StoredSession,
)
from abstractllm.store.database import transaction
from abstractllm.store.rows import (
    Row,
    from_columns,
    info_of_row,
    message_of_row,
    row_of_message,
    row_of_session,
    session_of_row,
    time_text,
    to_columns,
)

INSERT_SESSION = """
INSERT INTO sessions (
    id, title, provider, model, created_at, updated_at,
    revision, head_id, system_prompt, provider_config, metadata
) VALUES (
    :id, :title, :provider, :model, :created_at, :updated_at,
    :revision, :head_id, :system_prompt, :provider_config, :metadata
)
ON CONFLICT DO NOTHING
"""

UPDATE_SESSION = "UPDATE sessions SET {columns} WHERE id = :id"

WRITE_MESSAGE = """
INSERT INTO messages (
    session_id, id, parent_id, role, status, provider, model, created_at,
    input_tokens, output_tokens, cached_tokens, metadata, parts, text
) VALUES (
    :session_id, :id, :parent_id, :role, :status, :provider, :model, :created_at,
    :input_tokens, :output_tokens, :cached_tokens, :metadata, :parts, :text
)
ON CONFLICT (session_id, id) DO UPDATE SET
    parent_id = excluded.parent_id, role = excluded.role, status = excluded.status,
    provider = excluded.provider, model = excluded.model,
    created_at = excluded.created_at, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, cached_tokens = excluded.cached_tokens,
    metadata = excluded.metadata, parts = excluded.parts, text = excluded.text
"""

READ_MESSAGES = """
SELECT id, parent_id, role, status, provider, model, created_at,
    input_tokens, output_tokens, cached_tokens, metadata, parts
FROM messages WHERE session_id = :session_id ORDER BY sequence
"""

_INFO = """
SELECT id, title, provider, model, created_at, updated_at,
    message_count, input_tokens, output_tokens, cached_tokens
FROM sessions
"""

READ_INFO = f"{_INFO} WHERE id = :id"

READ_PAGE = f"""{_INFO}
WHERE (updated_at, id) < (:updated_at, :id)
ORDER BY updated_at DESC, id DESC LIMIT :limit
"""

_FIRST_PAGE = {"updated_at": "~", "id": ""}  # "~" is greater than any digit


def _execute(
    connection: sqlite3.Connection, statement: str, **values: Any
) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = from_columns
    return cursor.execute(statement, to_columns(values))


def _next_revision(connection: sqlite3.Connection) -> int:
    _execute(connection, "UPDATE store SET revision = revision + 1")
    return int(
        _execute(connection, "SELECT revision FROM store").fetchone()["revision"]
    )


def create(connection: sqlite3.Connection, record: SessionRecord) -> int:
    """Add a session; see `SessionStore.create`."""
    with transaction(connection):
        revision = _next_revision(connection)
        row = {**row_of_session(record), "id": record.id, "revision": revision}
        if not _execute(connection, INSERT_SESSION, **row).rowcount:
            raise SessionExists(f"There is already a session {record.id!r}.")
    return revision


def save(
    connection: sqlite3.Connection,
    record: SessionRecord,
    messages: tuple[Message, ...],
    fields: Collection[str] | None,
) -> int:
    """Write a session and some of its messages; see `SessionStore.save`."""
    session = row_of_session(record, fields)
    rows = [row_of_message(record.id, message) for message in messages]
    with transaction(connection):
        revision = _next_revision(connection)
        if not _update(connection, record.id, {**session, "revision": revision}):
            raise UnknownSession(f"There is no session {record.id!r}.")
        for row in rows:
            _execute(connection, WRITE_MESSAGE, **row)
    return revision


def _update(connection: sqlite3.Connection, session_id: str, row: Row) -> int:
    columns = ", ".join(f"{column} = :{column}" for column in row)
    statement = UPDATE_SESSION.format(columns=columns)
    return _execute(connection, statement, **row, id=session_id).rowcount


def read(connection: sqlite3.Connection, session_id: str) -> StoredSession | None:
    """Return a session with its messages; see `SessionStore.read`."""
    with transaction(connection, "DEFERRED"):
        statement = "SELECT * FROM sessions WHERE id = :id"
        row = _execute(connection, statement, id=session_id).fetchone()
        if row is None:
            return None
        rows = _execute(connection, READ_MESSAGES, session_id=session_id).fetchall()
    try:
        return StoredSession(
            record=session_of_row(row),
            messages=tuple(map(message_of_row, rows)),
            revision=row["revision"],
        )
    except (ValueError, cattrs.BaseValidationError) as error:
        raise StoreError(
            f"Session {session_id!r} holds something this version cannot read. "
            "Update this program and try again."
        ) from error


def revision(connection: sqlite3.Connection, session_id: str) -> int | None:
    """Return a session's revision; see `SessionStore.revision`."""
    statement = "SELECT revision FROM sessions WHERE id = :id"
    row = _execute(connection, statement, id=session_id).fetchone()
    return None if row is None else int(row["revision"])


def info(connection: sqlite3.Connection, session_id: str) -> SessionInfo | None:
    """Return what the list shows of a session; see `SessionStore.info`."""
    row = _execute(connection, READ_INFO, id=session_id).fetchone()
    return None if row is None else info_of_row(row)


def page(
    connection: sqlite3.Connection, limit: int | None, cursor: str | None
) -> SessionPage:
    """Return some sessions; see `SessionStore.page`."""
    if limit is not None and limit < 1:
        raise InvalidParameter("A page's limit is at least 1.")
    start = _FIRST_PAGE if cursor is None else _start_of_page(cursor)
    # One more than asked for tells whether there is a next page; -1 is no limit.
    most = -1 if limit is None else limit + 1
    rows = _execute(connection, READ_PAGE, **start, limit=most).fetchall()
    sessions = tuple(map(info_of_row, rows[:limit]))
    more = len(rows) > len(sessions)
    return SessionPage(
        sessions=sessions, next_cursor=_cursor(sessions[-1]) if more else None
    )


def delete(connection: sqlite3.Connection, session_id: str) -> bool:
    """Remove a session and its messages; see `SessionStore.delete`."""
    with transaction(connection):
        statement = "DELETE FROM sessions WHERE id = :id"
        return _execute(connection, statement, id=session_id).rowcount > 0


def _cursor(last: SessionInfo) -> str:
    position = f"{time_text(last.updated_at)} {last.id}"
    return base64.urlsafe_b64encode(position.encode("utf-8", "surrogatepass")).decode()


def _start_of_page(cursor: str) -> dict[str, str]:
    try:
        position = base64.b64decode(cursor, altchars=b"-_", validate=True)
        time, _, session_id = position.decode("utf-8", "surrogatepass").partition(" ")
        return {"updated_at": time_text(datetime.fromisoformat(time)), "id": session_id}
    except (ValueError, OverflowError):
        raise InvalidParameter(
            "This cursor is not one that a page gave. Begin again without a cursor."
        ) from None
