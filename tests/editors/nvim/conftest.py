"""Fixtures of the tests in real Neovims.

Starting Neovim with a server takes seconds, so a module's tests share one of each
version; each begins with no session and no panel.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.editor import environment
from tests.editors.nvim.language_servers import TEXT, stop
from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.vendors import VendorServer
from tests.vendors.shared import vendors as vendors

SAMPLE = '''def area(width, height):
    """Return the area of a rectangle."""
    return width * height


print(area(2, 3))
'''


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project folder with one file, shared by a module."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "sample.py").write_text(SAMPLE)
    return folder


@pytest.fixture
def fresh_project(workspace: Path) -> None:
    """Put the project's files back to what they are when a module begins."""
    for path in workspace.iterdir():
        if path.is_file():
            path.unlink()
        elif path.name != ".abstractllm":
            shutil.rmtree(path)
    (workspace / "sample.py").write_text(SAMPLE)


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Return a Neovim's version."""
    return str(request.param)


@pytest.fixture(scope="module")
def start(
    version: str,
    workspace: Path,
    shared_vendors: VendorServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Neovim]]:
    """Return how to start a Neovim; it ends with the module."""
    env = environment(tmp_path_factory.mktemp("home"), shared_vendors)
    with ExitStack() as stack:

        def start(*files: str) -> Neovim:
            return stack.enter_context(Neovim(version, workspace, env, *files))

        yield start


@pytest.fixture(scope="module")
def shared_neovim(start: Callable[..., Neovim]) -> Neovim:
    """Start a module's Neovim."""
    return start()


@pytest.fixture
def neovim(shared_neovim: Neovim, vendors: VendorServer) -> Neovim:
    """Return the module's Neovim, with nothing left of former tests."""
    shared_neovim.reset()
    return shared_neovim


@pytest.fixture
def file(neovim: Neovim, workspace: Path) -> Iterator[str]:
    """Open a file in a Neovim that has our server, and return its URI.

    Language servers that a test starts for it are stopped afterwards.
    """
    path = workspace / "words.py"
    path.write_text(TEXT)
    neovim.ask("Hello!")
    neovim.command(f"edit {path}")
    yield path.as_uri()
    stop(neovim)
