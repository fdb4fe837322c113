"""Child processes of a search: bounded, and waited for as long as they are wanted."""

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from abstractllm.environment import child_environment

if sys.platform == "linux":
    import resource

_MEMORY = 1 << 30
"""Bytes that a child may take, where the system lets us say so."""

_GLANCE_SECONDS = 0.05
"""How often it is seen whether the output is still wanted."""


def start(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program, in a folder, that says what it has to say on stdout.

    Its environment is ours without the user's secrets, unless another is given.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=child_environment() if environment is None else environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (limit, most))
    return process


def output_of(
    process: subprocess.Popen[bytes], stop: threading.Event, order: bytes = b""
) -> bytes | None:
    """Tell a process its order, wait for its end and return what it printed.

    When `stop` is set it is killed instead, and the answer is `None`.
    """
    while not stop.is_set():
        try:
            return process.communicate(order, timeout=_GLANCE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            order = b""  # what is left of it is kept by the process
    end(process)
    return None


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, if it still runs, and leave nothing of it behind."""
    process.kill()
    process.communicate()
