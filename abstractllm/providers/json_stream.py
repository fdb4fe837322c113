"""The body of a streamed reply: from bytes as they come to JSON as it is whole.

The vendors' SDKs make an object of a class of every piece; to parse it costs a tenth.
"""

import json
from collections.abc import Iterator
from typing import Any, Protocol

DONE = object()
"""Yielded where a stream says that nothing more comes, though it is still open."""


class Fields(dict[str, Any]):
    """A JSON object whose fields are read as an SDK's classes are; `None` if missing.

    So a reader is typed by the vendor's own classes, and none of them is ever made.
    """

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


_plain = json.JSONDecoder()
_with_fields = json.JSONDecoder(object_hook=Fields)


class Decoder(Protocol):
    """Takes the bytes of a body, in whatever pieces, and yields its JSON values.

    Raises `ValueError` where it is no JSON, once all that came before is yielded.
    """

    def decode(self, data: bytes) -> Iterator[Any]:
        """Yield what `data` completes."""

    def end(self) -> Iterator[Any]:
        """Yield what the end of the body completes."""


class _Lines:
    """Cuts bytes into lines, which may end in CR, LF or both."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, data: bytes) -> list[bytes]:
        lines = (self._rest + data).splitlines(keepends=True)
        # What ends in CR may have its LF still to come.
        whole = not lines or lines[-1].endswith(b"\n")
        self._rest = b"" if whole else lines.pop()
        return lines


class JSONLines:
    """One JSON value on each line."""

    def __init__(self) -> None:
        self._lines = _Lines()

    def decode(self, data: bytes) -> Iterator[Any]:
        """Yield what `data` completes."""
        for line in self._lines.cut(data):
            if line.strip():
                yield _plain.decode(line.decode())

    def end(self) -> Iterator[Any]:
        """Yield what the end of the body completes."""
        yield from self.decode(b"\n")


class ServerSentEvents:
    """An event stream whose data is JSON, in `Fields`, or OpenAI's `[DONE]`.

    https://html.spec.whatwg.org/multipage/server-sent-events.html; the names of events
    are passed over, as the data says it all.
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._data: list[bytes] = []

    def decode(self, data: bytes) -> Iterator[Any]:
        """Yield what `data` completes."""
        for line in self._lines.cut(data):
            if line.startswith(b"data:"):
                self._data.append(line[5:].strip())
            elif self._data and not line.strip(b"\r\n"):
                yield self._event()

    def end(self) -> Iterator[Any]:
        """Yield what the end of the body completes: some servers end in mid-event."""
        yield from self.decode(b"\n\n")

    def _event(self) -> Any:
        data = b"\n".join(self._data)
        self._data.clear()
        return DONE if data == b"[DONE]" else _with_fields.decode(data.decode())
