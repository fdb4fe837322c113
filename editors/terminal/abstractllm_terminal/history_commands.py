"""The commands that are about the history: branches, searching, keeping, passing on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from abstractllm_server import protocol
from abstractllm_terminal.connection import Json
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.tables import found_table, usage_table


async def resend(interaction: Interaction, prompt: str) -> None:
    """Send another prompt in the place of the last one."""
    if not prompt:
        raise Refused("Write the prompt anew after /resend.")
    last = _prompts(await _loaded(interaction))[-1]
    await interaction.answer(prompt, parentId=last["parentId"])


async def regenerate(interaction: Interaction, model: str) -> None:
    """Have the last prompt answered anew, by another model if one is named."""
    _prompts(await _loaded(interaction))
    named = {"model": model} if model else {}
    await interaction.turn(protocol.SESSION_REGENERATE, **named)


async def rewind(interaction: Interaction, turns: str) -> None:
    """Go back by so many turns; what followed is kept."""
    prompts = _prompts(await _loaded(interaction))
    count = _number(turns or "1", len(prompts))
    parent = prompts[-count]["parentId"]
    if parent is None:
        raise Refused("That is all of it: /clear starts the session over.")
    await _show(interaction, parent)


async def fork(interaction: Interaction, title: str) -> None:
    """Go on in a new session that begins with this one's history."""
    session_id = (await _loaded(interaction))["session"]["id"]
    named = {"title": title} if title else {}
    forked = await interaction.server.call(
        protocol.SESSION_FORK, sessionId=session_id, **named
    )
    await interaction.current.load(forked["id"])
    interaction.say(f"This is a session of its own now: {forked['title']!r}.")


async def branch(interaction: Interaction, number: str) -> None:
    """Tell how many branches there are where the last ones part, or show one."""
    loaded = await _loaded(interaction)
    ids = [message["id"] for message in loaded["messages"]]
    parted = [name for name in ids if name in loaded["siblings"]]
    if not parted:
        raise Refused("There is only one branch.")
    siblings = loaded["siblings"][parted[-1]]
    if not number:
        place = siblings.index(parted[-1]) + 1
        interaction.say(
            f"This is branch {place} of {len(siblings)}. /branch and a number shows "
            "another one."
        )
        return
    await _show(interaction, siblings[_number(number, len(siblings)) - 1])


async def search(interaction: Interaction, words: str) -> None:
    """List the messages that hold some words, in all sessions."""
    if not words:
        raise Refused("Write what to search for after /search.")
    answer = await interaction.server.call(
        protocol.SESSION_SEARCH, query=words, limit=30
    )
    interaction.found = [*answer["titles"], *answer["hits"]]
    if not interaction.found:
        interaction.say("Nothing holds these words.")
        return
    interaction.console.print(found_table(interaction.found))
    interaction.say("/found and a number opens one of them.")


async def found(interaction: Interaction, number: str) -> None:
    """Open what was found last, at its message."""
    if not interaction.found:
        raise Refused("Search for something first: /search and some words.")
    hit = interaction.found[_number(number, len(interaction.found)) - 1]
    loaded = await interaction.current.load(hit["sessionId"])
    message_id = hit.get("messageId")
    shown = [message["id"] for message in loaded["messages"]]
    if message_id is None or message_id in shown:
        await interaction.show_session(loaded)
    else:
        await _show(interaction, message_id)


async def compact(interaction: Interaction, _: str) -> None:
    """Have all but the newest turns summarized."""
    await _loaded(interaction)
    await interaction.turn(protocol.SESSION_COMPACT)
    interaction.say("The summary stands for the older messages. /uncompact undoes it.")


async def uncompact(interaction: Interaction, _: str) -> None:
    """Have the last summary hold no more."""
    loaded = await _loaded(interaction)
    holding = [message["id"] for message in loaded["messages"] if _holds(message)]
    if not holding:
        raise Refused("There is no summary in this session.")
    await interaction.server.call(
        protocol.SESSION_UNCOMPACT,
        sessionId=loaded["session"]["id"],
        messageId=holding[-1],
    )
    interaction.say("All messages are sent again.")


async def export(interaction: Interaction, name: str) -> None:
    """Write the session to a file: JSON, or Markdown by the file's name."""
    if not name:
        raise Refused("Name a file after /export, such as chat.md or chat.json.")
    loaded = await _loaded(interaction)
    form = "markdown" if Path(name).suffix in (".md", ".markdown") else "json"
    answer = await interaction.server.call(
        protocol.SESSION_EXPORT, sessionId=loaded["session"]["id"], format=form
    )
    await asyncio.to_thread(_write_new, name, answer["text"])
    interaction.say(f"The session is in {name}.")


async def import_session(interaction: Interaction, name: str) -> None:
    """Keep a session from a file, and go on with it."""
    text = await asyncio.to_thread(_read, name)
    info = await interaction.server.call(protocol.SESSION_IMPORT, text=text)
    await interaction.show_session(await interaction.current.load(info["id"]))


async def usage(interaction: Interaction, _: str) -> None:
    """Tell what the sessions of this folder used, and what that cost."""
    interaction.console.print(
        usage_table(await interaction.server.call(protocol.USAGE))
    )


async def pin(interaction: Interaction, _: str) -> None:
    """List the session before the others, or no longer."""
    info = (await _loaded(interaction))["session"]
    pinned = not info["pinned"]
    interaction.current.info = await interaction.server.call(
        protocol.SESSION_PIN, sessionId=info["id"], pinned=pinned
    )
    interaction.say("The session is pinned." if pinned else "It is no longer pinned.")


async def undelete(interaction: Interaction, _: str) -> None:
    """Bring back the session that was deleted last, and go on with it."""
    if interaction.deleted is None:
        raise Refused("No session was deleted here.")
    info = await interaction.server.call(
        protocol.SESSION_UNDELETE, sessionId=interaction.deleted
    )
    interaction.deleted = None
    await interaction.show_session(await interaction.current.load(info["id"]))


async def _loaded(interaction: Interaction) -> Json:
    """Return the session with its messages."""
    info = interaction.current.info
    if info is None:
        raise Refused("There is no session yet.")
    return await interaction.current.load(info["id"])


async def _show(interaction: Interaction, message_id: str) -> None:
    """Show the branch of a message."""
    info = interaction.current.info
    assert info is not None
    loaded = await interaction.server.call(
        protocol.SESSION_REWIND, sessionId=info["id"], messageId=message_id
    )
    interaction.current.info = loaded["session"]
    await interaction.show_session(loaded)


def _write_new(name: str, text: str) -> None:
    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Refused(f"{name} cannot be written: {error.strerror}.") from None


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Refused(f"{name} cannot be read: {error.strerror}.") from None


def _prompts(loaded: Json) -> list[Json]:
    prompts = [m for m in loaded["messages"] if m["role"] == "user"]
    if not prompts:
        raise Refused("There is no prompt yet.")
    return prompts


def _holds(message: Json) -> bool:
    compaction = message["metadata"].get("compaction")
    return compaction is not None and not compaction.get("undone")


def _number(text: str, most: int) -> int:
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise Refused(f"Give a number from 1 to {most}.")
    return int(text)
