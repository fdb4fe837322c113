"""Commands as processes: what they see, what is seen of them, and how they end."""

import asyncio
import re
import shlex
import sys
from pathlib import Path

import psutil
import pytest

from abstractllm.messages import new_id
from abstractllm.tools import descendants
from abstractllm.tools.command_output import HEAD, MOST_TOLD, TAIL, Output
from abstractllm.tools.command_process import CommandEnd, run

LONG = 60.0

FORKS_TWICE = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", sys.argv[1]])
"""


async def run_here(folder: Path, command: str, seconds: float = LONG) -> CommandEnd:
    return await run(command, folder, seconds, lambda _: None)


class Sleeper:
    """A `sleep` that is told from all others on the machine."""

    def __init__(self) -> None:
        self.argument = f"1000.{int(new_id(), 16)}"
        self.command = f"sleep {self.argument}"

    def is_alive(self) -> bool:
        """Return whether a process sleeps so."""
        return any(
            self.argument in (process.info["cmdline"] or ())
            for process in psutil.process_iter(["cmdline"])
        )


@pytest.fixture
def sleeper() -> Sleeper:
    """Return a sleeper of this test."""
    return Sleeper()


async def test_a_command_is_shown_while_it_runs_and_told_at_its_end(
    tmp_path: Path,
) -> None:
    told: list[str] = []

    end = await run("echo one; echo two >&2; exit 3", tmp_path, LONG, told.append)

    assert end == CommandEnd(exit_code=3, timed_out=False, output="one\ntwo\n")
    assert "".join(told) == "one\ntwo\n"


async def test_a_command_runs_in_its_folder_without_a_terminal_or_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "4f1c0a9be27d4b63")
    monkeypatch.setenv("GREETING", "hello")

    looks = "pwd; cat; echo $GREETING $OPENAI_API_KEY; cat </dev/tty || echo none"

    end = await run_here(tmp_path, f"({looks}) 2>/dev/null")

    assert end.output == f"{tmp_path}\nhello\nnone\n"


@pytest.mark.parametrize(
    ("shell", "told"), [("/bin/bash", "bash"), ("/usr/bin/fish", "sh"), ("zsh", "sh")]
)
async def test_the_users_shell_runs_it_if_it_is_like_sh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str, told: str
) -> None:
    monkeypatch.setenv("SHELL", shell)

    end = await run_here(tmp_path, 'basename "$0"')

    assert end.output == f"{told}\n"


async def test_a_signal_that_ends_a_command_is_told(tmp_path: Path) -> None:
    assert (await run_here(tmp_path, "kill -9 $$")).exit_code == -9


async def test_a_command_that_takes_too_long_is_ended(
    tmp_path: Path, sleeper: Sleeper
) -> None:
    end = await run_here(tmp_path, f"echo begun; {sleeper.command}", seconds=2)

    assert end == CommandEnd(exit_code=None, timed_out=True, output="begun\n")
    assert not sleeper.is_alive()


@pytest.mark.parametrize(
    "way",
    [
        "{sleep} &",
        "nohup {sleep} >/dev/null 2>&1 &",
        "(trap '' HUP; {sleep} & ) &",
        "setsid -f {sleep}",
        "setsid sh -c '{sleep} &' >/dev/null 2>&1",
        "env -i {sleep} &",
        f"{shlex.quote(sys.executable)} -c {shlex.quote(FORKS_TWICE)} {{argument}}",
    ],
)
async def test_what_a_command_leaves_behind_is_ended_and_told(
    tmp_path: Path, sleeper: Sleeper, way: str
) -> None:
    command = way.format(sleep=sleeper.command, argument=sleeper.argument)

    end = await run_here(tmp_path, f"{command}\necho done")

    assert end.output == "done\n"
    assert end.left_behind
    assert not sleeper.is_alive()


async def test_what_is_left_behind_has_a_name(tmp_path: Path) -> None:
    until_it_runs = "until [ -s shown ]; do sleep 0.01; done"

    end = await run_here(
        tmp_path, f"echo x >file; tail -n 9 -f file >shown & {until_it_runs}"
    )

    assert end.left_behind == ("tail",)


async def test_who_does_not_listen_is_killed(
    tmp_path: Path, sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descendants, "GRACE_SECONDS", 0.1)
    deaf = f"trap '' TERM; setsid -f {sleeper.command}; {sleeper.command}; exec sleep 9"

    end = await run_here(tmp_path, deaf, seconds=0.3)

    assert end.timed_out
    assert not sleeper.is_alive()


@pytest.mark.parametrize("times", [1, 2])
async def test_a_command_that_is_cancelled_is_gone_with_all_it_started(
    tmp_path: Path, sleeper: Sleeper, times: int
) -> None:
    begun = asyncio.Event()
    command = f"setsid -f {sleeper.command}; echo begun; {sleeper.command}"
    running = asyncio.create_task(run(command, tmp_path, LONG, lambda _: begun.set()))
    await begun.wait()
    assert sleeper.is_alive()

    for _ in range(times):
        running.cancel()
        await asyncio.wait([running], timeout=0)
    with pytest.raises(asyncio.CancelledError):
        await running
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others)

    assert not sleeper.is_alive()


async def test_a_command_is_ended_without_the_one_beside_it(tmp_path: Path) -> None:
    begun = asyncio.Event()
    waits = "echo begun; while [ ! -e other-is-gone ]; do sleep 0.01; done"
    beside = asyncio.create_task(run(waits, tmp_path, LONG, lambda _: begun.set()))
    await begun.wait()

    await run_here(tmp_path, "sleep 1000", seconds=0.1)
    (tmp_path / "other-is-gone").touch()

    assert (await beside).exit_code == 0


async def test_a_flood_fills_neither_memory_nor_the_wire(tmp_path: Path) -> None:
    told: list[str] = []

    end = await run("seq 1000000", tmp_path, LONG, told.append)

    assert len("".join(told)) < MOST_TOLD + 100
    assert told[-1] == (
        "\n… (more output comes, which is not shown while the command runs)\n"
    )
    head, left_out, tail = re.split(r"\n… \(([\d,]+) bytes .*\)\n\n", end.output)
    assert head.startswith("1\n2\n3\n")
    assert tail.endswith("\n999999\n1000000\n")
    assert len(head) <= HEAD
    assert len(tail) <= TAIL
    size = sum(len(f"{number}\n") for number in range(1, 1_000_001))
    assert int(left_out.replace(",", "")) + len(head + tail) == size


def test_a_character_that_comes_in_two_pieces_is_one() -> None:
    told: list[str] = []
    output = Output(told.append)

    for piece in (b"gr\xc3", b"\xbc\xc3\x9f", b" \xff!"):
        output.add(piece)

    assert told == ["gr", "üß", " \ufffd!"]
    assert output.text == "grüß \ufffd!"
