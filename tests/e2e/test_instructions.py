"""A project's own words to models, in the real server."""

from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json
from tests.vendors import VendorServer


async def turn(editor: Editor, prompt: str, **params: Any) -> list[Json]:
    session = await editor.run(
        protocol.SESSION_NEW, provider="openai", systemPrompt="Be brief."
    )
    await editor.run(
        protocol.SESSION_GENERATE, sessionId=session["id"], prompt=prompt, **params
    )
    return [params["update"] for params in await editor.turn()]


def system_prompt(vendors: VendorServer) -> str:
    """Return the system prompt of the last request."""
    message = vendors.requests[-1].body["messages"][0]
    assert message["role"] in ("system", "developer")
    return str(message["content"])


@pytest.fixture
def project(workspace: Path) -> Path:
    """Return a project that tells how it wants to be written."""
    (workspace / "src").mkdir()
    (workspace / "AGENTS.md").write_text("Use tabs.\n")
    (workspace / "src/AGENTS.md").write_text("No classes.\n")
    (workspace / "src/a.py").write_text("a = 1\n")
    return workspace


async def test_a_projects_instructions_join_the_system_prompt_and_are_told(
    project: Path, env: dict[str, str], vendors: VendorServer
) -> None:
    editor = await Editor.start(project, env)

    plain = await turn(editor, "Hi")
    assert system_prompt(vendors) == (
        "Be brief.\n\n# Instructions of the project, from AGENTS.md\n\nUse tabs."
    )
    deeper = await turn(editor, "What is in @src/a.py?")
    await editor.stop()

    assert system_prompt(vendors).endswith(
        "Use tabs.\n\n# Instructions of the project for src/, from src/AGENTS.md\n\n"
        "No classes."
    )
    told = [u for u in (*plain, *deeper) if u["kind"] == "notice"]
    names = ["AGENTS.md", "AGENTS.md", "src/AGENTS.md"]
    assert told == [
        {
            "kind": "notice",
            "message": f"{name} joins the instructions.",
            "level": "info",
        }
        for name in names
    ]


async def test_the_users_setting_keeps_them_out(
    project: Path, env: dict[str, str], vendors: VendorServer
) -> None:
    editor = await Editor.start(project, env, options={"instructions": False})

    updates = await turn(editor, "Hi")
    await editor.stop()

    assert system_prompt(vendors) == "Be brief."
    assert "notice" not in [update["kind"] for update in updates]
