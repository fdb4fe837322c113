"""A model's server in a process of its own, as fast as a socket can be written.

It keeps nothing but the moment at which each request had arrived whole.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from time import monotonic_ns

import attrs

from tests.vendors.anthropic import AnthropicWire
from tests.vendors.ollama import OllamaWire
from tests.vendors.openai import OpenAIWire
from tests.vendors.scripts import Reply
from tests.vendors.wires import Wire

WIRES: dict[bytes, Wire] = {
    b"/v1/chat/completions": OpenAIWire(),
    b"/v1/messages": AnthropicWire(),
    b"/api/chat": OllamaWire(),
}


@attrs.frozen
class Upstream:
    """Where the server is, and when it was asked."""

    url: str
    _arrivals: Connection

    def config(self, provider: str) -> dict[str, str]:
        """Return the configuration of a provider that asks this server."""
        path = "/v1" if provider == "openai" else ""
        return {"base_url": self.url + path, "api_key": "none", "model": "model-1"}

    def arrival(self) -> int:
        """Return the `monotonic_ns` of the next request that nobody asked about."""
        arrived: int = self._arrivals.recv()
        return arrived


@contextmanager
def upstream(tokens: int) -> Iterator[Upstream]:
    """Run a server that answers every prompt with so many tokens, at full speed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, tokens), daemon=True)
    process.start()
    try:
        yield Upstream(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        process.terminate()
        process.join()


def _serve(arrivals: Connection, tokens: int) -> None:
    answers = {path: _answer(wire, tokens) for path, wire in WIRES.items()}

    async def serve() -> None:
        async def handle(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            try:
                while path := await _request(reader):
                    arrivals.send(monotonic_ns())
                    writer.write(answers[path])
                    await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # the client is done
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 20)
        arrivals.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Read a request to its end; return its path, nothing if there is none."""
    line = await reader.readline()
    length = 0
    while (header := await reader.readline()).strip():
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return line.split()[1] if line else b""


def _answer(wire: Wire, tokens: int) -> bytes:
    """Return a whole response, each token in a chunk of its own."""
    frames = wire.frames(Reply(text=["token "] * tokens), "model-1")
    head = (
        "HTTP/1.1 200 OK\r\n"
        f"content-type: {wire.content_type}\r\n"
        "transfer-encoding: chunked\r\n\r\n"
    )
    pieces = [
        piece for piece in (frames.opening, *frames.deltas, frames.closing) if piece
    ]
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    return b"".join([head.encode(), *chunks, b"0\r\n\r\n"])
