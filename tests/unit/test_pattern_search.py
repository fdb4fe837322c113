"""Searching by regular expressions, those that never come to an end too."""

import asyncio
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from abstractllm.messages import ToolCall
from abstractllm.tools.files import FileTools
from abstractllm.tools.toolbox import Toolbox
from abstractllm.workspace import children, pattern_search, ripgrep
from abstractllm.workspace.documents import Buffer, Match
from abstractllm.workspace.files import Workspace
from tests.scripted import result_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project, beside a file that is none of its business."""
    (tmp_path / "outside.py").write_text("class Diary:\n")
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src/shapes.py").write_text("class Shape:\n    pass\n\nclass circle:\n")
    (folder / "notes.md").write_text("a class of its own\n")
    (folder / ".env").write_text("class Secret\n")
    (folder / "link.py").symlink_to("../outside.py")
    return folder


async def search(folder: Path, text: str, **arguments: object) -> str:
    toolbox = Toolbox(FileTools(Workspace([folder])).definitions)
    arguments = {"text": text, "regex": True, **arguments}
    call = ToolCall(id="1", name="search_text", arguments=arguments)
    return (await result_of(toolbox, call)).content


@pytest.mark.parametrize("with_ripgrep", [True, False])
async def test_lines_are_found_by_a_regular_expression(
    project: Path, with_ripgrep: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_ripgrep:
        monkeypatch.setattr(ripgrep, "find_program", lambda *_: None)

    assert await search(project, r"^class \w+:") == (
        "src/shapes.py:1: class Shape:\nsrc/shapes.py:4: class circle:"
    )
    assert await search(project, "^class [A-Z]", match_case=True) == (
        "src/shapes.py:1: class Shape:"
    )
    assert await search(project, "(?<=a )CLASS$|class of", pattern="**/*.md") == (
        "notes.md:1: a class of its own"
    )


async def test_an_expression_looks_into_open_buffers(project: Path) -> None:
    buffers = {
        (project / "notes.md").as_uri(): Buffer(text="new \ud83d class\n", version=2),
        "untitled:Untitled-1": Buffer(text="classes\n"),
    }
    workspace = Workspace([project], lambda: buffers)

    found = await workspace.search("class", "[!s]*", 10, match_case=False, regex=True)

    assert found.items == (
        Match(name="notes.md", line=1, text="new \ud83d class"),
        Match(name="untitled:Untitled-1", line=1, text="classes"),
    )


@pytest.mark.parametrize("text", ["(", "[z-a]", "a{99999999999999999999}", "(" * 5000])
async def test_an_expression_that_is_not_valid_is_told(
    project: Path, text: str
) -> None:
    told = await search(project, text)

    assert told.startswith("Wrong arguments. This is no regular expression: ")


async def test_an_expression_that_never_ends_is_ended_and_told(project: Path) -> None:
    (project / "long.txt").write_text("a" * 5000 + "!\n")

    assert await search(project, "(a+)+$") == (
        "Wrong arguments. The regular expression takes too much time or memory. Make "
        "it simpler: with no repetition inside of another one."
    )


async def test_an_expression_that_never_ends_ends_with_its_turn(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "long.txt").write_text("a" * 5000 + "!\n")
    started: asyncio.Queue[subprocess.Popen[bytes]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
        process = children.start(command)
        loop.call_soon_threadsafe(started.put_nowait, process)
        return process

    monkeypatch.setattr(pattern_search, "start", start)
    searching = asyncio.create_task(search(project, "(a+)+$"))
    process = await started.get()

    assert (await Workspace([project]).list(".", "*.md", 9)).items == ("notes.md",)
    searching.cancel()
    await loop.shutdown_default_executor()

    assert process.returncode == -signal.SIGKILL
