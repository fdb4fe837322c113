"""What a command prints: all of it shown up to a limit, its two ends kept."""

import codecs
from collections.abc import Callable

HEAD = 10_000
"""Bytes that are kept of the beginning, where a command says what it does."""

TAIL = 20_000
"""Bytes that are kept of the end, where it says what went wrong."""

MOST_TOLD = 200_000
"""Bytes that are shown while it runs; what floods is not worth the wire."""

_MORE_COMES = "\n… (more output comes, which is not shown while the command runs)\n"


class Output:
    """Takes in bytes as they come; memory and wire are bounded, whatever comes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Show text by `tell` as it comes."""
        self._tell = tell
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._room = MOST_TOLD
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Take in what came next."""
        self._show(data)
        room = HEAD - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * TAIL:  # seldom, so that little is moved about
            self._drop(len(self._tail) - TAIL)

    @property
    def text(self) -> str:
        """What is kept; of a long output the head and the tail, in whole lines."""
        if len(self._tail) <= TAIL and not self._dropped:
            return _decoded(self._head + self._tail)
        self._drop(max(len(self._tail) - TAIL, 0))
        head = self._head[: self._head.rfind(b"\n") + 1] or self._head
        tail = self._tail[self._tail.find(b"\n") + 1 :] or self._tail
        left_out = self._dropped + len(self._head + self._tail) - len(head + tail)
        line = f"… ({left_out:,} bytes of output are left out here)"
        return f"{_decoded(head)}\n{line}\n\n{_decoded(tail)}"

    def _drop(self, size: int) -> None:
        del self._tail[:size]
        self._dropped += size

    def _show(self, data: bytes) -> None:
        if self._room < 0:
            return
        if text := self._decoder.decode(data[: self._room]):
            self._tell(text)
        self._room -= len(data)
        if self._room < 0:
            self._tell(_MORE_COMES)


def _decoded(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")
