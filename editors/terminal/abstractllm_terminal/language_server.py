"""The language server in a child process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs

from abstractllm_server import protocol
from abstractllm_terminal.connection import Connection, Json, Question
from abstractllm_terminal.errors import ServerGone, TerminalError

# Without -P the server would import modules that lie in the user's folder.
COMMAND = (sys.executable, "-P", "-m", "abstractllm_server")

CAPABILITIES = {"panel": True, "approvals": True}
"""What the server may count on: turns are shown, and calls are decided about."""

CLOSE_SECONDS = 8.0
"""How long the server may take to end; it gives itself 5."""


class LanguageServer:
    """What the terminal asks of the server, and what it is told."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        """Speak with a server's process, about the workspace `folder`."""
        assert process.stdout and process.stdin
        self.folder = folder
        self.messages: list[str] = []
        """What the server wants the user to read; who shows them clears them."""
        self._process = process
        self._told: asyncio.Queue[Json | Question | None] = asyncio.Queue()
        self._connection = Connection(
            process.stdout,
            process.stdin,
            on_notification=self._receive,
            on_question={protocol.TOOL_APPROVE: self._told.put_nowait},
            on_end=lambda: self._told.put_nowait(None),
        )

    async def call(self, method: str, **params: Any) -> Json:
        """Return the answer of one of our methods; arguments of `None` are left out.

        Raises `RequestFailed` and `ServerGone`.
        """
        given = {name: value for name, value in params.items() if value is not None}
        answer: Json = await self._connection.request(method, given)
        return answer

    async def sessions(self) -> list[Json]:
        """Return the `info` of every session, latest change first."""
        found = []
        page: Json = {"nextCursor": None}
        while "sessions" not in page or page["nextCursor"]:
            page = await self.call(protocol.SESSION_LIST, cursor=page["nextCursor"])
            found.extend(page["sessions"])
        return found

    async def updates(
        self, turn_id: str, first_seq: int = 0
    ) -> AsyncGenerator[Json | Question, None]:
        """Yield a turn's updates from a number on, up to its end.

        Among them are the questions about its calls, which the turn waits for. One turn
        can be followed at a time. Raises `ServerGone`.
        """
        while (told := await self._told.get()) is not None:
            if isinstance(told, Question):
                if told.params["turnId"] == turn_id:
                    yield told
                else:  # nobody looks at that turn any more
                    told.answer.cancel()
            elif told["turnId"] == turn_id and told["seq"] >= first_seq:
                yield told["update"]
                if told["update"]["kind"] == "turnEnded":
                    return
        raise ServerGone

    async def initialize(self) -> None:
        """Begin to speak with the server, for a workspace of one folder."""
        workspace = {"uri": self.folder.as_uri(), "name": self.folder.name}
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "abstractllm chat"},
            "rootUri": workspace["uri"],
            "workspaceFolders": [workspace],
            "capabilities": {},
            "initializationOptions": {"capabilities": CAPABILITIES},
        }
        await self._connection.request("initialize", params)
        await self._connection.notify("initialized", {})

    async def close(self) -> None:
        """Have the server keep what it holds and end; end it, should it not."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._connection.request("shutdown")
                await self._connection.notify("exit")
                await self._process.wait()
        except (TimeoutError, TerminalError):
            pass
        finally:
            if self._process.returncode is None:
                _kill(self._process)
                # Else the event loop may end before, and complain with a traceback.
                await self._process.wait()
            await self._connection.close()

    def _receive(self, method: str, params: Json) -> None:
        if method == protocol.SESSION_UPDATE:
            self._told.put_nowait(params)
        elif method == "window/showMessage":
            self.messages.append(params["message"])


@asynccontextmanager
async def language_server(folder: Path) -> AsyncIterator[LanguageServer]:
    """Run a server for the workspace `folder`; raises `ServerGone`, with a sentence."""
    server = LanguageServer(await _start(), folder)
    try:
        await server.initialize()
        yield server
    except ServerGone as error:
        raise ServerGone(
            f"The language server ended unexpectedly. Its log: {_log_path()}"
        ) from error
    finally:
        await server.close()


async def _start() -> asyncio.subprocess.Process:
    log = _open_log()
    try:
        return await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            # Ctrl-C is meant for the terminal client alone.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        raise ServerGone(
            f"The language server cannot be started: {error.strerror}."
        ) from error
    finally:
        os.close(log)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:  # the server leads its session: what it started ends with it
            os.killpg(process.pid, signal.SIGKILL)


def _log_path() -> Path:
    return platformdirs.user_log_path("abstractllm") / "terminal.log"


def _open_log() -> int:
    path = _log_path()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
