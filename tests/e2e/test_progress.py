"""Progress at the real server: a stop button in editors without a panel of ours."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from abstractllm_server import protocol
from tests.e2e.editor import SECONDS, Editor, environment
from tests.e2e.wire import Json, Wire
from tests.vendors import Held, Reply, VendorServer

PROGRESS = types.PROGRESS
CREATE = types.WINDOW_WORK_DONE_PROGRESS_CREATE
CANCEL = types.WINDOW_WORK_DONE_PROGRESS_CANCEL


class Shown:
    """What an editor shows of the server's progress, found by its title."""

    def __init__(self, editor: Editor) -> None:
        self._client = editor.client
        self._told: dict[Any, list[Json]] = {}
        self._more = asyncio.Event()

        def on_create(params: types.WorkDoneProgressCreateParams) -> None:
            assert params.token not in self._told
            self._told[params.token] = []

        def on_progress(params: Any) -> None:
            self._told[params.token].append(params.value)
            self._more.set()

        editor.client.feature(CREATE)(on_create)
        editor.client.feature(PROGRESS)(on_progress)

    async def steps(self, title: str) -> list[Json]:
        """Return all that was told of a piece of work, once it is over."""
        _, steps = await self._find(title, "end")
        return steps

    async def stop(self, title: str) -> None:
        """Press the stop button of a piece of work, as soon as there is one."""
        token, _ = await self._find(title, "begin")
        self._client.window_work_done_progress_cancel(
            types.WorkDoneProgressCancelParams(token=token)
        )

    async def _find(self, title: str, kind: str) -> tuple[Any, list[Json]]:
        async with asyncio.timeout(SECONDS):
            while True:
                for token, steps in self._told.items():
                    if kind in kinds(steps) and steps[0]["title"] == title:
                        return token, steps
                self._more.clear()
                await self._more.wait()


def kinds(steps: list[Json]) -> list[str]:
    return [step["kind"] for step in steps]


async def prompt(editor: Editor, provider: str) -> None:
    session = await editor.run(protocol.SESSION_NEW, provider=provider)
    await editor.run(protocol.SESSION_GENERATE, sessionId=session["id"], prompt="Hi")


@pytest.mark.parametrize("capabilities", ["neovim", "visual_studio_code"])
async def test_a_turn_is_shown_from_its_beginning_to_its_end(
    vendors: VendorServer, workspace: Path, env: dict[str, str], capabilities: str
) -> None:
    vendors.will(Reply(thinking=["Hm", "m."], text=["He", "llo", "!"]))
    editor = await Editor.start(workspace, env, capabilities=capabilities)
    shown = Shown(editor)

    await prompt(editor, "anthropic")

    assert await shown.steps("Answering") == [
        {"kind": "begin", "title": "Answering", "cancellable": True},
        {"kind": "report", "message": "thinking", "cancellable": True},
        {"kind": "report", "message": "writing", "cancellable": True},
        {"kind": "end"},
    ]
    await editor.stop()


async def test_the_editors_stop_button_cancels_the_turn(
    vendors: VendorServer, workspace: Path, env: dict[str, str]
) -> None:
    vendors.will(Held(gate=threading.Event(), after=2))
    editor = await Editor.start(workspace, env)
    shown = Shown(editor)
    await prompt(editor, "openai")
    await editor.update("textDelta")

    await shown.stop("Answering")
    ended = await editor.update("turnEnded")

    assert ended["update"]["stopReason"] == "cancelled"
    assert await asyncio.to_thread(vendors.wait_for_disconnect)
    assert (await shown.steps("Answering"))[-1] == {"kind": "end"}
    await editor.stop()


async def test_a_model_that_never_ends_loading_can_be_stopped(
    workspace: Path, tmp_path: Path
) -> None:
    hung = tmp_path / "hung"
    hung.mkdir()
    (hung / "xllamacpp.py").write_text("import threading; threading.Event().wait()")
    env = environment(tmp_path) | {"PYTHONPATH": str(hung)}
    editor = await Editor.start(workspace, env)
    shown = Shown(editor)
    await prompt(editor, "huggingface")

    await shown.stop("Loading SmolLM2-135M-Instruct")
    ended = await editor.update("turnEnded")

    assert ended["update"]["stopReason"] == "cancelled"
    for title in ("Loading SmolLM2-135M-Instruct", "Answering"):
        steps = await shown.steps(title)
        assert kinds(steps) == ["begin", "end"]
    await editor.stop()


@pytest.mark.parametrize(
    ("window", "options"),
    [
        ({}, {}),
        ({"workDoneProgress": False}, {}),
        ({"workDoneProgress": True}, {"capabilities": {"panel": True}}),
    ],
)
def test_who_cannot_show_it_or_has_a_panel_of_ours_is_not_asked(
    workspace: Path, env: dict[str, str], window: Json, options: Json
) -> None:
    with Wire(env) as wire:
        wire.initialize(
            workspace, capabilities={"window": window}, initializationOptions=options
        )
        session = wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        wire.run(protocol.SESSION_GENERATE, {"sessionId": session["id"], "prompt": "?"})
        wire.update("turnEnded")
        wire.request("shutdown")

        methods = {message["method"] for message in wire.told}

    assert not methods & {CREATE, PROGRESS}


def test_an_editor_that_never_answers_blocks_nothing(
    workspace: Path, env: dict[str, str]
) -> None:
    window = {"workDoneProgress": True}
    with Wire(env) as wire:
        wire.initialize(workspace, capabilities={"window": window})
        session = wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        for _ in range(2):
            wire.run(
                protocol.SESSION_GENERATE, {"sessionId": session["id"], "prompt": "Hi"}
            )
            assert wire.update("turnEnded")["stopReason"] == "endTurn"
        wire.request("shutdown")
        wire.notify("exit")

        assert wire.exit_code() == 0
