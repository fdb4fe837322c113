"""With ripgrep and without it: the same answers, and nothing else that it may do."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abstractllm.workspace import ripgrep
from abstractllm.workspace.documents import Buffer, Found, Match
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.folding import expression_of
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.programs import find_program
from tests.unit.trees import grow, trees

thorough = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

Fake = Callable[[str], None]

ODD = "nelsStifkß\u017f\u1e9e\u0149\u212a\ufb01\ufb06\u0130\u0131"
"""Letters that are one in some case, and two in another."""

needles = st.sampled_from(
    ["needle", "NEEDLE", "ss", "strasse", "K", "s", "", ".", "needle\n", "-e", "\ufffd"]
) | st.text(alphabet=ODD, min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ripgrep look into any number of files."""
    monkeypatch.setattr(ripgrep, "FEW", 0)
    assert find_program("rg", []), "These tests need ripgrep: apt install ripgrep"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return what puts a shell script in the place of ripgrep."""

    def put(script: str) -> None:
        program = tmp_path / "bin/rg"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    return put


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a needle, beside a folder that has one too."""
    for folder in ("project", "outside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hay.txt").write_text("hay\n")
        (tmp_path / folder / "pin.txt").write_text("hay\nneedle\n")
    return tmp_path / "project"


FOUND = Found(items=(Match(name="pin.txt", line=2, text="needle"),), complete=True)


async def searched(folder: Path) -> Found[Match]:
    return await Workspace([folder]).search("needle", "*", 10, match_case=False)


@thorough
@given(tree=trees(odd=True), needle=needles, match_case=st.booleans(), most=st.just(5))
def test_the_answers_are_the_same_with_ripgrep_and_without(
    tree: dict[str, bytes], needle: str, match_case: bool, most: int
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name) / "project"
        (Path(name) / "outside").mkdir()
        (Path(name) / "outside/a").write_text("needle")
        grow(folder, tree | {".anchor": b""})
        (folder / "link").symlink_to("../outside")
        (folder / "link-to-a-file").symlink_to("../outside/a")
        buffers = {(folder / "a").as_uri(): Buffer(text="needle and straße")}

        def search() -> Found[Match]:
            workspace = Workspace([folder], lambda: buffers)
            return asyncio.run(
                workspace.search(needle, "*", most, match_case=match_case)
            )

        with_ripgrep = search()
        patch.setattr(ripgrep, "find_program", lambda *_: None)

        assert with_ripgrep == search()


@thorough
@given(needle=needles.filter(bool), line=st.text(alphabet=ODD, max_size=8))
def test_no_line_that_holds_a_text_in_any_case_is_missed(
    needle: str, line: str
) -> None:
    expression = re.sub(
        r"\\x\{(\w+)\}",
        lambda code: re.escape(chr(int(code[1], 16))),
        expression_of(needle),
    )

    if needle.casefold() in line.casefold():
        assert re.search(expression, line)


async def test_only_the_files_that_ripgrep_names_are_opened(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    open_file = Opener.file
    monkeypatch.setattr(
        Opener,
        "file",
        lambda self, place: opened.append(place.name) or open_file(self, place),  # type: ignore[func-returns-value]
    )

    assert await searched(project) == FOUND
    assert opened == ["pin.txt"]


async def test_a_program_in_the_workspace_is_never_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = project / "rg"
    program.write_text(f"#!/bin/sh\ntouch {project}/was-here\n")
    program.chmod(0o755)
    (project.parent / "bin").mkdir()
    (project.parent / "bin/rg").symlink_to(program)
    monkeypatch.chdir(project)
    for folder in (str(project), ".", "", str(project.parent / "bin")):
        monkeypatch.setenv("PATH", folder, prepend=os.pathsep)

    assert await searched(project) == FOUND
    assert not (project / "was-here").exists()


async def test_a_configuration_of_ripgrep_changes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.parent / "ripgreprc").write_text("--invert-match\n--glob=!pin.txt\n")
    (project / ".ignore").write_text("pin.txt\n")
    (project / ".rgignore").write_text("pin.txt\n")
    monkeypatch.setenv("RIPGREP_CONFIG_PATH", str(project.parent / "ripgreprc"))

    assert await searched(project) == FOUND


async def test_ripgrep_is_told_no_secrets(
    project: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "4f1c0a9be27d4b63")
    fake(f"env > {project.parent}/environment; exit 2")

    await searched(project)

    assert "4f1c0a9be27d4b63" not in (project.parent / "environment").read_text()


@pytest.mark.parametrize(
    "script",
    [
        "exit 2",
        "kill -9 $$",
        "printf './pin.txt\\0./../outside/pin.txt\\0pin.txt\\0\\377\\0'",
    ],
)
async def test_a_ripgrep_that_fails_or_raves_changes_nothing(
    project: Path, fake: Fake, script: str
) -> None:
    fake(script)

    assert await searched(project) == FOUND


async def test_a_cancelled_search_ends_ripgrep(project: Path, fake: Fake) -> None:
    started = project.parent / "started"
    os.mkfifo(started)
    fake(f"echo $$ > {started}; exec sleep 600")
    search = asyncio.create_task(searched(project))
    process = int(await asyncio.to_thread(started.read_text))

    search.cancel()
    await asyncio.get_running_loop().shutdown_default_executor()

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
