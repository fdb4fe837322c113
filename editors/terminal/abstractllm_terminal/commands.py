"""The commands that begin with a slash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
from rich.table import Table
from rich.text import Text

from abstractllm_server import protocol
from abstractllm_terminal import (
    edit_commands,
    history_commands,
    permission_commands,
)
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.finding import find_session
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.tables import (
    models_table,
    providers_table,
    sessions_table,
)

LISTED_SESSIONS = 30


@attrs.frozen
class Command:
    """What a command does; `run` takes the rest of the line, without blanks around."""

    run: Callable[[Interaction, str], Awaitable[None]]
    arguments: str
    help: str


async def run_command(interaction: Interaction, line: str) -> None:
    """Carry out a line that begins with a slash; raises a `TerminalError`."""
    name, _, argument = line.removeprefix("/").partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        raise Refused(
            f"There is no command /{name}. /help lists them; a prompt that begins "
            "with a slash is written with two."
        )
    argument = argument.strip()
    if argument and not command.arguments:
        raise Refused(f"/{name} takes nothing after it.")
    await command.run(interaction, argument)


async def _help(interaction: Interaction, _: str) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, command in COMMANDS.items():
        usage = Text.assemble(f"/{name} ", (command.arguments, "dim"))
        table.add_row(usage, command.help)
    interaction.console.print(table)
    interaction.say(
        "Alt-Enter begins another line. Ctrl-C stops a reply. Ctrl-D leaves. "
        "Two slashes begin a prompt with one."
    )


async def _new(interaction: Interaction, title: str) -> None:
    interaction.current.renew(title or None)
    await interaction.show_answerer(" · new session")


async def _sessions(interaction: Interaction, _: str) -> None:
    info = interaction.current.info
    interaction.listed = await interaction.server.sessions()
    if not interaction.listed:
        interaction.say("There are no sessions here yet.")
        return
    shown = interaction.listed[:LISTED_SESSIONS]
    interaction.console.print(sessions_table(shown, info["id"] if info else None))
    if more := len(interaction.listed) - len(shown):
        interaction.say(f"… and {more} older ones; /load finds them by title or id.")


async def _load(interaction: Interaction, wanted: str) -> None:
    if not wanted:
        await _sessions(interaction, "")
        interaction.say("/load and a number, a title or an id opens one of them.")
        return
    listed = interaction.listed or await interaction.server.sessions()
    if wanted.isdecimal() and 0 < int(wanted) <= len(listed):
        found = listed[int(wanted) - 1]
    else:
        found = find_session(await interaction.server.sessions(), wanted)
    await interaction.show_session(await interaction.current.load(found["id"]))
    interaction.console.print()
    await interaction.show_answerer()


async def _rename(interaction: Interaction, title: str) -> None:
    if not title:
        raise Refused("Write the new title after /rename.")
    await interaction.current.rename(title)
    interaction.say(f"The session is now called {title!r}.")


async def _delete(interaction: Interaction, _: str) -> None:
    info = interaction.current.info
    if info is None:
        raise Refused("There is no session yet that could be deleted.")
    answer = await interaction.ask("Delete this session? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        interaction.say("It stays.")
        return
    await interaction.server.call(protocol.SESSION_DELETE, sessionId=info["id"])
    interaction.deleted = info["id"]
    interaction.current.renew()
    interaction.say(
        "The session is deleted; /undelete brings it back. The next prompt begins "
        "another one."
    )


async def _clear(interaction: Interaction, _: str) -> None:
    info = interaction.current.info
    if info is not None:
        await interaction.server.call(protocol.SESSION_CLEAR, sessionId=info["id"])
    interaction.say("The session starts over with no messages.")


async def _provider(interaction: Interaction, provider: str) -> None:
    if provider:
        await interaction.current.choose(provider)
        await interaction.show_answerer()
        return
    current, _ = await interaction.current.answered_by()
    listed = await interaction.server.call(protocol.PROVIDERS_LIST)
    interaction.console.print(providers_table(listed["providers"], current))


async def _model(interaction: Interaction, model: str) -> None:
    provider, current = await interaction.current.answered_by()
    if model:
        await interaction.current.choose(provider, model)
        await interaction.show_answerer()
        return
    listed = await interaction.server.call(protocol.MODELS_LIST, provider=provider)
    interaction.console.print(models_table(listed["models"], current))


async def _quit(interaction: Interaction, _: str) -> None:
    interaction.leaving = True


COMMANDS = {
    "help": Command(_help, "", "show this list"),
    "new": Command(_new, "[title]", "begin another session"),
    "sessions": Command(_sessions, "", "list the sessions of this folder"),
    "load": Command(_load, "[number, title or id]", "go on with a session"),
    "rename": Command(_rename, "title", "give the session another title"),
    "clear": Command(_clear, "", "start the session over with no messages"),
    "delete": Command(_delete, "", "delete the session"),
    "provider": Command(_provider, "[name]", "list the providers, or choose one"),
    "model": Command(_model, "[name]", "list the provider's models, or choose one"),
    "mode": Command(
        permission_commands.set_mode, "[ask|edit|auto]", "say how freely models may act"
    ),
    "approvals": Command(
        permission_commands.approvals,
        "[number]",
        "list what is always allowed, or have one asked about again",
    ),
    "diff": Command(
        edit_commands.show_difference, "[files]", "show what the last turn changed"
    ),
    "takeback": Command(
        edit_commands.take_back, "[files]", "take back what it changed"
    ),
    "bringback": Command(
        edit_commands.bring_back, "[files]", "make again what was taken back"
    ),
    "resend": Command(
        history_commands.resend, "prompt", "send it in the place of the last prompt"
    ),
    "regenerate": Command(
        history_commands.regenerate, "[model]", "have the last prompt answered anew"
    ),
    "branch": Command(
        history_commands.branch, "[number]", "tell where branches part, or show one"
    ),
    "rewind": Command(history_commands.rewind, "[turns]", "go back by so many turns"),
    "fork": Command(history_commands.fork, "[title]", "go on in a session of its own"),
    "search": Command(history_commands.search, "words", "find words in all sessions"),
    "found": Command(history_commands.found, "number", "open what was found"),
    "pin": Command(history_commands.pin, "", "list the session first, or no longer"),
    "undelete": Command(history_commands.undelete, "", "bring back what was deleted"),
    "compact": Command(history_commands.compact, "", "summarize the older turns"),
    "uncompact": Command(history_commands.uncompact, "", "undo the last summary"),
    "export": Command(history_commands.export, "file", "write it as JSON or Markdown"),
    "import": Command(history_commands.import_session, "file", "read such a file"),
    "usage": Command(history_commands.usage, "", "tell what all sessions used"),
    "quit": Command(_quit, "", "leave"),
}
