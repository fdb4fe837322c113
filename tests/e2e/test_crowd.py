"""A crowd of sessions at a server that has asked no provider yet."""

import asyncio
from pathlib import Path

import pytest

from abstractllm_server.protocol import SESSION_GENERATE, SESSION_NEW
from tests.e2e.editor import Editor
from tests.vendors import VendorServer

CROWD = 20


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
async def test_a_crowd_of_first_prompts_is_answered_to_the_last(
    workspace: Path, env: dict[str, str], vendors: VendorServer, provider: str
) -> None:
    editor = await Editor.start(workspace, env)
    asked = [
        await editor.ask(SESSION_NEW, provider=f"{provider}:model-1")
        for _ in range(CROWD)
    ]

    await asyncio.gather(
        *(
            editor.ask(SESSION_GENERATE, sessionId=session["id"], prompt="Hi")
            for session in asked
        )
    )
    ends = [await editor.update("turnEnded") for _ in range(CROWD)]

    told = [(end["update"]["stopReason"], end["update"].get("error")) for end in ends]
    assert told == [("endTurn", None)] * CROWD
    await editor.stop()
