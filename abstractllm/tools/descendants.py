"""All processes that a command brought into being, however far they went from it.

One that forks twice, or begins a session of its own, is nobody's child any more. So a
command is given a variable that all of its descendants inherit, and who carries it is
one of them. One that wiped its environment is known by the command's session. Only who
did both, or forks on and on faster than processes can be listed, is not found.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress

import psutil

MARK = "ABSTRACTLLM_COMMAND"

GRACE_SECONDS = 1.0
"""How long a process may take to end once it was told to."""

PATIENCE_SECONDS = 4.0
"""How long they are looked for: some fork while they are found, and some never end."""

_GLANCE_SECONDS = 0.02


class Descendants:
    """The processes of one command: it, and whatever it started."""

    def __init__(self) -> None:
        self.mark = {MARK: uuid.uuid4().hex}
        """What the command needs in its environment."""

    async def end(self, session: int) -> tuple[str, ...]:
        """End them all and return the names of those that were alive.

        They are asked to (SIGTERM) before they are made to (SIGKILL). `session` is the
        one that the command leads.
        """
        names: dict[int, str] = {}
        end = psutil.Process.terminate
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while found := await asyncio.to_thread(self._find, session):
                    names |= {process.pid: name for process, name in found}
                    for process, _ in found:
                        with suppress(psutil.Error):  # gone, or another user's
                            end(process)
                    await _gone([process for process, _ in found])
                    end = psutil.Process.kill
        return tuple(names.values())

    def _find(self, session: int) -> list[tuple[psutil.Process, str]]:
        return list(self._living(session))

    def _living(self, session: int) -> Iterator[tuple[psutil.Process, str]]:
        for pid in psutil.pids():
            with suppress(psutil.Error, ProcessLookupError):
                process = psutil.Process(pid)
                if _is_alive(process) and self._is_ours(process, session):
                    yield process, process.name()

    def _is_ours(self, process: psutil.Process, session: int) -> bool:
        if sys.platform != "win32" and os.getsid(process.pid) == session:
            return True
        return self.mark.items() <= process.environ().items()


async def _gone(processes: Sequence[psutil.Process]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            while any(map(_is_alive, processes)):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(_GLANCE_SECONDS)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
