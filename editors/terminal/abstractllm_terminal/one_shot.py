"""Answering one prompt, for people and for pipes."""

from __future__ import annotations

import sys
from pathlib import Path

from abstractllm_terminal.arguments import Options
from abstractllm_terminal.connection import Json
from abstractllm_terminal.current_session import open_session
from abstractllm_terminal.language_server import LanguageServer, language_server
from abstractllm_terminal.printable import printable
from abstractllm_terminal.turns import answer, ending


async def answer_once(options: Options, prompt: str) -> Json:
    """Print the answer to a prompt, and return how the turn ended.

    Raises a `TerminalError` for what went wrong, and `BrokenPipeError` when nobody
    reads the answer any more.
    """
    async with language_server(Path.cwd()) as server:
        current, _ = await open_session(server, options)
        _print_messages(server)
        session_id = await current.id()
        if sys.stdout.isatty():
            return await _answer_to_terminal(server, session_id, prompt)
        return await _answer_to_pipe(server, session_id, prompt, raw=options.raw)


async def _answer_to_terminal(
    server: LanguageServer, session_id: str, prompt: str
) -> Json:
    from abstractllm_terminal.rendering import make_console
    from abstractllm_terminal.turn_view import TurnView

    async with TurnView(make_console()) as view:
        return await answer(server, session_id, prompt, view.show)


async def _answer_to_pipe(
    server: LanguageServer, session_id: str, prompt: str, *, raw: bool
) -> Json:
    last = ""

    def show(update: Json) -> None:
        nonlocal last
        match update:
            case {"kind": "textDelta", "text": text}:
                shown = text if raw else printable(text)
                print(shown, end="", flush=True)
                last = shown or last
            case {"kind": "notice", "message": message}:
                print(printable(message), file=sys.stderr)

    try:
        ended = await answer(server, session_id, prompt, show)
    finally:
        if last and not last.endswith("\n"):
            print(flush=True)
    if sentence := ending(ended):
        print(sentence, file=sys.stderr)
    return ended


def _print_messages(server: LanguageServer) -> None:
    for message in server.messages:
        print(printable(message), file=sys.stderr)
