"""Answering one prompt, for people and for pipes."""

from __future__ import annotations

import sys
from pathlib import Path

from abstractllm_terminal.arguments import Options
from abstractllm_terminal.changed_files import file_name
from abstractllm_terminal.connection import Json
from abstractllm_terminal.current_session import open_session
from abstractllm_terminal.language_server import LanguageServer, language_server
from abstractllm_terminal.printable import one_line, printable
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
    from abstractllm_terminal.rendering import dim, make_console
    from abstractllm_terminal.turn_view import TurnView

    console = make_console()
    async with TurnView(console, server.folder) as view:
        ask = view.ask if sys.stdin is not None and sys.stdin.isatty() else _reject
        ended = await answer(server, session_id, prompt, view.show, ask)
    if "changes" in ended:
        console.print(dim("/takeback in `abstractllm chat --continue` takes it back."))
    return ended


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
                _complain(message)
            case {"kind": "turnEnded", "changes": changes}:
                for change in changes:
                    name = file_name(change["uri"], server.folder)
                    _complain(f"{change['kind']}: {one_line(name)}")

    try:
        ended = await answer(server, session_id, prompt, show, _complain_and_reject)
    finally:
        if last and not last.endswith("\n"):
            print(flush=True)
    if sentence := ending(ended):
        _complain(sentence)
    return ended


async def _complain_and_reject(question: Json) -> Json:
    title = one_line(question["title"])
    _complain(f"Not done, as nobody can be asked in a pipe: {title}")
    return await _reject(question)


async def _reject(_: Json) -> Json:
    """Reject a call that nobody can be asked about."""
    reason = "Nobody can be asked: this was not started in a terminal."
    return {"decision": "reject", "reason": reason}


def _print_messages(server: LanguageServer) -> None:
    for message in server.messages:
        _complain(message)


def _complain(sentence: str) -> None:
    print(printable(sentence), file=sys.stderr)
