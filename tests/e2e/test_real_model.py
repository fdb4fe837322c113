"""The whole way with a real model: SmolLM2 in llama.cpp, reached by three providers."""

import os
import select
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from abstractllm.providers.local_model import LocalModel, find_model
from abstractllm_server import protocol
from tests.e2e.editor import SECONDS, Editor, environment, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRANCE = "What is the capital of France?"
LONG_STORY = "Tell me a very long story about a dragon."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def options() -> AsyncGenerator[dict[str, Any], None]:
    """Return settings by which OpenAI's and Anthropic's SDKs reach the real model."""
    path = find_model(None)
    assert path is not None
    model = LocalModel(path)
    endpoint = await model.start()
    address = endpoint.base_url.removesuffix("/v1")
    greedy = {"temperature": 0, "maxTokens": 300}
    real = {**greedy, "apiKey": endpoint.api_key, "model": "smollm2"}
    yield {
        "fileTools": False,  # so small a model is only confused by them
        "providers": {
            "openai": {**real, "baseUrl": f"{address}/v1"},
            "anthropic": {**real, "baseUrl": address},
            "huggingface": greedy,
        },
    }
    model.stop()


async def answer(editor: Editor, session_id: str, prompt: str) -> str:
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt=prompt)
    updates = await editor.turn()
    ended = updates[-1]["update"]
    assert ended["stopReason"] in ("endTurn", "maxTokens"), ended
    assert ended["usage"]["inputTokens"] > 0
    assert ended["usage"]["outputTokens"] > 0
    return text_of(updates)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("huggingface", "openai"),
        ("openai", "anthropic"),
        ("anthropic", "huggingface"),
    ],
)
async def test_a_chat_with_a_real_model_from_beginning_to_end(
    options: dict[str, Any],
    workspace: Path,
    tmp_path: Path,
    first: str,
    second: str,
) -> None:
    env = environment(tmp_path)
    editor = await Editor.start(workspace, env, options=options)
    session_id = (await editor.run(protocol.SESSION_NEW, provider=first))["id"]

    assert "Paris" in await answer(editor, session_id, FRANCE)

    await editor.run(
        protocol.SESSION_SWITCH_PROVIDER, sessionId=session_id, provider=second
    )
    assert await answer(editor, session_id, "Say it once more.") != ""

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt=LONG_STORY)
    await editor.update("textDelta")
    await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    ended = await editor.update("turnEnded")
    assert ended["update"]["stopReason"] == "cancelled"
    before = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    await editor.stop()

    editor = await Editor.start(workspace, env, options=options)
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert loaded == before
    assert [(m["role"], m["status"], m["provider"]) for m in loaded["messages"]] == [
        ("user", "complete", None),
        ("assistant", "complete", first),
        ("user", "complete", None),
        ("assistant", "complete", second),
        ("user", "complete", None),
        ("assistant", "interrupted", second),
    ]
    assert loaded["messages"][-1]["content"] != ""
    assert await answer(editor, session_id, "Thank you. Good-bye!") != ""
    await editor.stop()


async def test_without_any_key_a_new_session_is_answered_by_the_local_model(
    workspace: Path, tmp_path: Path
) -> None:
    editor = await Editor.start(workspace, environment(tmp_path))
    session = await editor.run(protocol.SESSION_NEW)

    assert (session["provider"], session["model"]) == (
        "huggingface",
        "SmolLM2-135M-Instruct",
    )
    assert "Paris" in await answer(editor, session["id"], FRANCE)
    await editor.stop()


async def test_the_local_models_process_ends_with_the_server(
    workspace: Path, tmp_path: Path
) -> None:
    editor = await Editor.start(workspace, environment(tmp_path))
    session_id = (await editor.run(protocol.SESSION_NEW))["id"]
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt=LONG_STORY)
    await editor.update("textDelta")
    server = editor.client._server
    assert server is not None
    (child,) = map(os.pidfd_open, children_of(server.pid))

    server.kill()
    await server.wait()

    assert has_ended(child)
    await editor.client.stop()


def children_of(process_id: int) -> list[int]:
    """Return a process's children (Linux)."""
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def has_ended(process: int) -> bool:
    """Wait for the end of a process, given by a file descriptor, and close it."""
    try:
        return select.select([process], [], [], SECONDS)[0] == [process]
    finally:
        os.close(process)
