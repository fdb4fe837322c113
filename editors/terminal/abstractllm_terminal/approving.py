"""Asking the user whether a model's call may be carried out."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import textwrap
from collections.abc import Iterator

import attrs
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from abstractllm_terminal.attention import attention
from abstractllm_terminal.connection import Json
from abstractllm_terminal.diffs import Diff, parsed
from abstractllm_terminal.keyboard import ask_key, ask_line
from abstractllm_terminal.printable import escaped, one_line
from abstractllm_terminal.rendering import dim, tool_call, warning

LONG = 300
"""Lines of a diff that are shown unasked."""

_DECISIONS = {"y": "once", "s": "session", "a": "always", "n": "reject"}

_UNBROKEN = "\N{NO-BREAK SPACE}"


async def approve(console: Console, question: Json) -> Json:
    """Ask about a call, and return the decision; both are as the wire has them.

    Ctrl-C is what it is at any other time: whoever waits for the turn stops it, and
    then the question is taken back.
    """
    with attention(console):
        try:
            return await _Asking(console, question).decision()
        except EOFError:
            return {"decision": "reject"}
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGINT)
        taken_back: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        return await taken_back


class _Asking:
    """One question on the screen."""

    def __init__(self, console: Console, question: Json) -> None:
        lines = parsed(question["diff"]) if question.get("diff") else []
        self._console = console
        self._question = question
        self._diff = Diff(lines=lines, most=LONG, numbered=True)

    async def decision(self) -> Json:
        """Show what is to be decided about, and return the decision."""
        for piece in self._pieces():
            self._console.print(piece)
        while True:
            match await ask_key(self._choices, self._keys):
                case "h":
                    if hunks := await self._chosen_parts():
                        return {"decision": "once", "hunks": hunks}
                case "d":
                    self._diff = attrs.evolve(self._diff, most=None)
                    self._console.print(self._diff)
                case "r":
                    if (reason := await _line("Why not? ")) is not None:
                        return {"decision": "reject", "reason": reason}
                case key:
                    return {"decision": _DECISIONS[key]}

    def _pieces(self) -> Iterator[RenderableType]:
        asked = self._question
        arguments = asked["arguments"]
        yield tool_call(asked["name"], arguments, "awaitingApproval", asked["title"])
        if command := asked.get("command"):
            yield _set_in("$", command)
        if folder := asked.get("folder"):
            yield dim(f"  in {one_line(folder)}")
        if self._diff.lines:
            yield self._diff
        elif not command:
            yield _set_in("", json.dumps(arguments, ensure_ascii=False, indent=2))

    @property
    def _keys(self) -> dict[str, str]:
        """What can be answered, and by which key."""
        is_command = self._question["kind"] == "run"
        what = "this command" if is_command else f"every {self._question['name']}"
        keys = {
            "y": "once",
            "s": f"{what} in this session",
            "a": f"{what} always",
            "n": "reject",
            "r": "reject, and say why",
        }
        if self._diff.parts > 1:
            keys["h"] = "choose parts"
        if self._diff.is_cut:
            keys["d"] = "show the whole diff"
        return keys

    @property
    def _choices(self) -> str:
        choices = [f"[{key}] {words}" for key, words in self._keys.items()]
        unbroken = [one_line(choice).replace(" ", _UNBROKEN) for choice in choices]
        lines = textwrap.fill("  ".join(unbroken), self._console.width - 1)
        return "\n" + lines.replace(_UNBROKEN, " ")

    async def _chosen_parts(self) -> list[int]:
        """Return the numbers, from 0, of the parts that are allowed."""
        count = self._diff.parts
        while answer := await _line(f"Which of the {count} parts? "):
            if parts := parts_named(answer, count):
                return parts
            say = f"Name parts from 1 to {count}, such as: 1 {count}"
            self._console.print(warning(say))
        return []


async def _line(question: str) -> str | None:
    """Return a line; `None` where the user thinks better of it, by Ctrl-D."""
    try:
        return await ask_line(question)
    except EOFError:
        return None


def parts_named(text: str, count: int) -> list[int]:
    """Return the parts of `1 3` or `1-3`, counted from 0; none if one is not there."""
    parts: set[int] = set()
    for word in re.split(r"[\s,]+", text.strip()):
        found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", word)
        if not found:
            return []
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= count:
            return []
        parts.update(range(first - 1, last))
    return sorted(parts)


def _set_in(sign: str, text: str) -> Table:
    """Return lines of foreign text behind a margin, which none of them can enter."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=3, justify="right")
    table.add_column(overflow="fold")
    for line in text.split("\n"):
        table.add_row(sign, Text(escaped(line.expandtabs(4))))
        sign = ""
    return table
