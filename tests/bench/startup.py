"""Start and idle memory of the server, beside a pygls server of ten lines."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from tests.bench.rows import Row, median, say

Json = dict[str, Any]

ROUNDS = 11

IDLE_SECONDS = 0.5
"""How long a server is left alone before its memory is measured."""

OURS = [sys.executable, "-m", "abstractllm_server"]

REFERENCE = [
    sys.executable,
    "-c",
    """
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("reference", "1")


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(params: types.DidOpenTextDocumentParams) -> None:
    pass


server.start_io()
""",
]


def measure(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds to the answer of `initialize`, and the idle megabytes."""
    began = perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        params: Json = {"processId": None, "rootUri": folder.as_uri()}
        params["capabilities"] = {}
        server.stdin.write(framed({"id": 1, "method": "initialize", "params": params}))
        server.stdin.flush()
        assert server.stdout.readline()
        seconds = perf_counter() - began
        server.stdin.write(framed({"method": "initialized", "params": {}}))
        server.stdin.flush()
        sleep(IDLE_SECONDS)
        memory = resident_megabytes(server.pid)
        server.kill()
    return seconds, memory


def framed(message: Json) -> bytes:
    """Return a message as it goes over the wire."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def resident_megabytes(process_id: int) -> float:
    """Return the resident memory of a process (Linux)."""
    status = Path(f"/proc/{process_id}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def rows() -> list[Row]:
    """Measure both servers in turns; the first round only warms the disk's cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = [
            (measure(OURS, folder), measure(REFERENCE, folder))
            for _ in range(ROUNDS + 1)
        ][1:]
    against = "a ten-line pygls server"
    return [
        Row(
            what="process start to `initialize` answered",
            unit="ms",
            ours=median([ours[0] for ours, _ in pairs]) * 1000,
            against=against,
            reference=median([reference[0] for _, reference in pairs]) * 1000,
            budget=1.15,
        ),
        Row(
            what="idle memory",
            unit="MB",
            ours=median([ours[1] for ours, _ in pairs]),
            against=against,
            reference=median([reference[1] for _, reference in pairs]),
            budget=1.3,
        ),
    ]


if __name__ == "__main__":
    say(rows())
