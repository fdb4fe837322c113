"""The server: takes requests, keeps them, and plays the next script."""

import json
import select
import threading
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from tests.vendors.anthropic import AnthropicWire
from tests.vendors.ollama import OllamaWire, shown
from tests.vendors.openai import OpenAIWire
from tests.vendors.scripts import (
    Broken,
    Cut,
    Failure,
    Held,
    Malformed,
    Model,
    Reply,
    Script,
    Stall,
    Streamed,
)
from tests.vendors.wires import Wire, compact

KEY = "4f1c0a9be27d4b63"
"""The key in `VendorServer.config`."""

_MODELS = [Model(id="model-1", context_window=32768)]
_HEARTBEAT_SECONDS = 0.01
_PATHS = {"openai": "/v1", "huggingface": "/v1", "anthropic": "", "ollama": ""}


@attrs.frozen(kw_only=True)
class Received:
    """A request; header names are in small letters."""

    path: str
    headers: Mapping[str, str]
    body: Any


class VendorServer:
    """Every vendor at one port; see the package for how to use it."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self.models = list(_MODELS)
        self.scripts: deque[Script] = deque()
        self.closing = threading.Event()
        self._disconnects = threading.Semaphore(0)
        self._arrivals = threading.Semaphore(0)
        self._http = _HTTPServer(("127.0.0.1", 0), _Handler)
        self._http.vendors = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The server's address, without a path."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def config(self, provider: str, **more: Any) -> dict[str, Any]:
        """Return a configuration with which a provider talks to this server."""
        return {"base_url": self.url + _PATHS[provider], "api_key": KEY, **more}

    def will(self, *scripts: Script) -> None:
        """Play these next, one for each request."""
        self.scripts.extend(scripts)

    def wait_for_request(self, timeout: float = 10) -> bool:
        """Wait for the next request that nobody has waited for yet."""
        return self._arrivals.acquire(timeout=timeout)

    def wait_for_disconnect(self, timeout: float = 10) -> bool:
        """Wait until a client has left in mid-stream."""
        return self._disconnects.acquire(timeout=timeout)

    def forget(self) -> None:
        """Forget what it was asked, told to do and left by."""
        self.models = list(_MODELS)
        self.scripts.clear()
        self.requests.clear()
        while self.wait_for_request(timeout=0) or self.wait_for_disconnect(timeout=0):
            pass

    def start(self) -> "VendorServer":
        """Begin to serve."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End all streams and stop."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def received(self, request: Received) -> None:
        """Keep a request."""
        self.requests.append(request)
        self._arrivals.release()

    def disconnected(self) -> None:
        """Remember that a client has left."""
        self._disconnects.release()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # five would turn a crowd away
    vendors: VendorServer


class _Left(Exception):
    """The client has left, or the server closes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HTTPServer

    def setup(self) -> None:
        super().setup()
        self.server.vendors.connections += 1

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._receive()
        vendors, wire = self.server.vendors, self._wire()
        if vendors.scripts and isinstance(vendors.scripts[0], Failure):
            self._play(vendors.scripts.popleft(), wire, "")
        else:
            self._answer(200, wire.models(vendors.models))

    def do_POST(self) -> None:
        body = self._receive()
        vendors = self.server.vendors
        if self.path == "/api/show":
            models = {model.id: model for model in vendors.models}
            self._answer(200, shown(models[body["model"]]))
            return
        script = vendors.scripts.popleft() if vendors.scripts else _echo(body)
        try:
            self._play(script, self._wire(), body["model"])
        except (_Left, ConnectionError):
            self.close_connection = True
            vendors.disconnected()

    def _receive(self) -> Any:
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(path=self.path, headers=headers, body=body)
        self.server.vendors.received(received)
        return body

    def _wire(self) -> Wire:
        if self.path.startswith("/api/"):
            return OllamaWire()
        return AnthropicWire() if "anthropic-version" in self.headers else OpenAIWire()

    def _play(self, script: Script, wire: Wire, model: str) -> None:
        if isinstance(script, Failure):
            self._answer(script.status, wire.error(script), script.headers)
            return
        self._begin_stream(wire)
        if isinstance(script, Reply):
            frames = wire.frames(script, model)
            self._send(frames.opening, *frames.deltas, frames.closing)
        elif not self._play_middle(script, wire, model):
            return
        self.wfile.write(b"0\r\n\r\n")

    def _play_middle(self, script: Streamed, wire: Wire, model: str) -> bool:
        """Play a stream that is disturbed; return whether it ends in good order."""
        frames = wire.frames(script.reply, model)
        self._send(frames.opening, *frames.deltas[: script.after])
        match script:
            case Held(gate=gate):
                while not gate.wait(_HEARTBEAT_SECONDS):
                    self._check_client()
                self._send(*frames.deltas[script.after :], frames.closing)
            case Malformed():
                self._send(wire.malformed)
            case Broken(failure=failure):
                self._send(wire.error_event(failure))
            case Cut(cleanly=cleanly):
                self.close_connection = True
                return cleanly
            case Stall():
                self._beat(wire)
        return True

    def _beat(self, wire: Wire) -> None:
        """Send heartbeats until the client leaves."""
        while not self.server.vendors.closing.wait(_HEARTBEAT_SECONDS):
            self._check_client()
            self._send(*wire.heartbeats)

    def _check_client(self) -> None:
        # A client is silent while it is answered: all there can be to read is its end.
        if select.select([self.connection], [], [], 0)[0]:
            raise _Left
        if self.server.vendors.closing.is_set():
            raise _Left

    def _begin_stream(self, wire: Wire) -> None:
        self.send_response(200)
        self.send_header("content-type", wire.content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _send(self, *pieces: bytes) -> None:
        for piece in filter(None, pieces):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def _answer(
        self,
        status: int,
        body: dict[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content = compact(body)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _echo(body: dict[str, Any]) -> Reply:
    """Return the reply to a request for which there is no script."""
    content = [m["content"] for m in body["messages"] if m["role"] == "user"][-1]
    if not isinstance(content, str):
        content = "".join(block.get("text", "") for block in content)
    return Reply(text=["You said: ", content])
