"""Keys by a pipe of their own: providers are asked with what an editor writes there."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from abstractllm_server.keys import COMPLAINT
from tests.e2e.editor import SECONDS, SERVER, environment
from tests.e2e.wire import Wire
from tests.vendors import VendorServer


class KeyedWire(Wire):
    """A server of a user without keys, and the pipe to send it some."""

    def __init__(self, env: dict[str, str]) -> None:
        reading, self._writing = os.pipe()
        super().__init__(env, keys_fd=reading)
        os.close(reading)

    def __exit__(self, *_: object) -> None:
        os.close(self._writing)
        super().__exit__()

    def write_line(self, line: Any) -> None:
        """Write a line to the pipe."""
        os.write(self._writing, json.dumps(line).encode() + b"\n")

    def ready(self) -> set[str]:
        """Return which of the vendors' providers have a key."""
        providers = self.run(protocol.PROVIDERS_LIST)["result"]["providers"]
        ready = {provider["name"] for provider in providers if provider["ready"]}
        return ready & {"openai", "anthropic"}


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[KeyedWire]:
    with KeyedWire(environment(tmp_path / "home")) as wire:
        yield wire


def ask(wire: Wire, vendors: VendorServer) -> str | None:
    """Return the key that a prompt of a new session comes with."""
    session = wire.run(protocol.SESSION_NEW)["result"]
    prompt = {"sessionId": session["id"], "prompt": "Hi"}
    wire.run(protocol.SESSION_GENERATE, prompt)
    assert wire.update("turnEnded")["stopReason"] == "endTurn"
    return vendors.requests[-1].headers["authorization"].removeprefix("Bearer ")


def settings(vendors: VendorServer, **more: str) -> dict[str, Any]:
    openai = {"baseUrl": f"{vendors.url}/v1", **more}
    return {"provider": "openai", "providers": {"openai": openai}}


def test_the_first_prompt_has_its_key(
    wire: KeyedWire, workspace: Path, vendors: VendorServer
) -> None:
    wire.write_line({"openai": "sk-by-pipe"})
    wire.initialize(workspace, initializationOptions=settings(vendors))

    assert ask(wire, vendors) == "sk-by-pipe"
    assert "sk-by-pipe" not in str(wire.told)
    kept = b"".join(path.read_bytes() for path in workspace.rglob("sessions.db*"))
    assert b"sk-by-pipe" not in kept


def test_a_key_by_pipe_goes_over_those_of_the_settings(
    wire: KeyedWire, workspace: Path, vendors: VendorServer
) -> None:
    wire.write_line({"openai": "sk-by-pipe"})
    options = settings(vendors, apiKey="sk-option")
    wire.initialize(workspace, initializationOptions=options)
    changed = {"settings": settings(vendors, apiKey="sk-change")}
    wire.notify("workspace/didChangeConfiguration", changed)

    assert ask(wire, vendors) == "sk-by-pipe"


def test_keys_that_come_later_take_the_place_of_those_before(
    wire: KeyedWire, workspace: Path
) -> None:
    wire.write_line({"openai": "sk-one"})
    wire.initialize(workspace)
    assert wire.ready() == {"openai"}

    wire.write_line({"anthropic": "sk-two"})

    while (ready := wire.ready()) == {"openai"}:
        pass
    assert ready == {"anthropic"}


def test_a_line_that_is_no_keys_is_told_to_the_user(
    wire: KeyedWire, workspace: Path, vendors: VendorServer
) -> None:
    wire.write_line({"openai": "sk-one"})
    wire.initialize(workspace, initializationOptions=settings(vendors))

    wire.write_line("sk-two")

    shown = wire.read()
    assert shown is not None
    assert shown["method"] == "window/showMessage"
    assert shown["params"]["message"] == COMPLAINT
    assert ask(wire, vendors) == "sk-one"


def test_a_descriptor_that_is_not_there_is_told(tmp_path: Path) -> None:
    started = subprocess.run(
        [*SERVER, "--keys-fd", "99"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    assert started.returncode == 1
    assert started.stderr == (
        "abstractllm-ls: there is no file descriptor 99 to read keys from.\n"
    )
