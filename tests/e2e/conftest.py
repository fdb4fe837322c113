"""Fixtures of the end-to-end tests.

Starting a server and loading its SDKs takes seconds, so a module's tests share one
server for each editor, and one vendor server; each test makes sessions of its own.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.editor import Editor, environment
from tests.e2e.hands import POEM, Hands, capabilities
from tests.vendors import VendorServer
from tests.vendors.shared import vendors as vendors


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return an empty project folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def env(tmp_path: Path, vendors: VendorServer) -> dict[str, str]:
    """Return the environment of a user who has keys for the vendor server."""
    return environment(tmp_path / "home", vendors)


@pytest.fixture
def users_environment(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test's own environment that of a user of the vendor server."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["visual_studio_code", "neovim"]
)
async def shared_editor(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_vendors: VendorServer,
) -> AsyncGenerator[Editor, None]:
    """Start a module's server, once as VS Code and once as Neovim would."""
    env = environment(tmp_path_factory.mktemp("home"), shared_vendors)
    workspace = tmp_path_factory.mktemp("project")
    editor = await Editor.start(workspace, env, capabilities=request.param)
    yield editor
    await editor.stop()


@pytest.fixture
def editor(shared_editor: Editor, vendors: VendorServer) -> Editor:
    """Return the module's editor; a test with it runs in the module's event loop."""
    shared_editor.forget()
    return shared_editor


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["visual_studio_code", "neovim"]
)
async def shared_hands(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_vendors: VendorServer,
) -> AsyncGenerator[Hands, None]:
    """Start a module's server, as VS Code and as Neovim with our panels."""
    editor = await Editor.start(
        tmp_path_factory.mktemp("project"),
        environment(tmp_path_factory.mktemp("home"), shared_vendors),
        capabilities=capabilities(request.param),
        options={"capabilities": {"panel": True, "approvals": True, "saves": True}},
    )
    yield Hands(editor)
    await editor.stop()


@pytest.fixture
def hands(shared_hands: Hands, vendors: VendorServer) -> Hands:
    """Return the module's editor, with a poem on the disk and nothing open."""
    shared_hands.forget()
    shared_hands.editor.forget()
    for uri in list(shared_hands.texts):
        shared_hands.close(uri)
    (shared_hands.editor.workspace / "poem.txt").write_text(POEM)
    return shared_hands
