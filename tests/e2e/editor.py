"""An editor for tests: pytest-lsp's client at a real server process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import (
    ClientServerConfig,
    LanguageClient,
    LanguageClientProtocol,
    client_capabilities,
)

from abstractllm_server.jsonrpc import plain_converter
from abstractllm_server.protocol import SESSION_UPDATE, SESSIONS_CHANGED, command_of
from tests.vendors import VendorServer
from tests.vendors.server import KEY

SERVER = [sys.executable, "-m", "abstractllm_server"]

SECONDS = 30
"""How long a test waits for something that should come."""

Json = dict[str, Any]


def environment(home: Path, vendors: VendorServer | None = None) -> dict[str, str]:
    """Return a server's environment: a home of its own, and keys for the vendors."""
    own = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    if vendors is not None:
        own |= {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": f"{vendors.url}/v1",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": vendors.url,
            "OLLAMA_HOST": vendors.url,
        }
    return own


class Refused(Exception):
    """An error response: its code, message and kind."""

    def __init__(self, error: JsonRpcException) -> None:
        super().__init__(error.message)
        self.code = error.code
        self.message = error.message
        self.kind = (error.data or {}).get("kind")


class Editor:
    """A client of one server, with what the server told it."""

    def __init__(self, client: LanguageClient, workspace: Path) -> None:
        self.client = client
        self.workspace = workspace
        self.position_encoding = "utf-16"
        self.changed: list[Json] = []
        self._updates: asyncio.Queue[Json] = asyncio.Queue()

        def on_update(params: Any) -> None:
            self._updates.put_nowait(params)

        def on_changed(params: Any) -> None:
            self.changed.append(params)

        client.feature(SESSION_UPDATE)(on_update)
        client.feature(SESSIONS_CHANGED)(on_changed)

    @classmethod
    async def start(
        cls,
        workspace: Path,
        env: Mapping[str, str],
        *,
        capabilities: str | types.ClientCapabilities = "neovim",
        options: Json | None = None,
    ) -> Editor:
        """Start a server on a workspace, as the editor of these capabilities."""
        if isinstance(capabilities, str):
            capabilities = client_capabilities(capabilities)
        config = ClientServerConfig(
            server_command=SERVER, client_factory=_client, server_env=dict(env)
        )
        client = await config.start()
        assert isinstance(client, LanguageClient)
        editor = cls(client, workspace)
        result = await client.initialize_session(
            types.InitializeParams(
                process_id=os.getpid(),
                capabilities=capabilities,
                workspace_folders=[
                    types.WorkspaceFolder(uri=workspace.as_uri(), name="workspace")
                ],
                initialization_options=options,
            )
        )
        if encoding := result.capabilities.position_encoding:
            editor.position_encoding = str(getattr(encoding, "value", encoding))
        return editor

    async def stop(self) -> None:
        """Shut the server down as an editor does."""
        await self.client.shutdown_session()
        await self.client.stop()

    def forget(self) -> None:
        """Forget what the server told so far."""
        self.changed.clear()
        while not self._updates.empty():
            self._updates.get_nowait()

    async def ask(self, method: str, **params: Any) -> Json:
        """Send a method as a request; raises `Refused`."""
        return await self._answer(
            self.client.protocol.send_request_async(method, params)
        )

    async def run(self, method: str, **params: Any) -> Json:
        """Run a method as a workspace command; raises `Refused`."""
        command = types.ExecuteCommandParams(
            command=command_of(method), arguments=[params]
        )
        return await self._answer(self.client.workspace_execute_command_async(command))

    def notify(self, method: str, **params: Any) -> None:
        """Send a method as a notification."""
        self.client.protocol.notify(method, params)

    async def update(self, kind: str | None = None) -> Json:
        """Return the next update, or the next one of a kind."""
        async with asyncio.timeout(SECONDS):
            while True:
                params = await self._updates.get()
                if kind in (None, params["update"]["kind"]):
                    return params

    async def turn(self) -> list[Json]:
        """Return the updates of a turn, up to its end."""
        updates: list[Json] = []
        while not updates or updates[-1]["update"]["kind"] != "turnEnded":
            updates.append(await self.update())
        return updates

    async def _answer(self, request: Any) -> Json:
        try:
            async with asyncio.timeout(SECONDS):
                answer = await request
        except JsonRpcException as error:
            raise Refused(error) from None
        assert isinstance(answer, dict)
        return answer


def text_of(updates: list[Json]) -> str:
    """Return the text that the deltas of a turn add up to."""
    return "".join(
        params["update"]["text"]
        for params in updates
        if params["update"]["kind"] == "textDelta"
    )


def _client() -> LanguageClient:
    return LanguageClient(
        protocol_cls=LanguageClientProtocol, converter_factory=plain_converter
    )
