"""How things look in a terminal: text, sentences, prompts and tool calls.

Whatever others wrote goes through `printable`, and through `one_line` where a line's
place or length means something.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from abstractllm_terminal.markdown import Prose
from abstractllm_terminal.printable import one_line, printable

_ARGUMENTS_LENGTH = 60

_STATUSES = {
    "pending": ("·", "dim", ""),
    "awaitingApproval": ("?", "yellow", "waiting for you"),
    "running": ("·", "dim", "running"),
    "done": ("✓", "green", "done"),
    "failed": ("✗", "red", "failed"),
    "rejected": ("✗", "yellow", "rejected"),
    "stopped": ("✗", "yellow", "stopped"),
}
"""Marks, their styles and words, by the status of a tool call."""


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


def tool_call(
    name: str,
    arguments: Mapping[str, object],
    status: str,
    title: str | None = None,
) -> Text:
    """Return a tool call in one line; the title says all that its arguments would."""
    mark, style, word = _STATUSES.get(status, ("·", "dim", status))
    line = Text.assemble((mark, style), f" {one_line(title or name)}")
    if arguments and not title:
        shown = one_line(json.dumps(arguments, ensure_ascii=False))
        if len(shown) > _ARGUMENTS_LENGTH:
            shown = f"{shown[:_ARGUMENTS_LENGTH]}…"
        line.append(f" {shown}", "dim")
    return line.append(f" · {word}", style) if word else line
