"""The tool by which a model runs commands."""

import signal
from pathlib import Path

from abstractllm.enums import ToolKind
from abstractllm.errors import InvalidParameter, UsageError
from abstractllm.tools.command_process import CommandEnd, run
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.proposal import Performance, Proposal
from abstractllm.tools.unseen import first_unseen

LONGEST_SECONDS = 600
LONGEST_COMMAND = 20_000
LONGEST_TITLE = 80


class CommandTools:
    """`run_command` in a folder; its docstring is written for the model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def definitions(self) -> list[ToolDefinition]:
        """The tools, to be offered to a model."""
        return [ToolDefinition.from_function(self.run_command, kind=ToolKind.RUN)]

    async def run_command(
        self,
        command: str,
        timeout: float = 120,  # noqa: ASYNC109 - the model's word
    ) -> Proposal:
        """Run a command line in the folder of the user's project, by the user's shell.

        The user is asked first. Use it to build, to test, and for what no other tool
        does; read and change files by their own tools, which see what the user sees.
        The command has no terminal and no input: have it ask nothing. It is ended
        after timeout seconds, at most 600, and all that it started is ended with it,
        so nothing can run on in the background. Of a long output you see both ends.
        """
        _check(command, timeout)

        async def perform(performance: Performance) -> str:
            try:
                end = await run(command, self._folder, timeout, performance.tell)
            except OSError as error:
                raise UsageError(
                    f"The command cannot be started: {error.strerror}."
                ) from None
            return _told(end, timeout)

        return Proposal(
            title=_title(command),
            perform=perform,
            command=command,
            folder=str(self._folder),
            scope=command,
        )


def _check(command: str, seconds: float) -> None:
    if not command.strip():
        raise InvalidParameter("The command is empty.")
    if len(command) > LONGEST_COMMAND:
        raise InvalidParameter(
            f"The command has more than {LONGEST_COMMAND:,} characters. Write a script "
            "into a file and run that."
        )
    if unseen := first_unseen(command, allowed="\t\n"):
        raise InvalidParameter(
            "The user approves what he sees, and the command holds a character that "
            f"is not seen: {unseen!a}. Write it by an escape, as of printf."
        )
    if not 0 < seconds <= LONGEST_SECONDS:
        raise InvalidParameter(
            f"`timeout` must be above 0 and at most {LONGEST_SECONDS} seconds."
        )


def _title(command: str) -> str:
    first, *more = command.strip().splitlines()
    is_whole = not more and len(first) <= LONGEST_TITLE
    return f"Run {first}" if is_whole else f"Run {first[:LONGEST_TITLE]}…"


def _told(end: CommandEnd, seconds: float) -> str:
    sentences = [_ending(end, seconds)]
    if end.left_behind:
        names = ", ".join(end.left_behind)
        sentences.append(f"It left processes running, which were ended: {names}.")
    if not end.output:
        sentences.append("It printed nothing.")
    return f"{' '.join(sentences)}\n{end.output}"


def _ending(end: CommandEnd, seconds: float) -> str:
    if end.exit_code is None:
        return f"It was not done after {seconds:g} seconds, and was ended."
    if end.exit_code >= 0:
        return f"Exit code {end.exit_code}."
    try:
        name = signal.Signals(-end.exit_code).name
    except ValueError:  # a realtime signal
        name = f"signal {-end.exit_code}"
    return f"It was ended by {name}."
