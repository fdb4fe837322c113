"""Fifty sessions that stream at once: how soon a token is out, how soon a list.

The model's server runs in a process of its own, and each of its tokens is the
`monotonic_ns` at which it was sent.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic_ns
from typing import Any

from abstractllm_server import protocol
from tests.bench.rows import Row, median, say

SESSIONS = 50
TOKENS = 200
TOKEN_SECONDS = 0.03
"""Between two tokens of one stream; all together come at 1,667 a second."""

LIST_SECONDS = 0.01
"""Between the answer to one list and the next request."""

Json = dict[str, Any]


@contextmanager
def paced_upstream() -> Iterator[str]:
    """Run a server that sends tokens as fast as a model does, and yield its URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def _serve(ready: Connection) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        for _ in range(TOKENS):
            delta = {"index": 0, "delta": {"content": f"{monotonic_ns()} "}}
            writer.write(_event({"choices": [delta]}))
            await writer.drain()
            await asyncio.sleep(TOKEN_SECONDS)
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        writer.write(_event({"choices": [last]}) + b"data: [DONE]\n\n")
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _event(data: Json) -> bytes:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: %b\n\n" % json.dumps({**chunk, **data}).encode()


class Client:
    """The bare wire of a server, with what it answers and when."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._running = 0
        self.first_tokens: dict[str, float] = {}
        """Milliseconds from the model's server to here, by turn."""
        self.all_ended = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def ask(self, method: str, **params: Any) -> Json:
        """Send a request and return its result."""
        number = len(self._answers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        body = json.dumps(message).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        response = await self._answers[number]
        result: Json = response["result"]
        return result

    async def begin_turn(self, provider: str = "openai") -> None:
        """Make a session and prompt it."""
        session = await self.ask(protocol.SESSION_NEW, provider=provider)
        self._running += 1
        await self.ask(protocol.SESSION_GENERATE, sessionId=session["id"], prompt="Hi")

    async def _read(self) -> None:
        while header := await self._stdout.readline():
            while line := (await self._stdout.readline()).strip():
                header = header if b"ength" in header else line
            length = int(header.split(b":")[1])
            self._take(json.loads(await self._stdout.readexactly(length)))

    def _take(self, message: Json) -> None:
        if "method" not in message:
            self._answers[message["id"]].set_result(message)
        elif message["method"] == protocol.SESSION_UPDATE:
            self._take_update(message["params"]["turnId"], message["params"]["update"])

    def _take_update(self, turn_id: str, update: Json) -> None:
        if update["kind"] == "textDelta" and turn_id not in self.first_tokens:
            sent = int(update["text"].split()[0])
            self.first_tokens[turn_id] = (monotonic_ns() - sent) / 1e6
        elif update["kind"] == "turnEnded":
            assert update["stopReason"] == "endTurn", update
            self._running -= 1
            if not self._running:
                self.all_ended.set()


@asynccontextmanager
async def client(folder: Path, url: str) -> AsyncIterator[Client]:
    """Start a server whose model is at `url`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "abstractllm_server",
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    running = Client(process)
    openai = {"apiKey": "none", "baseUrl": url, "model": "model-1"}
    await running.ask(
        "initialize",
        processId=None,
        rootUri=folder.as_uri(),
        capabilities={},
        initializationOptions={"providers": {"openai": openai}},
    )
    try:
        yield running
    finally:
        process.kill()
        await process.wait()


async def list_times(running: Client, count: int) -> list[float]:
    """Return the milliseconds that each of some lists took, one after the other."""
    times = []
    for _ in range(count):
        began = monotonic_ns()
        await running.ask(protocol.SESSION_LIST)
        times.append((monotonic_ns() - began) / 1e6)
        await asyncio.sleep(LIST_SECONDS)
    return times


async def measure(folder: Path, url: str) -> tuple[list[float], list[float]]:
    """Return the milliseconds of first tokens, and of lists while all stream."""
    async with client(folder, url) as running:
        await running.begin_turn()  # loads the SDK
        await running.all_ended.wait()
        running.all_ended.clear()
        running.first_tokens.clear()
        for _ in range(SESSIONS):
            await running.begin_turn()
        lists = []
        while not running.all_ended.is_set():
            lists += await list_times(running, 1)
        return list(running.first_tokens.values()), lists


def rows() -> list[Row]:
    """Measure one server under load."""
    with tempfile.TemporaryDirectory() as folder, paced_upstream() as url:
        firsts, lists = asyncio.run(measure(Path(folder), url))
    return [
        Row(
            what=f"{SESSIONS} sessions streaming: first token in to first token out",
            unit="ms",
            ours=median(firsts),
            budget=5,
        ),
        Row(
            what=f"{SESSIONS} sessions streaming: `session.list`, p99",
            unit="ms",
            ours=sorted(lists)[len(lists) * 99 // 100],
            budget=50,
        ),
    ]


if __name__ == "__main__":
    say(rows())
