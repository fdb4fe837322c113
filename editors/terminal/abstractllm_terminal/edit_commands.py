"""The commands about what the last turn changed: shown, taken back, brought back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from abstractllm_server import protocol
from abstractllm_terminal.changed_files import changed_files, file_name, named
from abstractllm_terminal.connection import Json
from abstractllm_terminal.current_session import CurrentSession
from abstractllm_terminal.diffs import Diff, difference
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.rendering import warning

NOTHING_CHANGED = "No turn of this session has changed files."


async def take_back(interaction: Interaction, names: str) -> None:
    """Take back what the last turn changed, or only in the files that are named."""
    message_id, changes = await _chosen(interaction.current, names)
    uris = [change["uri"] for change in changes if not change["reverted"]]
    if not uris:
        raise Refused("That is taken back already; /bringback makes the changes again.")
    await _restore(interaction, protocol.SESSION_REVERT_EDITS, message_id, uris)


async def bring_back(interaction: Interaction, names: str) -> None:
    """Make again what was taken back, or only in the files that are named."""
    message_id, changes = await _chosen(interaction.current, names)
    uris = [change["uri"] for change in changes if change["reverted"]]
    if not uris:
        raise Refused("Nothing of that is taken back.")
    await _restore(interaction, protocol.SESSION_REAPPLY_EDITS, message_id, uris)


async def show_difference(interaction: Interaction, names: str) -> None:
    """Show what the last turn changed, or only the files that are named."""
    message_id, changes = await _chosen(interaction.current, names)
    wanted = {change["uri"] for change in changes}
    shown = await interaction.server.call(
        protocol.SESSION_SHOW_EDITS,
        sessionId=await interaction.current.id(),
        messageId=message_id,
    )
    folder = interaction.server.folder
    for file in shown["files"]:
        if file["uri"] in wanted:
            name = file_name(file["uri"], folder)
            new = file_name(file.get("newUri") or file["uri"], folder)
            lines = difference(file["before"], file["after"], name, new)
            interaction.console.print(Diff(lines=lines))


async def last_changes(current: CurrentSession) -> tuple[str, list[Json]]:
    """Return the last message of the last turn that changed files, and the changes.

    Raises `Refused` where there is none.
    """
    if current.info is None:
        raise Refused(NOTHING_CHANGED)
    loaded = await current.load(current.info["id"])
    if not loaded["changes"]:
        raise Refused(NOTHING_CHANGED)
    message_id, changes = list(loaded["changes"].items())[-1]
    return message_id, changes


async def _chosen(current: CurrentSession, names: str) -> tuple[str, list[Json]]:
    """Return the changes that the last turn made in the files that are named, if any.

    A name may hold blanks where it is the only one, or quoted.
    """
    message_id, changes = await last_changes(current)
    folder = current.server.folder
    known = {name: change for change in changes for name in named(change, folder)}
    if not names:
        return message_id, changes
    chosen = []
    for name in [names] if names in known else _split(names):
        if name not in known:
            raise Refused(
                f"The last turn that changed files did not change {name!r}, but "
                f"{', '.join(known)}."
            )
        chosen.append(known[name])
    return message_id, chosen


def _split(names: str) -> list[str]:
    try:
        return shlex.split(names)
    except ValueError:  # a quote that does not end
        return names.split()


async def _restore(
    interaction: Interaction, method: str, message_id: str, uris: Sequence[str]
) -> None:
    """Take changes back, or make them again, and show what came of it."""
    folder = interaction.server.folder
    answer = await interaction.server.call(
        method,
        sessionId=await interaction.current.id(),
        messageId=message_id,
        uris=uris,
    )
    interaction.console.print(changed_files(answer["changes"], folder))
    for refusal in answer["refused"]:
        name = file_name(refusal["uri"], folder)
        sentence = f"{name} is left as it is: {refusal['reason']}"
        interaction.console.print(warning(sentence))
