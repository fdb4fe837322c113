"""Sessions as wholes: forked, deleted, and brought back."""

import json
import sqlite3
from collections.abc import Sequence

from abstractllm.errors import SessionExists
from abstractllm.store.contract import SessionRecord
from abstractllm.store.database import transaction
from abstractllm.store.queries import execute, insert, next_revision

_COLUMNS = (
    "id, parent_id, role, status, provider, model, created_at, "
    "input_tokens, output_tokens, cached_tokens, cost, metadata"
)

# A copy has no parts of its own, and no text: it is not searched. An id that is no
# valid text is stored as bytes.
COPY_ALL = f"""
INSERT INTO messages (session_id, copied, text, parts, {_COLUMNS})
SELECT :new_id, iif(copied, copied, sequence), '', iif(copied, parts, ''), {_COLUMNS}
FROM messages WHERE session_id = :id ORDER BY sequence
"""

_AMONG = """
id IN (
    SELECT value FROM json_each(:ids)
    UNION ALL SELECT CAST(value AS BLOB) FROM json_each(:ids)
)
"""

COPY_SOME = COPY_ALL.replace("ORDER BY", f"AND {_AMONG} ORDER BY")

COUNT = "SELECT count(*) AS messages FROM messages WHERE session_id = :id"

COPY_TEXTS = """
INSERT INTO texts SELECT :new_id, hash, data FROM texts WHERE session_id = :id
"""

COUNT_MESSAGES = """
UPDATE sessions SET message_count = (
    SELECT count(*) FROM messages WHERE session_id = :id
) WHERE id = :id
"""

# What was deleted is kept as it was, for as long as the connection is open.
_LET_GO = "DELETE FROM {kept} WHERE {column} = :id"

_KEEP = (
    "CREATE TEMP TABLE IF NOT EXISTS {kept} AS SELECT * FROM {table} WHERE 0",
    _LET_GO,
    "INSERT INTO {kept} SELECT * FROM {table} WHERE {column} = :id",
)

_KEPT = (
    {"kept": "deleted_sessions", "table": "sessions", "column": "id"},
    {"kept": "deleted_messages", "table": "messages", "column": "session_id"},
    {"kept": "deleted_texts", "table": "texts", "column": "session_id"},
)

# Where the first of several copies takes the place of a message that goes.
_INHERIT = (
    # What copies say is kept with them.
    """
    UPDATE deleted_messages SET
        parts = iif(deleted_messages.parts = '', first.parts, deleted_messages.parts),
        text = first.text
    FROM messages AS first
    WHERE deleted_messages.session_id = :id
        AND first.sequence = deleted_messages.copied AND first.id = deleted_messages.id
    """,
    """
    CREATE TEMP TABLE IF NOT EXISTS heirs (
        deleted_id, id, first, heir, session_id, PRIMARY KEY (deleted_id, id)
    ) WITHOUT ROWID
    """,
    "DELETE FROM heirs WHERE deleted_id = :id",
    """
    INSERT INTO heirs
    SELECT :id, own.id, own.sequence, min(copy.sequence), copy.session_id
    FROM messages AS own JOIN messages AS copy
        ON copy.copied AND copy.copied = own.sequence AND copy.id = own.id
    WHERE own.session_id = :id AND NOT own.copied
    GROUP BY own.sequence
    """,
    # What goes may have been an heir itself.
    """
    UPDATE heirs SET session_id = next.session_id FROM heirs AS next
    WHERE next.deleted_id = :id AND heirs.session_id = :id AND heirs.id = next.id
    """,
    """
    UPDATE messages SET copied = heirs.heir FROM heirs
    WHERE heirs.deleted_id = :id AND messages.copied
        AND messages.copied = heirs.first AND messages.id = heirs.id
    """,
    """
    UPDATE messages SET copied = 0, text = own.text,
        parts = iif(messages.parts = '', own.parts, messages.parts)
    FROM heirs JOIN messages AS own ON own.sequence = heirs.first
    WHERE heirs.deleted_id = :id AND messages.sequence = heirs.heir
    """,
)

ANY_DELETED = "SELECT 1 FROM temp.sqlite_schema WHERE name = 'deleted_sessions'"

_HEIR = """
SELECT iif(messages.copied, messages.copied, messages.sequence)
FROM heirs JOIN messages USING (session_id, id)
WHERE heirs.deleted_id = :id AND heirs.id = deleted_messages.id
"""

_FIRST = """
SELECT sequence FROM messages AS first
WHERE first.sequence = deleted_messages.copied AND first.id = deleted_messages.id
    AND NOT first.copied
"""

# Triggers count the messages as they come.
_BRING_BACK = (
    """
    UPDATE deleted_sessions SET revision = :revision, message_count = 0,
        input_tokens = 0, output_tokens = 0, cached_tokens = 0, cost = 0, unpriced = 0
    WHERE id = :id
    """,
    f"""
    UPDATE deleted_messages
    SET copied = coalesce(({_HEIR}), ({_FIRST}), 0), sequence = NULL
    WHERE session_id = :id
    """,
    "INSERT INTO sessions SELECT * FROM deleted_sessions WHERE id = :id",
    """
    INSERT INTO messages SELECT * FROM deleted_messages WHERE session_id = :id
    ORDER BY rowid
    """,
    "INSERT INTO texts SELECT * FROM deleted_texts WHERE session_id = :id",
    COUNT_MESSAGES,
)


def fork(
    connection: sqlite3.Connection,
    session_id: str,
    record: SessionRecord,
    message_ids: Sequence[str],
) -> int:
    """Begin a session with messages of another; see `SessionStore.fork`."""
    values = {"id": session_id, "new_id": record.id}
    with transaction(connection):
        revision = insert(connection, record)
        count = execute(connection, COUNT, id=session_id).fetchone()["messages"]
        copy = COPY_ALL if count == len(set(message_ids)) else COPY_SOME
        execute(connection, copy, **values, ids=json.dumps(message_ids))
        execute(connection, COPY_TEXTS, **values)
        execute(connection, COUNT_MESSAGES, id=record.id)
    return revision


def delete(connection: sqlite3.Connection, session_id: str) -> bool:
    """Remove a session; see `SessionStore.delete`."""
    with transaction(connection):
        if not _is_in(connection, "sessions", session_id):
            return False
        for kept in _KEPT:
            for statement in _KEEP:
                execute(connection, statement.format(**kept), id=session_id)
        for statement in _INHERIT:
            execute(connection, statement, id=session_id)
        execute(connection, "DELETE FROM sessions WHERE id = :id", id=session_id)
        return True


def undelete(connection: sqlite3.Connection, session_id: str) -> bool:
    """Bring a session back; see `SessionStore.undelete`."""
    with transaction(connection):
        if not execute(connection, ANY_DELETED).fetchone():
            return False
        if not _is_in(connection, "deleted_sessions", session_id):
            return False
        if _is_in(connection, "sessions", session_id):
            raise SessionExists(f"There is already a session {session_id!r}.")
        values = {"id": session_id, "revision": next_revision(connection)}
        for statement in _BRING_BACK:
            execute(connection, statement, **values)
        for kept in _KEPT:
            execute(connection, _LET_GO.format(**kept), id=session_id)
        return True


def _is_in(connection: sqlite3.Connection, table: str, session_id: str) -> bool:
    statement = f"SELECT 1 FROM {table} WHERE id = :id"
    return execute(connection, statement, id=session_id).fetchone() is not None
