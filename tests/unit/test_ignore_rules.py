"""Globs and ignore files: as git has them, and never for long."""

import subprocess
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from abstractllm.workspace.globs import path_filter
from abstractllm.workspace.opening import Opener
from abstractllm.workspace.rules import IgnoreFile, is_secret_itself, with_parents
from abstractllm.workspace.walk import Walk
from tests.unit.trees import grow, trees

thorough = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a `.git` folder that has no tree of its own."""
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path], check=True)
    return tmp_path


@thorough
@given(tree=trees(odd=False))
def test_what_is_listed_is_what_git_does_not_ignore(
    repository: Path, tree: dict[str, bytes]
) -> None:
    with TemporaryDirectory() as name, Opener() as opener:
        folder = Path(name)
        grow(folder, tree)
        told = subprocess.run(
            [
                *("git", "--git-dir", str(repository), "--work-tree", name),
                *("ls-files", "--others", "-z", "--exclude-per-directory=.gitignore"),
            ],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")[:-1]

        listed = set(Walk(folder, opener, threading.Event()).files())

    assert listed == {
        path
        for path in told
        if ".git" not in path.split("/")
        and not any(map(is_secret_itself, with_parents(path)))
    }


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.py", "main.py", True),
        ("*.py", "src/deep/main.py", True),
        ("*.py", "main.pyc", False),
        ("src/*", "src/main.py", True),
        ("src/*", "src/deep/main.py", False),
        ("src/**", "src/deep/main.py", True),
        ("src/", "src/deep/main.py", True),
        ("**/*.py", "main.py", True),
        ("**/*.py", "src/deep/main.py", True),
        ("**/test_*.py", "tests/unit/test_a.py", True),
        ("src/**/main.py", "src/main.py", True),
        ("src/**/main.py", "src/a/b/main.py", True),
        ("./src/*.py", "src/main.py", True),
        ("[ms]ain.py", "main.py", True),
        ("[!m]ain.py", "main.py", False),
        ("**", "src/main.py", True),
        ("*", "src/main.py", True),
        ("main", "main/other.py", False),
        ("[a", "[a", False),
    ],
)
def test_a_glob_names_files_by_their_last_part_or_by_their_path(
    glob: str, path: str, fits: bool
) -> None:
    assert path_filter(glob)(path) is fits


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 40 + "b", "a" * 250),
        ("**/a/" * 40 + "b", "a/" * 120),
        ("**/*a*/" * 30 + "b", "a" * 60 + "/a" * 60),
    ],
)
def test_no_glob_takes_long(glob: str, path: str) -> None:
    assert path_filter(glob)(path) is False
    assert IgnoreFile(glob).verdict(path) is None


@pytest.mark.parametrize(
    ("text", "path", "verdict"),
    [
        ("*.log\r\n", "a.log", True),
        ("*.log\n!keep.*\n", "keep.log", False),
        ("!keep.*\n*.log\n", "keep.log", True),
        ("/build\n!name\n", "build", True),
        ("build/\n", "build", None),
        ("build/\n", "build/", True),
        ("# a comment\n", "# a comment", None),
        ("a\\ \n", "a ", True),
        ("a  \n", "a", True),
    ],
)
def test_the_last_line_that_fits_counts(
    text: str, path: str, verdict: bool | None
) -> None:
    assert IgnoreFile(text).verdict(path) is verdict
