"""The command `abstractllm-ls`: a language server on standard input and output."""

import os
import sys
from typing import BinaryIO

USAGE = """\
usage: abstractllm-ls [--stdio | --version | --help]

A language server that gives any editor LLM chat sessions. It is started by an editor,
or by `abstractllm chat`, and speaks LSP on standard input and output.
"""


def main() -> None:
    """Serve until the editor ends it."""
    match sys.argv[1:]:
        case [] | ["--stdio"]:
            _serve()
        case ["--version"]:
            from importlib.metadata import version

            _say(version("abstractllm-ls"))
        case ["--help" | "-h"]:
            _say(USAGE)
        case _:
            sys.exit(USAGE)


def _serve() -> None:
    # Before anything else is loaded: whatever prints, native code included, must not
    # reach the wire.
    wire = _claim_stdout()

    import asyncio
    import logging

    from abstractllm_server.app import create_server

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs whole messages

    async def serve() -> None:
        code = await create_server().serve(sys.stdin.buffer, wire)
        # Not sys.exit: a tool that hangs in a thread must not keep the process.
        os._exit(code)

    asyncio.run(serve())


def _claim_stdout() -> BinaryIO:
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return wire


def _say(text: str) -> None:
    sys.stdout.write(f"{text.strip()}\n")


if __name__ == "__main__":
    main()
