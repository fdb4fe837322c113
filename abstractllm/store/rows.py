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

from abstractllm.encoding import from_json, to_json
from abstractllm.enums import MessageRole
from abstractllm.messages import Message, MessageStatus, Part, Usage
from abstractllm.store.contract import SessionInfo, SessionRecord

Row: TypeAlias = dict[str, Any]


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
    return {
        column[0]: value.decode("utf-8", "surrogatepass")
        if isinstance(value, bytes)
        else value
        for column, value in zip(cursor.description, values, strict=True)
    }


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
    names = (
        [field.name for field in attrs.fields(SessionRecord)]
        if fields is None
        else fields
    )
    return {name: _column(getattr(record, name)) for name in names if name != "id"}


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    return _dump(to_json(value)) if isinstance(value, Mapping) else value


def session_of_row(row: Row) -> SessionRecord:
    """Return the session that a row holds."""
    return SessionRecord(
        id=row["id"],
        title=row["title"],
        system_prompt=row["system_prompt"],
        provider=row["provider"],
        model=row["model"],
        provider_config=json.loads(row["provider_config"]),
        metadata=json.loads(row["metadata"]),
        head_id=row["head_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
    )


def info_of_row(row: Row) -> SessionInfo:
    """Return what a list shows of the session that a row holds."""
    return SessionInfo(
        id=row["id"],
        title=row["title"],
        provider=row["provider"],
        model=row["model"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        message_count=row["message_count"],
        usage=_usage(row),
    )


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
        "metadata": _dump(data["metadata"]),
        "parts": _dump(data["parts"]),
        "text": message.content.encode(errors="replace").decode(),
    }


def message_of_row(row: Row) -> Message:
    """Return the message that a row holds.

    Raises `ValueError` or `cattrs.BaseValidationError` where it holds none.
    """
    return Message(
        id=row["id"],
        parent_id=row["parent_id"],
        role=MessageRole(row["role"]),
        status=MessageStatus(row["status"]),
        provider=row["provider"],
        model=row["model"],
        created_at=datetime.fromisoformat(row["created_at"]),
        usage=None if row["input_tokens"] is None else _usage(row),
        metadata=json.loads(row["metadata"]),
        parts=from_json(json.loads(row["parts"]), tuple[Part, ...]),
    )


def _usage(row: Row) -> Usage:
    return Usage(
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cached_tokens=row["cached_tokens"],
    )


def _dump(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
