"""What the terminal client asks of the server."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from abstractllm_terminal.connection import Connection
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.language_server import language_server
from tests.vendors import Call, Reply, VendorServer


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return the requests, as methods and params; they are noted as they are sent."""
    sent: list[tuple[str, Any]] = []
    request = Connection.request

    async def noted(self: Connection, method: str, params: Any = None) -> Any:
        sent.append((method, params))
        return await request(self, method, params)

    monkeypatch.setattr(Connection, "request", noted)
    return sent


async def never_asked(question: str) -> str:
    raise AssertionError(question)


@pytest.mark.usefixtures("users_environment")
async def test_a_turn_asks_for_the_answer_and_for_nothing_else(
    workspace: Path, vendors: VendorServer, sent: list[tuple[str, Any]]
) -> None:
    call = Call(name="list_files")
    vendors.will(Reply(text=["Let me see."], tool_calls=[call]), Reply(text=["Done."]))
    console = Console(file=io.StringIO())
    async with language_server(workspace) as server:
        current = CurrentSession(server=server)
        interaction = Interaction(console=console, current=current, ask=never_asked)
        session_id = await current.id()
        sent.clear()
        await interaction.answer("Look around")
        interaction.show_messages()

        generate = {"sessionId": session_id, "prompt": "Look around"}
        assert sent == [("abstractllm/session/generate", generate)]


@pytest.mark.usefixtures("users_environment")
async def test_the_server_is_told_that_turns_are_shown(
    workspace: Path, sent: list[tuple[str, Any]]
) -> None:
    async with language_server(workspace):
        pass

    ((method, params), *_) = sent
    assert method == "initialize"
    assert params["initializationOptions"] == {"capabilities": {"panel": True}}
