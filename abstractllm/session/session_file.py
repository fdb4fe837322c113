"""Sessions as portable JSON files."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import cattrs

from abstractllm.encoding import from_json, message_to_json, to_json
from abstractllm.errors import InvalidSessionFile
from abstractllm.messages import Message
from abstractllm.session.history import History
from abstractllm.store.contract import SessionRecord

FORMAT = "abstractllm-session"
VERSION = 1


def write_session_file(path: Path, record: SessionRecord, history: History) -> None:
    """Write a session, all its branches included, whole or not at all.

    Raises `OSError`.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "session": to_json(record),
        "messages": [message_to_json(message) for message in history.tree],
    }
    _replace(path, json.dumps(document, indent=2) + "\n")


def read_session_file(path: Path) -> tuple[SessionRecord, History]:
    """Return what `write_session_file` wrote.

    Raises `InvalidSessionFile` for any other file, and `OSError`.
    """
    try:
        document: Any = json.loads(path.read_bytes())
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise InvalidSessionFile(
                f"{path.name} is not a session of version {VERSION}. It may come from "
                "a newer abstractllm: update, then load it again."
            )
        record = from_json(document["session"], SessionRecord)
        messages = [from_json(item, Message) for item in document["messages"]]
    except (ValueError, KeyError, TypeError, cattrs.BaseValidationError) as error:
        raise InvalidSessionFile(
            f"{path.name} does not hold a session that Session.save wrote."
        ) from error
    return record, History(messages, record.head_id)


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
