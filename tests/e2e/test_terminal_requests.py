"""What the terminal client asks of the server, and what it is asked."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from abstractllm_terminal.connection import Connection, Question
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.language_server import language_server
from tests.e2e.editor import SECONDS
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
async def test_the_server_is_told_what_the_terminal_can_do(
    workspace: Path, sent: list[tuple[str, Any]]
) -> None:
    async with language_server(workspace):
        pass

    ((method, params), *_) = sent
    assert method == "initialize"
    capabilities = {"panel": True, "approvals": True}
    assert params["initializationOptions"] == {"capabilities": capabilities}
    assert params["capabilities"] == {}


class FakeServer:
    """The server's end of a connection, and the questions that the other end took."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.questions: asyncio.Queue[Question] = asyncio.Queue()
        self._reader = reader
        self.writer = writer

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def read(self) -> Any:
        async with asyncio.timeout(SECONDS):
            length = int((await self._reader.readuntil(b"\r\n\r\n")).split()[1])
            return json.loads(await self._reader.readexactly(length))


@pytest.fixture
async def fake_server() -> AsyncIterator[FakeServer]:
    """Return a server that the terminal's connection leads to; it may `ask`."""
    ours, theirs = socket.socketpair()
    server = FakeServer(*await asyncio.open_connection(sock=theirs))
    reader, writer = await asyncio.open_connection(sock=ours)
    connection = Connection(
        reader,
        writer,
        on_notification=lambda *_: None,
        on_question={"ask": server.questions.put_nowait},
        on_end=lambda: None,
    )
    yield server
    await connection.close()
    for end in (writer, server.writer):
        end.close()
        await end.wait_closed()


async def test_a_question_is_answered_by_its_id(fake_server: FakeServer) -> None:
    fake_server.send(id="a", method="ask", params={"n": 1})
    fake_server.send(id=2, method="ask", params={"n": 2})
    one, two = [await fake_server.questions.get() for _ in range(2)]
    two.answer.set_result({"for": two.params["n"]})
    one.answer.set_result({"for": one.params["n"]})

    assert [await fake_server.read(), await fake_server.read()] == [
        {"jsonrpc": "2.0", "id": 2, "result": {"for": 2}},
        {"jsonrpc": "2.0", "id": "a", "result": {"for": 1}},
    ]


async def test_a_question_that_is_taken_back_is_asked_no_more(
    fake_server: FakeServer,
) -> None:
    fake_server.send(id="a", method="ask")
    question = await fake_server.questions.get()
    fake_server.send(method="$/cancelRequest", params={"id": "another"})
    fake_server.send(method="$/cancelRequest", params={"id": "a"})

    assert (await fake_server.read())["error"]["code"] == -32800
    assert question.answer.cancelled()


async def test_what_cannot_be_asked_is_refused(fake_server: FakeServer) -> None:
    fake_server.send(id=7, method="workspace/applyEdit", params={})

    refusal = await fake_server.read()
    assert (refusal["id"], refusal["error"]["code"]) == (7, -32601)


async def test_the_end_of_the_server_takes_its_questions_back(
    fake_server: FakeServer,
) -> None:
    fake_server.send(id="a", method="ask")
    question = await fake_server.questions.get()
    fake_server.writer.close()

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(SECONDS):
            await question.answer
