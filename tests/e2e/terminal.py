"""The program `abstractllm` for tests: its command line, and a terminal around it."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.editor import SECONDS
from tests.vendors import VendorServer

PROGRAM = [sys.executable, "-P", "-m", "abstractllm_terminal"]

CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"

_PROMPT = "\x1b[?2004h"
"""What a terminal is told when a line is asked for: pasted text is welcome."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>])")

# A session leader without a terminal takes the one it asks for.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def start(
    workspace: Path, env: Mapping[str, str], *arguments: str
) -> subprocess.Popen[bytes]:
    """Start the program with pipes, in a process group of its own."""
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=workspace,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )


def run(
    workspace: Path, env: Mapping[str, str], *arguments: str, piped: bytes = b""
) -> tuple[int, str, str]:
    """Run the program, and return its exit code, what it answered and complained."""
    with start(workspace, env, *arguments) as process:
        stdout, stderr = process.communicate(piped, timeout=SECONDS)
    return process.returncode, stdout.decode(), stderr.decode()


def server_of(pid: int) -> int:
    """Return the process id of a program's server, its only child."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def is_running(pid: int) -> bool:
    """Return whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Terminal:
    """The program in a terminal of 100 columns and 30 lines."""

    def __init__(
        self, workspace: Path, env: Mapping[str, str], *arguments: str
    ) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *PROGRAM, "chat", *arguments],
            cwd=workspace,
            env={**env, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        self._slave = slave
        self._output = b""
        self._seen = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    @property
    def titles(self) -> list[str]:
        """The titles that the terminal was given up to now, one after the other."""
        return re.findall(r"\x1b\]0;([^\x07]*)\x07", self.raw)

    @property
    def raw(self) -> str:
        """All that was written to the terminal up to now, as it was written."""
        return self._output.decode(errors="ignore")

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell expects it to."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def enter(self, line: str) -> None:
        """Type a line when one is asked for."""
        self.expect_prompt()
        self.type(line + ENTER)

    def expect_prompt(self) -> None:
        """Wait until a line is asked for."""
        self.expect(_PROMPT)

    def expect(self, text: str) -> str:
        """Wait until a text appears, and return what appeared before it.

        What was returned once is not looked at again.
        """
        deadline = time.monotonic() + SECONDS
        while (found := self._shown.find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            assert self._read(left), f"no {text!r} in {self._shown[self._seen :]!r}"
        before = self._shown[self._seen : found]
        self._seen = found + len(text)
        return before

    def exit_code(self) -> int:
        """Wait for the end of the program, reading what it still shows."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it runs on after {self._shown!r}"
            self._read(0.05)
        return self.process.returncode

    @property
    def _shown(self) -> str:
        """The output without what moves, colours or erases, the prompt's sign kept."""
        text = self.raw.replace("\r", "")
        return _ESCAPE_SEQUENCE.sub(
            lambda found: _PROMPT if found[0] == _PROMPT else "", text
        )

    def _read(self, seconds: float) -> bool:
        """Take in what is shown within a time; return whether anything was."""
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return False
        self._output += os.read(self._master, 1 << 16)
        return True


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Send what Ctrl-C sends: to the program's process group, not just to it."""
    os.killpg(process.pid, signal.SIGINT)


def prompts(vendors: VendorServer) -> list[tuple[str, str]]:
    """Return the messages of the last request, as roles and contents."""
    return [(m["role"], m["content"]) for m in vendors.requests[-1].body["messages"]]
