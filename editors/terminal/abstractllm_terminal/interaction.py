"""One user at one terminal: the current session, and showing what happens in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
from rich.console import Console

from abstractllm_server import protocol
from abstractllm_terminal import rendering
from abstractllm_terminal.connection import Json
from abstractllm_terminal.current_session import NOBODY_READY, CurrentSession
from abstractllm_terminal.history import history
from abstractllm_terminal.language_server import LanguageServer
from abstractllm_terminal.printable import one_line
from abstractllm_terminal.turn_view import TurnView
from abstractllm_terminal.turns import resume, run_turn


@attrs.define(kw_only=True)
class Interaction:
    """What the commands work on."""

    console: Console
    current: CurrentSession
    ask: Callable[[str], Awaitable[str]]
    """Ask the user a question."""

    listed: Sequence[Json] = ()
    """The sessions as they were last listed; `/load 1` means the first of them."""

    found: Sequence[Json] = ()
    """What was found last; `/found 1` means the first of it."""

    deleted: str | None = None
    """The session that was deleted last."""

    allowed: Sequence[Json] = ()
    """What is allowed for always, as it was last listed."""

    leaving: bool = False

    @property
    def server(self) -> LanguageServer:
        """The server of the current session."""
        return self.current.server

    async def answer(self, prompt: str, **more: Any) -> None:
        """Have a prompt answered, and show how; raises what `run_turn` raises."""
        await self.turn(protocol.SESSION_GENERATE, prompt=prompt, **more)

    async def turn(self, method: str, **arguments: Any) -> None:
        """Begin a turn by a method, and show it; raises what `run_turn` raises."""
        session_id = await self.current.id()
        async with self._view() as view:
            ended = await run_turn(
                self.server, method, session_id, arguments, view.show, view.ask
            )
        if "changes" in ended:
            self.say("/diff shows what changed, /takeback takes it back.")

    async def show_session(self, loaded: Json) -> None:
        """Show a session that was loaded, and go on with the turn that runs in it."""
        messages = _settled_messages(loaded)
        for pieces in history(messages, loaded["changes"], self.server.folder):
            self.console.print()
            for piece in pieces:
                self.console.print(piece)
        if not messages:
            self.say("This session has no messages yet.")
        if "turn" in loaded:
            async with self._view() as view:
                await resume(self.server, loaded, view.show, view.ask)

    async def show_answerer(self, hint: str = "") -> None:
        """Say who answers the next prompt."""
        provider, model = await self.current.answered_by()
        answerer = one_line(f"{provider} {model}")
        self.say(f"{answerer}{hint}" if provider else NOBODY_READY)

    def say(self, sentence: str) -> None:
        """Show something that is no part of the conversation."""
        self.console.print(rendering.dim(sentence))

    def show_messages(self) -> None:
        """Show what the server wanted to be read, once."""
        for message in self.server.messages:
            self.console.print(rendering.warning(message))
        self.server.messages.clear()

    def _view(self) -> TurnView:
        return TurnView(self.console, self.server.folder)


def _settled_messages(loaded: Json) -> list[Json]:
    """Return the messages up to the prompt of the turn that runs, if one does.

    Those after it belong to the turn, whose updates tell them once more.
    """
    messages: list[Json] = loaded["messages"]
    for update in loaded.get("turn", {}).get("updates", ()):
        if update["kind"] == "userMessage":
            ids = [message["id"] for message in messages]
            return messages[: ids.index(update["message"]["id"]) + 1]
    return messages
