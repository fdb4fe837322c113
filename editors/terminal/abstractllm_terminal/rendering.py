"""How things look in a terminal: text, prompts, tool calls and histories.

Whatever others wrote goes through `printable`, and through `one_line` where a line's
place or length means something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from abstractllm_terminal.connection import Json
from abstractllm_terminal.markdown import Prose
from abstractllm_terminal.printable import one_line, printable

_ARGUMENTS_LENGTH = 60

_MARKS = {
    "awaitingApproval": ("?", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "rejected": ("✗", "yellow"),
}


def make_console() -> Console:
    """Return a console that shows text as it is, without guessing what it means."""
    return Console(highlight=False, markup=False, emoji=False)


def markdown(text: str) -> Prose:
    """Return Markdown as it is read."""
    return Prose(printable(text))


def dim(text: str) -> Text:
    """Return text that matters less."""
    return Text(printable(text), style="dim")


def warning(text: str) -> Text:
    """Return text that the user should not overlook."""
    return Text(printable(text), style="yellow")


def error(text: str) -> Text:
    """Return the sentence of an error."""
    return Text(printable(text), style="red")


def prompt(text: str) -> Text:
    """Return a prompt as it looks where it was typed."""
    return Text("> " + printable(text).replace("\n", "\n  "), style="bold")


def tool_call(name: str, arguments: Mapping[str, object], status: str) -> Text:
    """Return a tool call in one line; `status` is the wire's."""
    mark, style = _MARKS.get(status, ("·", "dim"))
    shown = one_line(json.dumps(arguments, ensure_ascii=False)) if arguments else ""
    if len(shown) > _ARGUMENTS_LENGTH:
        shown = f"{shown[:_ARGUMENTS_LENGTH]}…"
    return Text.assemble((mark, style), f" {one_line(name)} ", (shown, "dim"))


def history(messages: Sequence[Json]) -> Iterator[RenderableType]:
    """Yield what to show of messages as `session.load` tells them."""
    statuses = {
        part["callId"]: "failed" if part["isError"] else "done"
        for message in messages
        for part in message["parts"]
        if part["kind"] == "toolResult"
    }
    for message in messages:
        if message["role"] == "user":
            yield prompt(message["content"])
        elif message["role"] == "assistant":
            for part in message["parts"]:
                yield from _part(part, statuses)
            if message["status"] != "complete":
                yield dim("The reply was interrupted.")


def _part(part: Json, statuses: Mapping[str, str]) -> Iterator[RenderableType]:
    match part["kind"]:
        case "text":
            yield markdown(part["text"])
        case "thinking" if part["text"].strip():
            yield dim(part["text"].strip())
        case "toolCall":
            status = statuses.get(part["id"], "rejected")
            yield tool_call(part["name"], part["arguments"], status)
