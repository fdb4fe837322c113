"""Titles that the model finds, where the setting asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import environment
from tests.e2e.wire import Wire
from tests.vendors import Reply, VendorServer


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with Wire(environment(tmp_path / "home")) as wire:
        yield wire


def test_a_session_gets_a_title_of_its_models_own(
    wire: Wire, workspace: Path, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["Use sort."]), Reply(text=["Sorting in Rust"]))
    openai = {"apiKey": "sk-test", "baseUrl": f"{vendors.url}/v1"}
    settings = {
        "titles": True,
        "provider": "openai:gpt-4",
        "providers": {"openai": openai},
    }
    wire.initialize(workspace, initializationOptions=settings)
    session = wire.run(protocol.SESSION_NEW)["result"]["id"]
    arguments = {"sessionId": session, "prompt": "How do I sort?"}
    wire.run(protocol.SESSION_GENERATE, arguments)

    titles: list[str | None] = []
    while titles[-1:] != ["Sorting in Rust"]:
        message = wire.read()
        assert message is not None
        if message.get("method") == protocol.SESSIONS_CHANGED:
            titles.append(message["params"]["sessions"][0]["title"])
    assert set(titles) == {"How do I sort?", "Sorting in Rust"}
