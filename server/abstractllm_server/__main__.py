"""The command `abstractllm-ls`: a language server on standard input and output."""

import gc
import os
import sys
from typing import BinaryIO

USAGE = """\
usage: abstractllm-ls [--stdio] [--keys-fd N]
       abstractllm-ls --version | --help

A language server that gives any editor LLM chat sessions. It is started by an editor,
or by `abstractllm chat`, and speaks LSP on standard input and output. An editor may
send the user's keys by a pipe of their own, the inherited file descriptor N.
"""


def main() -> None:
    """Serve until the editor ends it."""
    match [argument for argument in sys.argv[1:] if argument != "--stdio"]:
        case []:
            _serve()
        case ["--keys-fd", number] if number.isdecimal() and int(number) > 2:
            _serve(keys_fd=int(number))
        case ["--version"]:
            from abstractllm_server.protocol import VERSION

            _say(VERSION)
        case ["--help" | "-h"]:
            _say(USAGE)
        case _:
            sys.exit(USAGE)


def _serve(keys_fd: int | None = None) -> None:
    # Before anything else is loaded: whatever prints, native code included, must not
    # reach the wire.
    wire = _claim_stdout()
    # Nearly all that is loaded is there to stay, and the collector's looks at it take
    # an eighth of the start: one has to do. What it leaves is looked at no more.
    usual = gc.get_threshold()
    gc.set_threshold(65_000)

    import asyncio
    import logging

    from abstractllm_server.app import create_server
    from abstractllm_server.keys import open_pipe

    keys = None
    if keys_fd is not None:
        try:
            keys = open_pipe(keys_fd)
        except OSError:
            sys.exit(
                f"abstractllm-ls: there is no file descriptor {keys_fd} "
                "to read keys from."
            )

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs whole messages

    server = create_server()
    gc.freeze()
    gc.set_threshold(*usual)

    async def serve() -> None:
        code = await server.serve(sys.stdin.buffer, wire, keys)
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
