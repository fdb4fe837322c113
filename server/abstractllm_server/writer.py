"""Writing to the editor in a thread of its own."""

import queue
import threading
from collections.abc import Callable
from typing import BinaryIO

FLUSH_SECONDS = 2.0
"""How long `close` waits for an editor that reads slowly, or not at all."""


class Writer:
    """Takes bytes at once and writes them in order, so the event loop never waits.

    `on_broken` is called once, in the writing thread, when the editor is gone.
    """

    def __init__(self, stream: BinaryIO, on_broken: Callable[[], None]) -> None:
        self._stream = stream
        self._on_broken = on_broken
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Have `data` written after all that came before."""
        self._waiting.put(data)

    def close(self) -> None:
        """Wait until everything is written, but not for long."""
        self._waiting.put(None)
        self._thread.join(FLUSH_SECONDS)

    def _run(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                self._stream.write(data)
                self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            self._on_broken()
