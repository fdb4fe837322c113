"""git, asked what it knows, and kept from running what a repository names.

The configuration of a repository comes with it, and may name programs: for a file
system monitor, for hooks, for filters of content, for diffs, for transports. None of
them may run because somebody asks what has changed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from abstractllm.environment import child_environment
from abstractllm.errors import InvalidParameter
from abstractllm.workspace.children import output_of, start

_QUIET = (
    "--no-pager",
    *("-c", "core.fsmonitor="),  # empty: older ones would run a program named `false`
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # of a blob that is not here, by a program to fetch with
    "GIT_ALLOW_PROTOCOL": "none",  # the same, for a git that does not know that one
}

_NONE_FOUND = 1


class Git:
    """git in one folder of the workspace."""

    def __init__(self, program: str, folder: Path, stop: threading.Event) -> None:
        """Ask until `stop` is set; raises `InvalidParameter`, as `ask` does."""
        self._folder = folder
        self._stop = stop
        self._command = [program, *_QUIET]
        self._command += list(self._without_filters())

    def ask(self, *arguments: str, order: bytes = b"") -> bytes | None:
        """Return what git says, `None` where it cannot say it.

        Raises `InvalidParameter` where it cannot be asked, or takes too long.
        """
        code, output = self._run(arguments, order)
        return output if code == 0 else None

    def names(self, *arguments: str) -> list[str]:
        """Return the names that git says, each of which ends with a NUL byte."""
        answer = self.ask(*arguments) or b""
        return [os.fsdecode(name) for name in answer.split(b"\0") if name]

    def _run(self, arguments: Sequence[str], order: bytes) -> tuple[int, bytes]:
        try:
            with start(
                [*self._command, *arguments], self._folder, _environment()
            ) as process:
                output = output_of(process, self._stop, order)
        except OSError:
            raise InvalidParameter("git cannot be run.") from None
        if output is None:
            raise InvalidParameter("git takes too long to tell the changes.")
        return process.returncode, output

    def _without_filters(self) -> Iterator[str]:
        """Yield options that take their programs from all filters there are.

        A file is put through its filter to see whether it changed.
        """
        code, output = self._run(
            ("config", "--name-only", "-z", "--get-regexp", r"^filter\."), b""
        )
        if code not in (0, _NONE_FOUND):
            raise InvalidParameter("git cannot read its configuration here.")
        names = (os.fsdecode(name) for name in output.split(b"\0") if name)
        for section in dict.fromkeys(name.rpartition(".")[0] for name in names):
            if "=" in section:
                raise InvalidParameter(
                    "git's configuration here has a filter with `=` in its name, which "
                    "could not be kept from running."
                )
            for setting in ("clean=", "smudge=", "process=", "required=false"):
                yield from ("-c", f"{section}.{setting}")


def _environment() -> dict[str, str]:
    """Return the environment of git: that of children, but with nothing said to git.

    Who was started by a hook of git's is told there of another repository.
    """
    inherited = child_environment().items()
    kept = {name: value for name, value in inherited if not name.startswith("GIT_")}
    return {**kept, **_ENVIRONMENT}
