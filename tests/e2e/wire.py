"""A client that can say what no proper client would: bytes, to a real server."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

from abstractllm_server.protocol import SESSION_UPDATE, command_of
from tests.e2e.editor import SECONDS, SERVER

Json = dict[str, Any]


class Wire:
    """A server process and its wire; `None` among the messages is the end."""

    def __init__(self, env: Mapping[str, str], *, keys_fd: int | None = None) -> None:
        """Start a server; it reads keys from the descriptor, if there is one."""
        arguments = [] if keys_fd is None else ["--keys-fd", str(keys_fd)]
        self.process = subprocess.Popen(
            [*SERVER, *arguments],
            pass_fds=[] if keys_fd is None else [keys_fd],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(env),
        )
        self.told: list[Json] = []
        self._messages: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._id = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self._reader.join()
        with contextlib.suppress(BrokenPipeError), self.process:
            pass  # which closes the pipes, and waits

    def send_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send_body(self, body: bytes) -> None:
        """Write a framed body."""
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Any) -> None:
        """Write anything as framed JSON."""
        self.send_body(json.dumps(message).encode())

    def request(self, method: str, params: Any = None) -> Json:
        """Send a request and return its response."""
        self._id += 1
        message = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        self.send(message)
        return self.response(self._id)

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def run(self, method: str, *arguments: Any) -> Json:
        """Run a command and return the response."""
        params = {"command": command_of(method), "arguments": list(arguments)}
        return self.request("workspace/executeCommand", params)

    def response(self, request_id: Any) -> Json:
        """Return the response to a request; what comes before goes to `told`."""
        while True:
            message = self.read()
            assert message is not None, "the server ended"
            if "method" not in message and message["id"] == request_id:
                return message
            self.told.append(message)

    def update(self, kind: str) -> Json:
        """Return the next update of a kind."""
        while True:
            message = self.read()
            assert message is not None, "the server ended"
            if message.get("method") == SESSION_UPDATE:
                update = cast(Json, message["params"]["update"])
                if update["kind"] == kind:
                    return update

    def read(self) -> Json | None:
        """Return the next message."""
        return self._messages.get(timeout=SECONDS)

    def initialize(self, workspace: Path, **more: Any) -> Json:
        """Open a workspace."""
        params = {
            "processId": None,
            "rootUri": workspace.as_uri(),
            "capabilities": {},
            **more,
        }
        response = self.request("initialize", params)
        self.notify("initialized", {})
        return response

    def close_stdin(self) -> None:
        """Close our side, as an editor that is gone."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def exit_code(self) -> int:
        """Wait for the end of the process."""
        return self.process.wait(SECONDS)

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while header := stdout.readline():
            name, _, value = header.partition(b":")
            if name == b"Content-Length":
                length = int(value)
            elif header == b"\r\n":
                self._messages.put(json.loads(stdout.read(length)))
        self._messages.put(None)
