"""`run_command`: what is proposed, what is refused, and what the model reads."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from abstractllm.enums import ToolKind
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.tools.commands import CommandTools
from abstractllm.tools.proposal import Proposal
from abstractllm.tools.toolbox import Toolbox
from abstractllm.workspace.changes import WorkspaceChange
from tests.hostile import HOSTILE


class Performance:
    """Keeps what a command tells while it runs."""

    def __init__(self) -> None:
        self.hunks: tuple[int, ...] | None = None
        self.told = ""

    def tell(self, text: str) -> None:
        self.told += text

    async def apply(
        self,
        change: WorkspaceChange,
        door: Callable[[WorkspaceChange], Awaitable[WorkspaceChange]],
    ) -> WorkspaceChange:
        raise AssertionError("a command changes nothing that we know of")


async def proposed(folder: Path, **arguments: object) -> Proposal | ToolResult:
    toolbox = Toolbox(CommandTools(folder).definitions)
    return await toolbox.call(ToolCall(name="run_command", arguments=arguments))


async def performed(folder: Path, performance: Performance, **arguments: object) -> str:
    proposal = await proposed(folder, **arguments)
    assert isinstance(proposal, Proposal)
    call = ToolCall(name="run_command", arguments=arguments)
    result = await Toolbox().perform(call, lambda: proposal.perform(performance))
    return result.content


async def test_a_command_is_proposed_before_it_runs(tmp_path: Path) -> None:
    (definition,) = CommandTools(tmp_path).definitions

    proposal = await proposed(tmp_path, command="touch made")

    assert definition.kind is ToolKind.RUN
    assert isinstance(proposal, Proposal)
    assert (proposal.title, proposal.command) == ("Run touch made", "touch made")
    assert (proposal.folder, proposal.scope) == (str(tmp_path), "touch made")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("cat <<X\nhello\nX", "Run cat <<X…"),
        ("echo " + "a" * 200, "Run echo " + "a" * 75 + "…"),
    ],
)
async def test_a_title_is_short(tmp_path: Path, command: str, title: str) -> None:
    proposal = await proposed(tmp_path, command=command)

    assert isinstance(proposal, Proposal)
    assert proposal.title == title
    assert proposal.command == proposal.scope == command


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("echo hello; false", "Exit code 1.\nhello\n"),
        ("true", "Exit code 0. It printed nothing.\n"),
        ("kill -TERM $$", "It was ended by SIGTERM. It printed nothing.\n"),
        ("kill -40 $$", "It was ended by signal 40. It printed nothing.\n"),
    ],
)
async def test_the_model_reads_how_a_command_ended(
    tmp_path: Path, command: str, told: str
) -> None:
    assert await performed(tmp_path, Performance(), command=command) == told


async def test_the_model_reads_that_a_command_took_too_long(tmp_path: Path) -> None:
    told = await performed(tmp_path, Performance(), command="sleep 99", timeout=0.1)

    assert told == (
        "It was not done after 0.1 seconds, and was ended. It printed nothing.\n"
    )


async def test_the_model_reads_what_a_command_left_behind(tmp_path: Path) -> None:
    command = "echo x >file; tail -f file >shown & until [ -s shown ]; do :; done"

    told = await performed(tmp_path, Performance(), command=command)

    assert told == (
        "Exit code 0. It left processes running, which were ended: tail. It printed "
        "nothing.\n"
    )


async def test_the_user_sees_the_output_while_it_comes(tmp_path: Path) -> None:
    performance = Performance()

    await performed(tmp_path, performance, command="echo one; echo two >&2")

    assert performance.told == "one\ntwo\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"command": " \n"}, "The command is empty."),
        ({"command": "x" * 20_001}, "more than 20,000 characters"),
        ({"command": "ls", "timeout": 0}, "`timeout` must be above 0 and at most 600"),
        ({"command": "ls", "timeout": 601}, "`timeout` must be above 0 and at most"),
        ({"command": "ls", "timeout": "soon"}, "timeout: Input should be a valid num"),
        ({"command": ["ls"]}, "command: Input should be a valid string"),
        ({}, "command: Missing required argument"),
    ],
)
async def test_a_wrong_argument_is_told_in_a_sentence(
    tmp_path: Path, arguments: dict[str, object], sentence: str
) -> None:
    result = await proposed(tmp_path, **arguments)

    assert isinstance(result, ToolResult)
    assert result.is_error
    assert sentence in result.content


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_command_cannot_look_other_than_it_is(
    tmp_path: Path, text: str
) -> None:
    result = await proposed(tmp_path, command=f"echo '{text}'")

    if text == HOSTILE["another line"]:
        assert isinstance(result, Proposal)
    else:
        assert isinstance(result, ToolResult)
        assert "The user approves what he sees" in result.content


async def test_a_command_in_the_users_own_script_is_let_through(
    tmp_path: Path,
) -> None:
    command = "grep 'می‌خواهم' 👩‍💻.txt\n\techo $?"

    assert isinstance(await proposed(tmp_path, command=command), Proposal)


async def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    told = await performed(tmp_path / "gone", Performance(), command="ls")

    assert told == "The command cannot be started: No such file or directory."
