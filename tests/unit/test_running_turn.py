"""A turn as the server runs it: it ends once, whatever happens, and is free then."""

import asyncio
from typing import Any

import pytest

from abstractllm.errors import StoreError
from abstractllm.events import TextDelta
from abstractllm.session import Session
from abstractllm_server.running_turn import RunningTurn
from tests.scripted import ScriptedProvider, Step, says

Sent = list[dict[str, Any]]


def turn_of(session: Session) -> tuple[RunningTurn, Sent, dict[str, RunningTurn]]:
    sent: Sent = []
    running: dict[str, RunningTurn] = {}
    turn = RunningTurn(session, lambda _, __, update: sent.append(update), running)
    return turn, sent, running


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_turn_that_is_stopped_again_and_again_ends_once(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    script: list[Step] = [TextDelta("Hel"), asyncio.Event()]
    session = Session(provider=ScriptedProvider(script, says("Hello!")))
    changed = session.changed_files_async

    async def slowly(*among: Any) -> Any:
        for _ in range(9):
            await asyncio.sleep(0)
        return await changed(*among)

    monkeypatch.setattr(session, "changed_files_async", slowly)
    turn, sent, running = turn_of(session)
    await turn.start(session.stream("Hi"))

    stops = [asyncio.create_task(turn.cancel()) for _ in range(times)]
    while not all(stop.done() for stop in stops):
        turn.stop()
        await asyncio.sleep(0)

    assert [u["stopReason"] for u in sent if u["kind"] == "turnEnded"] == ["cancelled"]
    assert (sent[-1]["kind"], running) == ("turnEnded", {})
    assert await session.generate_async("Again") == "Hello!"


async def test_a_turn_ends_though_nobody_knows_what_it_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session(provider=ScriptedProvider([TextDelta("Hel"), asyncio.Event()]))

    async def damaged(*_: object) -> None:
        raise StoreError("The session store is damaged.")

    monkeypatch.setattr(session, "changed_files_async", damaged)
    turn, sent, running = turn_of(session)
    await turn.start(session.stream("Hi"))

    await turn.cancel()

    assert (sent[-1]["stopReason"], running) == ("cancelled", {})
