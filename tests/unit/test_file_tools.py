"""The file tools: what a model sees of a workspace, and what it never sees."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from abstractllm.messages import ToolCall, ToolResult
from abstractllm.tools.files import FileTools
from abstractllm.tools.toolbox import Toolbox
from abstractllm.workspace.documents import Buffer
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.rules import is_secret
from tests.scripted import result_of

SECRET = "the-secret-of-this-test"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project, beside a folder that is none of its business."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "diary.txt").write_text(SECRET)
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src/main.py").write_text("import os\n\nprint('Hello')\n")
    (folder / "README.md").write_text("# Hello\n")
    return folder


async def call(folder: Path, tool: str, /, **arguments: object) -> ToolResult:
    toolbox = Toolbox(FileTools(Workspace([folder])).definitions)
    call = ToolCall(name=tool, arguments=arguments, id="1")
    return await result_of(toolbox, call)


async def answer(folder: Path, tool: str, /, **arguments: object) -> str:
    result = await call(folder, tool, **arguments)
    assert not result.is_error, result.content
    return result.content


async def refusal(folder: Path, path: str) -> str:
    result = await call(folder, "read_file", path=path)
    assert result.is_error, result.content
    assert SECRET not in result.content
    return result.content


async def test_a_file_is_read_with_line_numbers(project: Path) -> None:
    assert await answer(project, "read_file", path="src/main.py") == (
        "src/main.py (lines 1 to 3 of 3)\n"
        "     1  import os\n"
        "     2  \n"
        "     3  print('Hello')"
    )


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [(2, 3, [2, 3]), (3, None, [3]), (0, 1, [1]), (3, 99, [3]), (9, 12, [])],
)
async def test_a_range_of_lines_is_read(
    project: Path, start: int, end: int | None, shown: list[int]
) -> None:
    text = await answer(
        project, "read_file", path="src/main.py", start_line=start, end_line=end
    )

    assert [int(line.split()[0]) for line in text.splitlines()[1:]] == shown


async def test_a_path_may_be_absolute_or_a_uri(project: Path) -> None:
    path = project / "README.md"

    for name in (str(path), path.as_uri(), "./src/../README.md"):
        assert "# Hello" in await answer(project, "read_file", path=name)


async def test_files_are_listed_by_folder_and_pattern(project: Path) -> None:
    assert await answer(project, "list_files") == "README.md\nsrc/main.py"
    assert await answer(project, "list_files", folder="src") == "src/main.py"
    assert await answer(project, "list_files", pattern="*.md") == "README.md"
    assert await answer(project, "list_files", pattern="src/*") == "src/main.py"
    assert await answer(project, "list_files", pattern="*.c") == (
        "No files were found."
    )


async def test_a_text_is_searched_as_it_is(project: Path) -> None:
    (project / "odd.txt").write_text("a.*b [multi-agent] doesn't 38.101\n")

    assert await answer(project, "search_text", text="hello") == (
        "README.md:1: # Hello\nsrc/main.py:3: print('Hello')"
    )
    assert await answer(project, "search_text", text="HELLO", match_case=True) == (
        "No matches were found."
    )
    for text in ("a.*b", "[multi-agent]", "doesn't", "38.101"):
        found = await answer(project, "search_text", text=text)
        assert found.startswith("odd.txt:1:")


async def test_ignore_files_are_honoured_and_deeper_ones_go_over_them(
    project: Path,
) -> None:
    (project / ".gitignore").write_text("*.log\nbuild/\n")
    (project / ".abstractllmignore").write_text("private.md\n")
    (project / "src/.gitignore").write_text("!keep.log\n")
    (project / "build").mkdir()
    for name in ("a.log", "build/out.txt", "private.md", "src/keep.log", "src/b.log"):
        (project / name).write_text("Hello\n")
    (project / ".git").mkdir()
    (project / ".git/config").write_text("Hello\n")

    listed = (await answer(project, "list_files")).split()

    assert listed == [
        ".abstractllmignore",
        ".gitignore",
        "README.md",
        "src/.gitignore",
        "src/keep.log",
        "src/main.py",
    ]
    for name in ("a.log", "build/out.txt", "private.md", "src/b.log", ".git/config"):
        assert "ignored" in await refusal(project, name)
    assert "build" not in await answer(project, "search_text", text="hello")


@pytest.mark.parametrize(
    "path",
    [
        "../outside/diary.txt",
        "src/../../outside/diary.txt",
        "{outside}/diary.txt",
        "file://{outside}/diary.txt",
        "file://{project}/%2e%2e/outside/diary.txt",
        "file://{project}/..%2foutside%2fdiary.txt",
        "file://elsewhere{outside}/diary.txt",
        "link-to-file",
        "link-to-folder/diary.txt",
        "src/link-up/diary.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "~/.bashrc",
        "src/main.py\0.txt",
        "",
        ".",
    ],
)
async def test_nothing_outside_the_workspace_is_read(project: Path, path: str) -> None:
    outside = project.parent / "outside"
    (project / "link-to-file").symlink_to(outside / "diary.txt")
    (project / "link-to-folder").symlink_to(outside)
    (project / "src/link-up").symlink_to("../../outside")

    await refusal(project, path.format(outside=outside, project=project))


async def test_links_out_of_the_workspace_are_neither_listed_nor_searched(
    project: Path,
) -> None:
    (project / "link").symlink_to(project.parent / "outside")
    (project / "diary").symlink_to(project.parent / "outside/diary.txt")
    (project / "circle").symlink_to(project)

    assert "diary" not in await answer(project, "list_files")
    assert (await call(project, "list_files", folder="link")).is_error
    assert SECRET not in await answer(project, "search_text", text="secret")


async def test_a_link_inside_the_workspace_leads_to_its_file(project: Path) -> None:
    (project / "link.py").symlink_to("src/main.py")

    assert "print" in await answer(project, "read_file", path="link.py")


async def test_a_dangling_link_leads_nowhere(project: Path) -> None:
    (project / "inside").symlink_to("gone.txt")
    (project / "beyond").symlink_to("../outside/gone.txt")

    assert await refusal(project, "inside") == "gone.txt does not exist."
    assert await refusal(project, "beyond") == "beyond is not inside the workspace."


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "keys/id_rsa", "server.PEM", ".aws/config", ".npmrc"]
)
async def test_secrets_are_refused_listed_nowhere_and_not_found(
    project: Path, name: str
) -> None:
    path = project / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(SECRET)
    (project / "innocent.txt").symlink_to(path)

    assert "keys or passwords" in await refusal(project, name)
    assert "keys or passwords" in await refusal(project, "innocent.txt")
    assert name not in await answer(project, "list_files")
    assert SECRET not in await answer(project, "search_text", text="secret")


@pytest.mark.parametrize(
    "name",
    ["environment.py", ".env.example", "id_rsa.pub", "src/keys.py", "keymap.lua"],
)
def test_what_only_sounds_like_a_secret_is_none(name: str) -> None:
    assert not is_secret(name)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(2 << 30)


def make_binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\0\0\0")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_pipe, "odd is not a regular file."),
        (make_binary, "odd is a binary file."),
        (make_huge, "odd is a binary file."),  # of two gigabytes of zeros
        (Path.mkdir, "odd is not a regular file."),
    ],
)
async def test_odd_files_are_refused_and_hang_nothing(
    project: Path, make: Callable[[Path], None], why: str
) -> None:
    make(project / "odd")

    assert await refusal(project, "odd") == why
    assert "README.md:1" in await answer(project, "search_text", text="hello")


async def test_a_device_in_a_workspace_is_refused() -> None:
    assert await refusal(Path("/dev"), "zero") == "zero is not a regular file."


async def test_a_line_of_fifty_megabytes_is_shown_in_part(project: Path) -> None:
    (project / "long.txt").write_text("x" * (50 << 20))

    text = await answer(project, "read_file", path="long.txt")

    assert len(text) < 2000
    assert "the file is larger than what can be read of it" in text
    assert "more characters)" in text


async def test_a_long_file_is_shown_in_parts(project: Path) -> None:
    (project / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 5001)))

    first = await answer(project, "read_file", path="long.txt")
    last = await answer(project, "read_file", path="long.txt", start_line=4999)

    assert first.startswith("long.txt (lines 1 to 1000 of 5000)\n")
    assert last.splitlines()[1:] == ["  4999  line 4999", "  5000  line 5000"]


async def test_a_list_that_is_cut_says_so(project: Path) -> None:
    for number in range(600):
        (project / f"file-{number:03}.txt").write_text("Hello\n")

    listed = (await answer(project, "list_files")).splitlines()
    found = (await answer(project, "search_text", text="hello")).splitlines()

    assert (len(listed), len(found)) == (501, 201)
    assert listed[-1] == (
        "There may be more files: narrow the folder, the pattern or the text."
    )


async def test_an_open_buffer_wins_over_the_disk(project: Path) -> None:
    buffers = {
        (project / "src/main.py").as_uri(): Buffer(text="print('Bye')\n", version=7),
        (project / "README.md").as_uri(): Buffer(text="# Hello\n", version=1),
        (project / "new.py").as_uri(): Buffer(text="fresh = True\n", version=2),
        "untitled:Untitled-1": Buffer(text="a draft\n", version=3),
        "git:/project/README.md": Buffer(text="an old one\n", version=1),
    }
    tools = FileTools(Workspace([project], lambda: buffers))

    assert await tools.read_file("src/main.py") == (
        "src/main.py (lines 1 to 1 of 1; open in the editor, version 7; "
        "with unsaved changes)\n     1  print('Bye')"
    )
    assert await tools.read_file("README.md") == (
        "README.md (lines 1 to 1 of 1; open in the editor, version 1)\n     1  # Hello"
    )
    assert "fresh" in await tools.read_file("new.py")
    assert "a draft" in await tools.read_file("untitled:Untitled-1")
    assert await tools.search_text("Bye") == "src/main.py:1: print('Bye')"
    assert await tools.search_text("draft") == "untitled:Untitled-1:1: a draft"
    assert await tools.search_text("an old one") == "No matches were found."


async def test_a_buffer_outside_the_workspace_stays_unseen(project: Path) -> None:
    diary = project.parent / "outside/diary.txt"
    buffers = {diary.as_uri(): Buffer(text=SECRET, version=1)}
    toolbox = Toolbox(FileTools(Workspace([project], lambda: buffers)).definitions)

    result = await result_of(
        toolbox, ToolCall(name="read_file", arguments={"path": str(diary)})
    )

    assert (result.is_error, SECRET in result.content) == (True, False)


async def test_without_a_folder_there_is_nothing_to_see() -> None:
    toolbox = Toolbox(FileTools(Workspace([])).definitions)

    result = await result_of(
        toolbox, ToolCall(name="read_file", arguments={"path": "/etc/passwd"})
    )

    assert (result.is_error, result.content) == (
        True,
        "/etc/passwd is not inside the workspace.",
    )
