"""Fixtures that stories of more than one subject begin with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abstractllm.session import SessionManager


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[SessionManager]:
    """Return a manager whose store is a folder of the test's own."""
    manager = SessionManager(tmp_path / "store")
    yield manager
    await manager.close_async()
