"""Listening to what VS Code says to its language servers."""

import re
import shlex
from pathlib import Path


class Wiretap:
    """A server that keeps what it is told; `server` is the path to start it by."""

    def __init__(self, folder: Path, server: Path) -> None:
        self._heard = folder / "heard"
        self._heard.touch()
        self.server = folder / "abstractllm-ls"
        self._pids = folder / "pids"
        heard, pids, real = (
            shlex.quote(str(path)) for path in (self._heard, self._pids, server)
        )
        self.server.write_text(
            f"#!/bin/bash\necho $$ >> {pids}\n"
            f'exec {real} "$@" < <(exec tee -a {heard})\n'
        )
        self.server.chmod(0o755)

    @property
    def heard(self) -> bytes:
        """All that was said, as it was on the wire."""
        return self._heard.read_bytes()

    def asked(self) -> list[str]:
        """Return the methods of ours that were called, in order."""
        found = re.findall(rb'"method":\s*"abstractllm/([^"]+)"', self.heard)
        return [name.decode() for name in found]

    def pids(self) -> list[int]:
        """Return the process ids of the servers that were started, in order."""
        return [int(line) for line in self._pids.read_text().split()]
