"""Fixtures that stories of more than one subject begin with."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from abstractllm.session import SessionManager


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[SessionManager]:
    """Return a manager whose store is a folder of the test's own."""
    manager = SessionManager(tmp_path / "store")
    yield manager
    await manager.close_async()


@pytest.fixture
def folder_of_an_ordinary_user() -> Iterator[Path]:
    """Yield a folder while we are a user to whom permissions apply."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    yield folder
    folder.chmod(0o700)
    if root:
        os.seteuid(0)
    shutil.rmtree(folder)
