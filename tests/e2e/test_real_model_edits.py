"""The real local model edits a file.

SmolLM2's template knows no tools, but llama.cpp holds it to a JSON schema by grammar.
So `Calling` stands between: it asks the model for the arguments of the one tool, and
tells them in the words of OpenAI's wire.
"""

import json
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from abstractllm import Session, create_llm
from abstractllm.providers.local_model import LocalModel, find_model
from abstractllm.session.checkpoints import Restored
from abstractllm.tools.approval import ApprovalRequest, Decision, Verdict
from abstractllm.tools.edits import EditTools
from abstractllm.tools.seen import Seen
from abstractllm.workspace.disk import DiskWorkspace

ARGUMENTS = {
    "type": "object",
    "properties": {
        "path": {"const": "hello.py"},
        "content": {"type": "string", "minLength": 5, "maxLength": 60},
    },
    "required": ["path", "content"],
}
"""What `write_file` takes, so narrow that a model of 135 million parameters hits it."""


class Calling(BaseHTTPRequestHandler):
    """Answers a request with a tool call, and one with its result with text."""

    model: tuple[str, str]
    """The local model's address and key."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        called = any(message["role"] == "tool" for message in body["messages"])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        delta: dict[str, Any] = {"content": "It is written."}
        if not called:
            arguments = self._constrained(body["messages"])
            function = {"name": "write_file", "arguments": arguments}
            call = {"index": 0, "id": "c1", "type": "function", "function": function}
            delta = {"tool_calls": [call]}
        reason = "stop" if called else "tool_calls"
        for choice in (
            {"index": 0, "delta": {"role": "assistant", **delta}},
            {"index": 0, "delta": {}, "finish_reason": reason},
        ):
            chunk = {"object": "chat.completion.chunk", "id": "1", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def _constrained(self, messages: list[dict[str, Any]]) -> str:
        schema = {"name": "call", "schema": ARGUMENTS, "strict": True}
        address, key = self.model
        answer = httpx.post(
            f"{address}/chat/completions",
            json={
                "messages": messages,
                "temperature": 0,
                "max_tokens": 200,
                "response_format": {"type": "json_schema", "json_schema": schema},
            },
            headers={"Authorization": f"Bearer {key}"},
            timeout=120,
        )
        return str(answer.json()["choices"][0]["message"]["content"])

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
async def address() -> AsyncIterator[str]:
    path = find_model(None)
    assert path is not None
    model = LocalModel(path)
    endpoint = await model.start()
    Calling.model = endpoint.base_url, endpoint.api_key
    server = ThreadingHTTPServer(("127.0.0.1", 0), Calling)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    model.stop()


class Yes:
    """Approves everything, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ApprovalRequest] = []

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        return Decision(verdict=Verdict.ONCE)


async def test_the_real_model_writes_a_file_and_it_is_taken_back(
    address: str, tmp_path: Path
) -> None:
    file = tmp_path / "hello.py"
    file.write_text("print('hi')\n")
    workspace = DiskWorkspace([tmp_path])
    seen = Seen()
    seen.note(await workspace.read("hello.py"))
    user = Yes()
    session = Session(
        provider=create_llm("openai", base_url=address, api_key="x", model="smollm2"),
        tools=EditTools(workspace, seen).definitions,
    )

    answer = await session.generate_with_tools_async(
        "Write a Python program that prints Hello, world!", approver=user
    )

    (asked,) = user.asked
    assert asked.title == "Write hello.py"
    assert file.read_text() == f"{asked.call.arguments['content'].rstrip()}\n"
    assert file.read_text() != "print('hi')\n"
    assert answer.content == "It is written."
    restored = await session.revert_edits_async(answer.id, workspace.apply)
    assert restored == Restored(done=(file.as_uri(),), refused=())
    assert file.read_text() == "print('hi')\n"
