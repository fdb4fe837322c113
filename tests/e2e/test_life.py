"""The server's life: it ends when it should, with all its children, and loses nothing.

Each way to end it is tried in the middle of a turn.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import SERVER
from tests.e2e.wire import Wire
from tests.vendors import Held, VendorServer


@pytest.fixture
def wire(workspace: Path, env: dict[str, str], vendors: VendorServer) -> Iterator[Wire]:
    """Return a server in the middle of a turn: "One two " was said."""
    vendors.will(Held(gate=threading.Event(), after=2))
    with Wire(env) as wire:
        wire.initialize(workspace)
        session = wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        prompt = {"sessionId": session["id"], "prompt": "Count"}
        wire.run(protocol.SESSION_GENERATE, prompt)
        said = ""
        while said != "One two ":
            said += wire.update("textDelta")["text"]
        yield wire


def kept(workspace: Path) -> list[tuple[str, str]]:
    """Return the messages in the store, as (role, status)."""
    with closing(sqlite3.connect(workspace / ".abstractllm/sessions.db")) as database:
        rows = database.execute("SELECT role, status FROM messages ORDER BY rowid")
        return [(role, status) for role, status in rows]


def shut_down(wire: Wire) -> int:
    wire.request("shutdown")
    wire.notify("exit")
    return 0


def close_stdin(wire: Wire) -> int:
    wire.close_stdin()
    return 1


def terminate(wire: Wire) -> int:
    wire.process.terminate()
    return 1


def exit_at_once(wire: Wire) -> int:
    wire.notify("exit")
    return 1


@pytest.mark.parametrize("end", [shut_down, close_stdin, terminate, exit_at_once])
def test_the_server_ends_and_keeps_the_partial_reply(
    wire: Wire,
    workspace: Path,
    vendors: VendorServer,
    end: Callable[[Wire], int],
) -> None:
    expected_code = end(wire)

    assert wire.exit_code() == expected_code
    assert vendors.wait_for_disconnect()
    assert kept(workspace) == [("user", "complete"), ("assistant", "interrupted")]


def test_a_killed_server_loses_no_finished_message(wire: Wire, workspace: Path) -> None:
    wire.process.send_signal(signal.SIGKILL)
    wire.exit_code()

    assert kept(workspace)[0] == ("user", "complete")


def test_the_server_ends_when_its_parent_is_gone(
    workspace: Path, env: dict[str, str]
) -> None:
    # A parent that hands its own stdin and stdout on: they stay open when it dies.
    parent = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=env
    )
    with Wire(env) as wire:
        wire.initialize(workspace, processId=parent.pid)
        parent.kill()
        parent.communicate()

        assert wire.exit_code() == 1


def test_the_store_is_private_and_ignored_by_git(wire: Wire, workspace: Path) -> None:
    folder = workspace / ".abstractllm"

    assert (folder / ".gitignore").read_text().strip() == "*"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "sessions.db").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_before_the_first_session(
    workspace: Path, env: dict[str, str]
) -> None:
    with Wire(env) as wire:
        wire.initialize(workspace)
        wire.run(protocol.PROVIDERS_LIST)
        wire.run(protocol.SESSION_LIST)

        assert list(workspace.iterdir()) == []


def test_stdout_holds_nothing_but_messages(env: dict[str, str]) -> None:
    server = subprocess.run(
        SERVER, input=b"", env=env, capture_output=True, check=False
    )

    assert server.stdout == b""


def test_without_a_folder_sessions_are_kept_with_the_user(env: dict[str, str]) -> None:
    with Wire(env) as wire:
        wire.request("initialize", {"processId": os.getpid(), "capabilities": {}})
        wire.run(protocol.SESSION_NEW)

    assert Path(env["XDG_DATA_HOME"], "abstractllm/sessions.db").exists()


@pytest.mark.parametrize(
    ("argument", "says"), [("--version", "0.1"), ("--help", "LSP")]
)
def test_the_command_tells_about_itself(argument: str, says: str) -> None:
    told = subprocess.run(
        [*SERVER, argument], capture_output=True, text=True, check=True
    )

    assert says in told.stdout
