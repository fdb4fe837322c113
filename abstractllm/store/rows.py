"""How the store's values become rows of the database, and rows become values.

A row is a dictionary from column to value. Times are text in UTC, so that their order
is the order of their text.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import attrs

from abstractllm.encoding import to_json
from abstractllm.messages import ContextUse, Cost, Message
from abstractllm.store.contract import (
    SessionInfo,
    SessionRecord,
    SessionUsage,
    StoredSession,
)
from abstractllm.store.reading import Reading, json_of, text_of

Row: TypeAlias = dict[str, Any]

PADDING = "\uffff\uffff"
"""Ends each text for the index, so that its last characters begin three, too."""

_FIELDS = tuple(field.name for field in attrs.fields(SessionRecord))


def to_columns(values: Mapping[str, Any]) -> Row:
    """Return values as SQLite can keep them.

    SQLite's text is UTF-8, which has no lone surrogates. A string that holds some is
    kept as bytes; nothing else is, so `from_columns` can tell.
    """
    return {
        name: _text_or_bytes(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def from_columns(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    """Return the row that a cursor read; the inverse of `to_columns`."""
    if bytes in map(type, values):
        values = tuple(text_of(v) if isinstance(v, bytes) else v for v in values)
    return dict(zip([column[0] for column in cursor.description], values, strict=True))


def _text_or_bytes(text: str) -> str | bytes:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def time_text(time: datetime) -> str:
    """Return a time as the database holds it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def row_of_session(record: SessionRecord, fields: Collection[str] | None = None) -> Row:
    """Return the row of a session, without its id and what its messages add to it.

    Of `fields` alone, if they are given.
    """
    names = _FIELDS if fields is None else fields
    return {name: _column(getattr(record, name)) for name in names if name != "id"}


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping | tuple | ContextUse):
        return _dump(to_json(value))
    return value


def session_of_rows(session: Row, messages: list[Row]) -> StoredSession:
    """Return the session that a row and those of its messages hold; use them up."""
    reading = Reading()
    record = reading.record(
        {
            **session,
            "provider_config": json_of(session["provider_config"]),
            "metadata": json_of(session["metadata"]),
            "former_heads": json_of(session["former_heads"]),
            "context": json_of(session["context"]),
        }
    )
    for row in messages:
        row["metadata"] = json_of(row["metadata"])
        row["parts"] = json_of(row["parts"])
        row["cost"] = None if row["cost"] is None else Cost(row["cost"])
    read = tuple(map(reading.message, messages))
    return reading.session(record, read, session["revision"])


def info_of_row(row: Row) -> SessionInfo:
    """Return what a list shows of the session that a row holds."""
    reading = Reading()
    return SessionInfo(
        id=row["id"],
        title=row["title"],
        provider=row["provider"],
        model=row["model"],
        created_at=reading.time("created_at", row["created_at"]),
        updated_at=reading.time("updated_at", row["updated_at"]),
        message_count=reading.count("message_count", row["message_count"]),
        usage=reading.usage(row),
        cost=_sum(reading.count("cost", row["cost"]), row["unpriced"]),
        context=reading.context(json_of(row["context"])),
        mode=reading.mode(row),
        pinned=row["pinned"] == 1,
    )


def usage_of_row(row: Row) -> SessionUsage:
    """Return what a session used by the sums that a row holds."""
    return SessionUsage(
        session_id=row["id"],
        title=row["title"],
        usage=Reading().usage(row),
        cost=_sum(int(row["cost"]), row["unpriced"]),
    )


def _sum(nano_dollars: int, unpriced: Any) -> Cost | None:
    """Return what a session cost, in all that is known."""
    return None if unpriced and not nano_dollars else Cost(nano_dollars, not unpriced)


def row_of_message(session_id: str, message: Message) -> Row:
    """Return the row of a message; `text` is what a search finds it by."""
    data = to_json(message)
    usage = message.usage
    return {
        "session_id": session_id,
        "id": message.id,
        "parent_id": message.parent_id,
        "role": data["role"],
        "status": data["status"],
        "provider": message.provider,
        "model": message.model,
        "created_at": time_text(message.created_at),
        "input_tokens": usage and usage.input_tokens,
        "output_tokens": usage and usage.output_tokens,
        "cached_tokens": usage and usage.cached_tokens,
        "cost": message.cost and message.cost.nano_dollars,
        "metadata": _dump(data["metadata"]),
        "parts": _dump(data["parts"]),
        "text": searchable(message.content) + PADDING,
    }


def searchable(text: str) -> str:
    """Return text without what the text index ends at, or cannot hold."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


def _dump(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
