"""Fixtures: one VS Code and one browser for all tests, a window for each."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tests.e2e.editor import environment
from tests.editors.vscode.code_server import BUILD, SERVER, CodeServer
from tests.editors.vscode.window import Window
from tests.editors.vscode.wiretap import Wiretap
from tests.vendors import VendorServer
from tests.vendors.shared import vendors as vendors

CHROMIUM = "/usr/bin/chromium"

FAILURES = BUILD / "failures"

_HAS_FAILED = pytest.StashKey[bool]()

# Nothing but the pages of the tests: no updates, no phoning home.
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def shared_vendors() -> Iterator[VendorServer]:
    server = VendorServer().start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def code_server(
    tmp_path_factory: pytest.TempPathFactory, shared_vendors: VendorServer
) -> Iterator[CodeServer]:
    env = environment(tmp_path_factory.mktemp("home"), shared_vendors)
    server = CodeServer(tmp_path_factory.mktemp("vscode"), env).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """Start a browser; it is one for all tests, since loading VS Code takes long."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser.new_context(viewport={"width": 1280, "height": 800})
        browser.close()


@pytest.fixture
def context(
    browser: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """Return the browser without a window.

    Of a test that fails, pictures of its windows are kept in `build/failures`.
    """
    yield browser
    for number, page in enumerate(browser.pages):
        if request.node.stash.get(_HAS_FAILED, False):
            page.screenshot(path=FAILURES / f"{request.node.name}-{number}.png")
        page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test has failed, for its fixtures."""
    report = yield
    if report.failed:
        item.stash[_HAS_FAILED] = True
    return report


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def window(context: BrowserContext, code_server: CodeServer, workspace: Path) -> Window:
    """Return a window with the test's workspace and the chat open."""
    return Window.open(context, code_server.url, workspace)


@pytest.fixture
def wiretap(code_server: CodeServer, tmp_path: Path) -> Iterator[Wiretap]:
    """Listen to what windows that are opened from now on say to their servers."""
    wiretap = Wiretap(tmp_path, SERVER)
    code_server.set_server(wiretap.server)
    yield wiretap
    code_server.set_server(SERVER)
