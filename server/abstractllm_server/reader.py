"""Reading messages from the editor in a thread of their own."""

import json
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

MALFORMED = object()
"""Delivered in the place of a message that is no JSON."""

END = object()
"""Delivered once, when the editor closed its side."""


def start_reader(stream: BinaryIO, deliver: Callable[[Any], None]) -> None:
    """Read framed JSON messages until the end and deliver each, parsed.

    `deliver` is called in the reading thread. The thread is a daemon: a read that never
    returns does not keep the process alive.
    """

    def read() -> None:
        try:
            while (length := _read_headers(stream)) is not None:
                body = stream.read(length)
                if len(body) < length:
                    break
                deliver(_parse(body))
        finally:
            deliver(END)

    threading.Thread(target=read, name="reader", daemon=True).start()


def _read_headers(stream: BinaryIO) -> int | None:
    """Return the length of the body that follows, or `None` at the end.

    Header blocks without a length are passed over, as are lines that are no headers.
    """
    length = None
    while line := stream.readline():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
        elif not line.strip() and length is not None:
            return length
    return None


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return MALFORMED
