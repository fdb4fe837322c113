"""The process of a command: run by the user's shell, and ended with all it started."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import attrs

from abstractllm.environment import child_environment
from abstractllm.tools.command_output import Output
from abstractllm.tools.descendants import Descendants

_LIKE_SH = {"sh", "bash", "dash", "ksh", "zsh"}
"""Shells that understand what models write."""

_LAST_WORDS_SECONDS = 0.3
"""How long output may still come once the command has ended: of what it left behind."""


@attrs.frozen(kw_only=True)
class CommandEnd:
    """How a command ended.

    `exit_code` is `None` where it did not end by itself, and below 0 where a signal
    ended it. `left_behind` are the names of processes that outlived it and were ended.
    """

    exit_code: int | None
    timed_out: bool
    output: str
    left_behind: tuple[str, ...] = ()


async def run(
    command: str, folder: Path, seconds: float, tell: Callable[[str], None]
) -> CommandEnd:
    """Run a command line in a folder, for so many seconds, and return how it ended.

    What it prints is shown by `tell` as it comes. It has no terminal, nothing to read
    and none of the user's secrets. When this returns, or is cancelled, no process of it
    is left. Raises `OSError` where it cannot be started.
    """
    output = Output(tell)
    descendants = Descendants()
    transport, process = await asyncio.get_running_loop().subprocess_shell(
        lambda: _Process(output),
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={**child_environment(), "TERM": "dumb", **descendants.mark},
        executable=_shell(),
        start_new_session=True,
    )
    with closing(transport):
        try:
            ended = await _comes(process.ended, seconds)
            if ended:
                await _comes(process.silent, _LAST_WORDS_SECONDS)
        finally:
            # Shielded: who cancels twice leaves nothing behind either.
            others = await asyncio.shield(descendants.end(transport.get_pid()))
        await _comes(process.silent, _LAST_WORDS_SECONDS)
    return CommandEnd(
        exit_code=transport.get_returncode() if ended else None,
        timed_out=not ended,
        output=output.text,
        left_behind=others if ended else (),
    )


class _Process(asyncio.SubprocessProtocol):
    """Follows a process; its end and that of its output are two things.

    What it left behind may hold the pipe open.
    """

    def __init__(self, output: Output) -> None:
        self.ended = asyncio.Event()
        self.silent = asyncio.Event()
        self._output = output

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._output.add(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self.silent.set()

    def process_exited(self) -> None:
        self.ended.set()


async def _comes(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer than that; return whether it came."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _shell() -> str | None:
    """Return the user's own shell if it is like sh; `None` stands for the system's."""
    shell = Path(os.environ.get("SHELL", ""))
    is_usable = shell.name in _LIKE_SH and shell.is_absolute()
    return str(shell) if is_usable and os.access(shell, os.X_OK) else None
