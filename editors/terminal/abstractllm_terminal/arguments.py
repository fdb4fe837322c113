"""The command line."""

import argparse
import os
from collections.abc import Callable
from importlib.metadata import version

import attrs

DESCRIPTION = "Chat with language models, in the sessions of this folder."

EPILOG = """\
Without a prompt, it asks for prompts until you leave; /help lists its commands. With a
prompt, or with text piped into it, it prints the answer and ends.
"""


@attrs.frozen(kw_only=True)
class Options:
    """What `abstractllm chat` was asked for."""

    prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    system: str | None = None
    session: str | None = None
    latest: bool = False
    """Whether to go on with the latest session."""

    raw: bool = False
    """Whether a piped answer is printed with the control characters that it holds."""


@attrs.frozen(kw_only=True)
class DoctorOptions:
    """What `abstractllm doctor` was asked for."""

    mend: bool = False


def parse(arguments: list[str]) -> Options | DoctorOptions | None:
    """Return the options of a command, or `None` where none was given.

    Prints the help in the latter case. Ends the program for arguments that are wrong,
    for `--help` and for `--version`.
    """
    parser = argparse.ArgumentParser("abstractllm", description=DESCRIPTION)
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('abstractllm-ls')}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    chat = commands.add_parser(
        "chat",
        help="chat, or answer one prompt",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    _add_chat_arguments(chat)
    _add_doctor(commands.add_parser)
    given = vars(parser.parse_args(arguments))
    command = given.pop("command")
    if command is None:
        parser.print_help()
        return None
    if command == "doctor":
        return DoctorOptions(**given)
    if given["system"] and (given["session"] or given["latest"]):
        chat.error("--system is for new sessions; an old one keeps its own")
    prompt = given.pop("prompt")
    return Options(prompt=_as_text(" ".join(prompt)) if prompt else None, **given)


def _add_doctor(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    doctor = add_parser(
        "doctor",
        help="look at this folder's sessions, and mend what is wrong",
        description="Look at the store of this folder's sessions: what it holds, and "
        "what is wrong with it. Ends with 1 where something is left to be mended.",
    )
    doctor.add_argument(
        "--mend", action="store_true", help="mend what can be mended; nothing is lost"
    )


def _add_chat_arguments(chat: argparse.ArgumentParser) -> None:
    chat.add_argument("prompt", nargs="*", help="what to answer, before any piped text")
    chat.add_argument(
        "--provider",
        metavar="NAME[:MODEL]",
        help="who answers: openai, anthropic, ollama or huggingface",
    )
    chat.add_argument("--model", help="the provider's model")
    chat.add_argument("--system", metavar="TEXT", help="a new session's system prompt")
    chat.add_argument(
        "--raw",
        action="store_true",
        help="leave escape sequences in an answer that is piped; they may do anything "
        "to the terminal that shows them",
    )
    which = chat.add_mutually_exclusive_group()
    which.add_argument(
        "--session", metavar="ID", help="go on with this session; a prefix will do"
    )
    which.add_argument(
        "--continue",
        dest="latest",
        action="store_true",
        help="go on with the latest session",
    )


def _as_text(argument: str) -> str:
    # An argument may be bytes that are no text.
    return os.fsencode(argument).decode("utf-8", "replace")
