"""The command `abstractllm`."""

import asyncio
import io
import os
import sys

from abstractllm_terminal.arguments import DoctorOptions, Options, parse
from abstractllm_terminal.errors import Refused, TerminalError
from abstractllm_terminal.printable import printable

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def main() -> None:
    """Run the command, and end with its exit code."""
    _print_any_text()
    try:
        options = parse(sys.argv[1:])
        code = _run(options) if options else 0
    except TerminalError as error:
        print(printable(str(error)), file=sys.stderr)
        code = 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = INTERRUPTED
    except BrokenPipeError:  # whoever read the answer has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run(options: Options | DoctorOptions) -> int:
    if isinstance(options, Options):
        return _chat(options)
    from abstractllm_terminal.doctor import examine

    return asyncio.run(examine(mend=options.mend))


def _chat(options: Options) -> int:
    prompt = _whole_prompt(options)
    if prompt is None:
        from abstractllm_terminal.interactive import chat

        asyncio.run(chat(options))
        return 0
    from abstractllm_terminal.one_shot import answer_once

    ended = asyncio.run(answer_once(options, prompt))
    return INTERRUPTED if ended["stopReason"] == "cancelled" else 0


def _whole_prompt(options: Options) -> str | None:
    """Return the prompt, with the piped text after it; `None` means to ask for it."""
    given = [] if options.prompt is None else [options.prompt]
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if sys.stdin is not None and not is_terminal:
        given.append(sys.stdin.buffer.read().decode("utf-8", "replace").rstrip())
    prompt = "\n\n".join(filter(str.strip, given))
    if prompt:
        return prompt
    if given or not is_terminal or not sys.stdout.isatty():
        raise Refused("There is no prompt. Give one, or start this in a terminal.")
    return None


def _print_any_text() -> None:
    """Have characters that an output cannot show replaced; they must not end us."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
