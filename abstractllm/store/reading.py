"""Reading what is stored as far as it goes.

A newer version, another program or a fault may have put anything into any column. What
can be read is shown; the rest is left as it is stored, and told in one notice.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from abstractllm.encoding import parts_from_json
from abstractllm.enums import MessageRole, ModelParameter, SessionMode
from abstractllm.messages import (
    ContextUse,
    Cost,
    Message,
    MessageStatus,
    Part,
    Unknown,
    Usage,
)
from abstractllm.store.contract import SessionRecord, StoredSession

Word = TypeVar("Word", bound=StrEnum)

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""Stands for a time that cannot be read."""

_WORDS: Mapping[type[StrEnum], Mapping[str, StrEnum]] = {
    words: {str(word): word for word in words}
    for words in (MessageRole, MessageStatus, SessionMode)
}

_OWNERS = {MessageRole: "a message", MessageStatus: "a message"}

_PARAMETERS = frozenset(map(str, ModelParameter))


def text_of(data: bytes) -> str:
    """Return stored bytes as text, with a mark where they are none."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def json_of(text: object) -> Any:
    """Return what a column holds as JSON, and the text itself where that is none."""
    if text == "{}":
        return {}
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text


def is_count(value: object) -> bool:
    """Return whether something is a whole number, 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Reading:
    """Makes values of the fields of one session, and remembers what it cannot read.

    Fields have the names of the class that is made of them, and JSON as Python has it.
    """

    def __init__(self) -> None:
        self._odd: dict[str, None] = {}

    def session(
        self, record: SessionRecord, messages: tuple[Message, ...], revision: object
    ) -> StoredSession:
        """Return a session that was read by this object, with a notice if need be."""
        known = {message.id for message in messages}
        if record.head_id is not None and record.head_id not in known:
            self._odd["which message is the last"] = None
        return StoredSession(
            record=record,
            messages=messages,
            revision=self.count("revision", revision),
            notices=self._notices(),
        )

    def record(self, fields: Mapping[str, Any]) -> SessionRecord:
        """Return the record that these fields make."""
        config = self._object("provider_config", fields)
        for name in config.keys() - _PARAMETERS:
            self._odd[f"the parameter {name!r}"] = None
        return SessionRecord(
            id=self._text("id", fields) or "",
            title=self._text("title", fields),
            system_prompt=self._text("system_prompt", fields),
            provider=self._text("provider", fields),
            model=self._text("model", fields),
            provider_config=config,
            metadata=self._object("metadata", fields),
            mode=self.mode(fields),
            head_id=self._text("head_id", fields),
            former_heads=self._former_heads(fields),
            pinned=fields.get("pinned") in (1, True),
            context=self.context(fields.get("context")),
            created_at=self.time("created_at", fields.get("created_at")),
            updated_at=self.time("updated_at", fields.get("updated_at")),
        )

    def message(self, fields: Mapping[str, Any]) -> Message:
        """Return the message that these fields make.

        A role that is not known is shown as the system's.
        """
        return Message(
            id=self._text("id", fields) or "",
            parent_id=self._text("parent_id", fields),
            role=self.word("role", fields, MessageRole, MessageRole.SYSTEM),
            status=self.word("status", fields, MessageStatus, MessageStatus.COMPLETE),
            provider=self._text("provider", fields),
            model=self._text("model", fields),
            created_at=self.time("created_at", fields.get("created_at")),
            usage=None if fields.get("input_tokens") is None else self.usage(fields),
            cost=self._cost(fields.get("cost")),
            metadata=self._object("metadata", fields),
            parts=self._parts(fields.get("parts")),
        )

    def usage(self, fields: Mapping[str, Any]) -> Usage:
        """Return the tokens that these fields count."""
        return Usage(
            input_tokens=self.count("input_tokens", fields.get("input_tokens")),
            output_tokens=self.count("output_tokens", fields.get("output_tokens")),
            cached_tokens=self.count("cached_tokens", fields.get("cached_tokens")),
        )

    def context(self, value: object) -> ContextUse | None:
        """Return how full a context is; `None` where that is not told."""
        if not isinstance(value, dict) or not is_count(value.get("used")):
            return None
        window = value.get("window")
        return ContextUse(
            used=value["used"],
            window=window if is_count(window) else None,
            estimated=value.get("estimated") is True,
        )

    def mode(self, fields: Mapping[str, Any]) -> SessionMode:
        """Return how freely the models of a session may act.

        A file of an older version does not tell.
        """
        if fields.get("mode") is None:
            return SessionMode.EDIT
        return self.word("mode", fields, SessionMode, SessionMode.EDIT)

    def count(self, name: str, value: object) -> int:
        """Return a number that is 0 or more; 0 where it is none."""
        if isinstance(value, int) and is_count(value):
            return value
        self._odd[name] = None
        return 0

    def time(self, name: str, value: object) -> datetime:
        """Return a time in UTC; one without a zone is taken for UTC."""
        try:
            time = datetime.fromisoformat(str(value))
            if time.tzinfo is UTC:
                return time
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self._odd[name] = None
            return UNKNOWN_TIME

    def _cost(self, value: object) -> Cost | None:
        if value is None or isinstance(value, Cost):
            return value
        self._odd["cost"] = None
        return None

    def _former_heads(self, fields: Mapping[str, Any]) -> tuple[str, ...]:
        value = fields.get("former_heads")
        heads = value if isinstance(value, list) else ()
        return tuple(head for head in heads if isinstance(head, str))

    def _text(self, name: str, fields: Mapping[str, Any]) -> str | None:
        value = fields.get(name)
        if value is None or isinstance(value, str):
            return value
        self._odd[name] = None
        return None

    def _object(self, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        value = fields.get(name)
        if isinstance(value, dict):
            return value
        self._odd[name] = None
        return {}

    def word(
        self, name: str, fields: Mapping[str, Any], words: type[Word], default: Word
    ) -> Word:
        """Return one of our words; the default where it is none of them."""
        word = _WORDS[words].get(str(fields.get(name)))
        if isinstance(word, words):
            return word
        self._odd[f"the {name} of {_OWNERS.get(words, 'the session')}"] = None
        return default

    def _parts(self, value: object) -> tuple[Part, ...]:
        parts = parts_from_json(value if isinstance(value, list) else [value])
        if any(isinstance(part, Unknown) for part in parts):
            self._odd["a part of a message"] = None
        return parts

    def _notices(self) -> tuple[str, ...]:
        if not self._odd:
            return ()
        return (
            "This version cannot read all of this session, which a newer one or "
            f"another program wrote: {', '.join(self._odd)}. It is kept as it is; "
            "the rest is shown.",
        )
