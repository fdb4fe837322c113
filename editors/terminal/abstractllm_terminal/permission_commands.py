"""The commands about what a model may do: the mode, and what is allowed for always."""

from __future__ import annotations

from abstractllm_server import protocol
from abstractllm_terminal.errors import Refused
from abstractllm_terminal.interaction import Interaction
from abstractllm_terminal.tables import approvals_table

MODES = {
    "ask": "nothing is changed or run",
    "edit": "you are asked before anything is changed or run",
    "auto": "files are changed without asking; commands are asked about",
}
"""What each mode means."""


async def set_mode(interaction: Interaction, mode: str) -> None:
    """Say how freely the session's models may act, or change it."""
    if mode:
        if mode not in MODES:
            raise Refused(f"There is no mode {mode!r}. Use one of: {', '.join(MODES)}.")
        await interaction.current.set_mode(mode)
    current = interaction.current.mode
    if current is None:
        interaction.say(
            "The session begins in the mode of the settings: edit, if none."
        )
    else:
        interaction.say(f"{current}: {MODES[current]}.")


async def approvals(interaction: Interaction, number: str) -> None:
    """List what needs no asking in this folder, or have it asked about again."""
    if number:
        await _revoke(interaction, number)
        return
    listed = await interaction.server.call(protocol.APPROVALS_LIST)
    interaction.allowed = listed["approvals"]
    if not interaction.allowed:
        interaction.say("Nothing is allowed for always in this folder.")
        return
    interaction.console.print(approvals_table(interaction.allowed))
    interaction.say("/approvals and a number has that one asked about again.")


async def _revoke(interaction: Interaction, number: str) -> None:
    allowed = interaction.allowed
    if not number.isdecimal() or not 0 < int(number) <= len(allowed):
        raise Refused(f"/approvals lists none with the number {number!r}.")
    approval = allowed[int(number) - 1]
    await interaction.server.call(protocol.APPROVALS_REVOKE, id=approval["id"])
    if session := interaction.current.info:  # whose mode may be what was allowed
        await interaction.current.load(session["id"])
    interaction.say("It is asked about again.")
