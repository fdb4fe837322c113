"""`abstractllm doctor`: what is wrong with the sessions of a folder."""

from pathlib import Path

from abstractllm_server import protocol
from abstractllm_terminal.connection import Json
from abstractllm_terminal.language_server import language_server
from abstractllm_terminal.printable import printable

LASTING = {"setAside", "odd"}
"""Findings that are told, and about which nothing is to be done."""


async def examine(*, mend: bool) -> int:
    """Print what was found; return 1 where something is left to be mended."""
    async with language_server(Path.cwd()) as server:
        found = await server.call(protocol.DOCTOR, mend=mend)
        told = list(server.messages)
    size = found["bytes"] / 1e6
    print(
        f"{found['sessions']} sessions, {found['messages']} messages, {size:.1f} MB, "
        f"schema {found['schema']}"
    )
    for sentence in told:
        print(f"- {printable(sentence)}")
    for finding in found["findings"]:
        print(f"- {printable(finding['message'])}{_state(finding)}")
    left = [finding for finding in found["findings"] if _is_left(finding)]
    if left:
        print("`abstractllm doctor --mend` mends it.")
    elif not told and not found["findings"]:
        print("Nothing is wrong.")
    return 1 if left else 0


def _state(finding: Json) -> str:
    return " Mended." if finding["mended"] else ""


def _is_left(finding: Json) -> bool:
    return not finding["mended"] and finding["kind"] not in LASTING
