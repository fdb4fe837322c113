"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.vendors import VendorServer

# No property depends on how fast the machine is.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

_OWN_SETTINGS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "OLLAMA_API_KEY",
    "OLLAMA_HOST",
    "HF_TOKEN",
)


@pytest.fixture(autouse=True)
def _no_keys_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own keys and servers out of the tests."""
    for name in _OWN_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def vendors() -> Iterator[VendorServer]:
    """Start a server that speaks every vendor's wire; see `tests.vendors`."""
    server = VendorServer().start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def shared_vendors() -> Iterator[VendorServer]:
    """Start a vendor server for a module, whose tests share servers or editors."""
    server = VendorServer().start()
    yield server
    server.close()
