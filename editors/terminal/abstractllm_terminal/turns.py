"""Turns: having a prompt answered, following a turn that runs, and stopping it."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from abstractllm_server import protocol
from abstractllm_terminal.connection import Json, Question
from abstractllm_terminal.errors import TerminalError, TurnFailed
from abstractllm_terminal.interrupts import on_interrupt
from abstractllm_terminal.language_server import LanguageServer

Show = Callable[[Json], None]

Ask = Callable[[Json], Awaitable[Json]]
"""Puts the question about a call to the user, and returns the decision.

Both are as the wire has them. It is cancelled where the question is taken back.
"""

_ENDINGS = {
    "maxTokens": "The reply is cut off: it reached the model's limit of tokens.",
    "maxToolCalls": "Stopped: the model called too many tools.",
    "refusal": "The model refused to answer.",
    "cancelled": "Stopped.",
}


def ending(ended: Json) -> str | None:
    """Return what to say of a turn that stopped early without an error."""
    return _ENDINGS.get(ended["stopReason"])


async def run_turn(
    server: LanguageServer,
    method: str,
    session_id: str,
    arguments: Mapping[str, Any],
    show: Show,
    ask: Ask,
) -> Json:
    """Begin a turn by a method, show every update, and return the last: `turnEnded`.

    Ctrl-C stops the turn, and what was said is kept; another one, should that take
    long, cancels the task that waits. Raises `TurnFailed` for a turn that ended with an
    error, `RequestFailed` for one that could not begin, and `ServerGone`.
    """
    async with _stoppable(server, session_id) as begun:
        turn = await server.call(method, sessionId=session_id, **arguments)
        begun.set()
        return await _follow(server.updates(turn["turnId"]), show, ask)


async def answer(
    server: LanguageServer, session_id: str, prompt: str, show: Show, ask: Ask
) -> Json:
    """Have a prompt answered; see `run_turn`."""
    asked = {"prompt": prompt}
    return await run_turn(
        server, protocol.SESSION_GENERATE, session_id, asked, show, ask
    )


async def resume(server: LanguageServer, loaded: Json, show: Show, ask: Ask) -> Json:
    """Show the turn that runs in a loaded session from its start on; see `run_turn`."""
    turn = loaded["turn"]
    async with _stoppable(server, loaded["session"]["id"]) as begun:
        begun.set()
        for update in turn["updates"]:
            show(update)
        updates = server.updates(turn["turnId"], turn["nextSeq"])
        return await _follow(updates, show, ask)


async def _follow(
    steps: AsyncGenerator[Json | Question, None], show: Show, ask: Ask
) -> Json:
    async with aclosing(steps):
        async for step in steps:
            if isinstance(step, Question):
                await _settle(step, ask)
            else:
                show(update := step)
    if error := update.get("error"):
        raise TurnFailed(error["message"])
    return update


async def _settle(question: Question, ask: Ask) -> None:
    """Have a question asked until it is answered, or taken back."""
    asking = asyncio.ensure_future(ask(question.params))
    try:
        await asyncio.wait(
            [asking, question.answer], return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    if not question.answer.done():
        question.answer.set_result(asking.result())


@asynccontextmanager
async def _stoppable(
    server: LanguageServer, session_id: str
) -> AsyncIterator[asyncio.Event]:
    """Let Ctrl-C stop the session's turn, once the event says that it has begun."""
    begun, interrupted = asyncio.Event(), asyncio.Event()
    waiting = asyncio.current_task()
    assert waiting

    def interrupt() -> None:
        if interrupted.is_set():
            waiting.cancel()
        interrupted.set()

    async def stop() -> None:
        await interrupted.wait()
        await begun.wait()
        with suppress(TerminalError):
            await server.call(protocol.SESSION_CANCEL, sessionId=session_id)

    stopping = asyncio.create_task(stop())
    with on_interrupt(interrupt):
        try:
            yield begun
        finally:
            stopping.cancel()
