"""Sessions as portable JSON files."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abstractllm.encoding import (
    camel_case,
    cost_from_json,
    message_to_json,
    to_json,
)
from abstractllm.errors import InvalidSessionFile
from abstractllm.session.history import History
from abstractllm.store.contract import SessionRecord, StoredSession
from abstractllm.store.reading import Reading

FORMAT = "abstractllm-session"
VERSION = 1

Document = Mapping[str, Any]
"""A session file as Python has its JSON."""

_FIELDS = (
    *("id", "title", "system_prompt", "provider", "model", "provider_config"),
    *("metadata", "mode", "head_id", "created_at", "updated_at", "parent_id", "role"),
    *("status", "parts", "input_tokens", "output_tokens", "cached_tokens"),
    *("former_heads", "pinned", "context"),
)


def write_session_file(
    path: Path, record: SessionRecord, history: History, read: Document | None = None
) -> None:
    """Write a session, all its branches included, whole or not at all.

    Raises `OSError`.
    """
    _replace(path, session_text(record, history, read))


def session_text(
    record: SessionRecord, history: History, read: Document | None = None
) -> str:
    """Return a session, all its branches included, as the text of a file.

    What this version does not know of the file that the session was `read` from is
    written back.
    """
    document: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    document["session"] = to_json(record)
    document["messages"] = [message_to_json(message) for message in history.tree]
    if read is not None:
        document = _over(read, document)
    return json.dumps(document, indent=2) + "\n"


def _over(read: Document, written: Document) -> dict[str, Any]:
    """Return a file that was read with what has changed since."""
    before = to_json(Reading().record(_fields(read["session"])))
    changed = {
        name: value
        for name, value in written["session"].items()
        if value != before[name]
    }
    ids = {Reading().message(_fields(item)).id for item in read["messages"]}
    added = [item for item in written["messages"] if item["id"] not in ids]
    return {
        **read,
        "session": {**read["session"], **changed},
        "messages": [*read["messages"], *added],
    }


def read_session_file(path: Path) -> tuple[StoredSession, Document]:
    """Return what `write_session_file` wrote, and the JSON it was read from.

    Raises `InvalidSessionFile` for any other file, and `OSError`.
    """
    try:
        data: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        data = None
    return session_of_document(data, path.name), data


def session_of_document(data: Any, name: str) -> StoredSession:
    """Return the session that the JSON of a file holds; `name` is the file's.

    Raises `InvalidSessionFile` where it holds none.
    """
    document = _document(data, name)
    reading = Reading()
    record = reading.record(_fields(document["session"]))
    messages = [reading.message(_fields(item)) for item in document["messages"]]
    return reading.session(record, tuple(messages), 0)


def _document(document: Any, name: str) -> Document:
    invalid = InvalidSessionFile(
        f"{name} does not hold a session that Session.save wrote."
    )
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise invalid
    if document.get("version") != VERSION:
        raise InvalidSessionFile(
            f"{name} is not a session of version {VERSION}. It may come from "
            "a newer abstractllm: update, then load it again."
        )
    if not _has_our_shape(document):
        raise invalid
    return document


def _has_our_shape(document: dict[str, Any]) -> bool:
    session, messages = document.get("session"), document.get("messages")
    return (
        isinstance(session, dict)
        and isinstance(session.get("id"), str)
        and isinstance(messages, list)
    )


def _fields(data: Any) -> dict[str, Any]:
    """Return an object of the file by the names of our fields; usage is spread out."""
    if not isinstance(data, dict):
        return {"parts": [data]}
    usage = data.get("usage")
    flat = {**data, **usage} if isinstance(usage, dict) else data
    fields = {name: flat.get(camel_case(name)) for name in _FIELDS}
    return {**fields, "cost": cost_from_json(data.get("cost"))}


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
