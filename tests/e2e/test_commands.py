"""Commands that a model runs, in the real server: asked for, shown, ended."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from abstractllm.messages import new_id
from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json, environment
from tests.e2e.wire import Wire
from tests.vendors import Call, Reply, VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKS = {"capabilities": {"approvals": True}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_editor(
    tmp_path_factory: pytest.TempPathFactory, shared_vendors: VendorServer
) -> AsyncGenerator[Editor, None]:
    """Start an editor whose user approves all commands but one."""
    env = environment(tmp_path_factory.mktemp("home"), shared_vendors)
    editor = await Editor.start(tmp_path_factory.mktemp("project"), env, options=ASKS)

    def approve(params: Any) -> Json:
        return {"decision": "reject" if "reject" in params["command"] else "once"}

    editor.client.feature(protocol.TOOL_APPROVE)(approve)
    yield editor
    await editor.stop()


def runs(command: str) -> list[Reply]:
    """Return a model that runs a command, and says so."""
    call = Call(name="run_command", arguments=[json.dumps({"command": command})])
    return [Reply(tool_calls=[call]), Reply(text=["I ran it."])]


async def begin(editor: Editor) -> str:
    session = await editor.run(protocol.SESSION_NEW, provider="openai")
    await editor.run(protocol.SESSION_GENERATE, sessionId=session["id"], prompt="Run")
    return str(session["id"])


def is_alive(argument: str) -> bool:
    """Return whether a process has this argument."""
    return any(
        argument in (process.info["cmdline"] or ())
        for process in psutil.process_iter(["cmdline"])
    )


async def test_a_command_is_asked_for_shown_and_answered(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(*runs("pwd; echo key: $OPENAI_API_KEY; exit 3"))

    await begin(editor)
    updates = [params["update"] for params in await editor.turn()]

    calls = [update for update in updates if update["kind"] == "toolCall"]
    statuses = [call["status"] for call in calls]
    assert statuses == ["pending", "awaitingApproval", "running", "done"]
    assert calls[1]["toolKind"] == "run"
    assert calls[1]["command"] == "pwd; echo key: $OPENAI_API_KEY; exit 3"
    assert calls[1]["folder"] == str(editor.workspace)
    printed = f"{editor.workspace}\nkey:\n"
    output = [u["text"] for u in updates if u["kind"] == "toolOutput"]
    assert "".join(output) == printed
    (result,) = [u["content"] for u in updates if u["kind"] == "toolResult"]
    assert result == f"Exit code 3.\n{printed}"
    assert vendors.requests[-1].body["messages"][-1]["content"] == result


async def test_a_command_that_was_refused_never_ran(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(*runs("touch reject"))

    await begin(editor)
    updates = [params["update"] for params in await editor.turn()]

    statuses = [u["status"] for u in updates if u["kind"] == "toolCall"]
    assert statuses == ["pending", "awaitingApproval", "rejected"]
    assert not (editor.workspace / "reject").exists()


async def test_stop_ends_a_command_with_all_it_started(
    editor: Editor, vendors: VendorServer
) -> None:
    argument = f"1000.{int(new_id(), 16)}"
    vendors.will(*runs(f"setsid -f sleep {argument}; echo on; sleep {argument}"))
    session_id = await begin(editor)
    await editor.update("toolOutput")
    assert is_alive(argument)

    await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    ended = await editor.update("turnEnded")

    assert ended["update"]["stopReason"] == "cancelled"
    assert not is_alive(argument)
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Why?")
    assert (await editor.turn())[-1]["update"]["stopReason"] == "endTurn"
    results = [m for m in vendors.requests[-1].body["messages"] if m["role"] == "tool"]
    assert "stopped" in results[0]["content"]


async def test_no_command_outlives_an_editor_that_is_gone(
    vendors: VendorServer, workspace: Path, env: dict[str, str]
) -> None:
    argument = f"1000.{int(new_id(), 16)}"
    vendors.will(*runs(f"setsid -f sleep {argument}; echo on; sleep {argument}"))
    with Wire(env) as wire:
        wire.initialize(workspace, initializationOptions=ASKS)
        session = wire.request(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        wire.request(
            protocol.SESSION_GENERATE, {"sessionId": session["id"], "prompt": "Run"}
        )
        while (question := wire.read() or {}).get("method") != protocol.TOOL_APPROVE:
            pass
        wire.send(
            {
                "jsonrpc": "2.0",
                "id": question["id"],
                "result": {"decision": "once"},
            }
        )
        wire.update("toolOutput")
        assert is_alive(argument)

        wire.close_stdin()
        wire.exit_code()

    assert not is_alive(argument)
