"""The three wires: a script's values as the bytes that the vendor would send."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import attrs

from tests.vendors.scripts import Failure, Model, Reply


@attrs.define
class Frames:
    """A reply as the pieces that are written one by one."""

    opening: bytes = b""
    deltas: list[bytes] = attrs.field(factory=list)
    closing: bytes = b""


class Wire(ABC):
    """How one vendor writes."""

    content_type: ClassVar[str] = "text/event-stream; charset=utf-8"
    heartbeats: ClassVar[Sequence[bytes]]
    malformed: ClassVar[bytes]

    @abstractmethod
    def frames(self, reply: Reply, model: str) -> Frames:
        """Return a reply."""

    @abstractmethod
    def error(self, failure: Failure) -> dict[str, Any]:
        """Return the body of an error."""

    @abstractmethod
    def error_event(self, failure: Failure) -> bytes:
        """Return an error in mid-stream."""

    @abstractmethod
    def models(self, models: Sequence[Model]) -> dict[str, Any]:
        """Return the list of models."""


def compact(value: Any) -> bytes:
    """Return JSON as the vendors write it: without spaces, in UTF-8.

    Half a character becomes its escape, in which JSON can carry it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace")
