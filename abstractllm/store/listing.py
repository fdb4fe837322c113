"""Lists of sessions: what they show, page by page, and what was used."""

import base64
import json
import re
import sqlite3
from datetime import datetime
from typing import Protocol

import attrs

from abstractllm.errors import InvalidParameter
from abstractllm.store.contract import SessionInfo, SessionPage, SessionUsage
from abstractllm.store.queries import execute
from abstractllm.store.rows import Row, info_of_row, time_text, usage_of_row

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
