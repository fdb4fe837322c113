"""The user's keys, which an editor can send by a pipe of their own.

Settings travel on the wire, which editors trace and log. What comes by this pipe is in
no trace. Each line is a JSON object with all the keys there are, by provider, and takes
the place of the line before.
"""

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Mapping
from typing import BinaryIO

from abstractllm.providers.registry import PROVIDERS

FIRST_SECONDS = 2.0
"""How long the first line may take. It is waited for, so that the first prompt has its
key; an editor that never writes one is served all the same."""

COMPLAINT = (
    "The editor has sent API keys that are no JSON object of texts by provider. "
    "Those sent before stay in use."
)
"""It tells no more: what is wrong may be a key."""


def open_pipe(descriptor: int) -> BinaryIO:
    """Return the pipe that was inherited as `descriptor`, kept from our own children.

    Raises `OSError` if there is none.
    """
    os.set_inheritable(descriptor, False)
    return os.fdopen(descriptor, "rb")


class Keys:
    """The keys as they were sent last; none where there is no pipe."""

    def __init__(self) -> None:
        self.by_provider: Mapping[str, str] = {}
        self._complaints: list[str] = []
        self._have_come = asyncio.Event()
        self._is_listening = False

    def listen(self, pipe: BinaryIO) -> threading.Thread:
        """Read the lines of a pipe until its end, and return the thread that does.

        It is a daemon: a read that never returns does not keep the process alive.
        """
        loop = asyncio.get_running_loop()
        self._is_listening = True

        def read() -> None:
            try:
                for line in pipe:
                    loop.call_soon_threadsafe(self._take, line)
            finally:
                loop.call_soon_threadsafe(self._have_come.set)  # none are to be awaited

        thread = threading.Thread(target=read, name="keys", daemon=True)
        thread.start()
        return thread

    def take_complaints(self) -> list[str]:
        """Return what was wrong with lines, once."""
        complaints, self._complaints = self._complaints, []
        return complaints

    async def first(self) -> None:
        """Wait for the first keys, where there is a pipe, but not for long."""
        if self._is_listening:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_SECONDS):
                    await self.next()

    async def next(self) -> None:
        """Wait for keys, or a complaint, that were not waited for yet."""
        await self._have_come.wait()
        self._have_come.clear()

    def _take(self, line: bytes) -> None:
        try:
            keys = _parse(line)
        except (ValueError, RecursionError):
            self._complaints.append(COMPLAINT)
        else:
            self.by_provider = keys
        self._have_come.set()


def _parse(line: bytes) -> Mapping[str, str]:
    """Return the keys of a line, without those of providers that there are not."""
    keys = json.loads(line)
    if not isinstance(keys, dict):
        raise ValueError("no object")
    if not all(isinstance(key, str) for key in keys.values()):
        raise ValueError("not a text")
    return {name: keys[name] for name in PROVIDERS if keys.get(name)}
