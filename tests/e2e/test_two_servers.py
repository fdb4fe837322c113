"""Two servers of one workspace: each sees what the other does while it does it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import environment
from tests.e2e.wire import Wire
from tests.vendors import Held, Reply, VendorServer


@pytest.fixture
def wires(
    tmp_path: Path, workspace: Path, vendors: VendorServer
) -> Iterator[tuple[Wire, Wire]]:
    env = environment(tmp_path / "home")
    openai = {"apiKey": "sk-test", "baseUrl": f"{vendors.url}/v1"}
    options = {"provider": "openai:gpt-4", "providers": {"openai": openai}}
    with Wire(env) as one, Wire(env) as other:
        for wire in (one, other):
            wire.initialize(workspace, initializationOptions=options)
            new(wire, "Each has looked at what is there by now")
        yield one, other


def new(wire: Wire, title: str) -> str:
    """Make a session, and return its id."""
    return str(wire.run(protocol.SESSION_NEW, {"title": title})["result"]["id"])


def told(wire: Wire, session_id: str, fits: Callable[[Any], bool]) -> Any:
    """Return the first info that the server tells of the other's work and that fits."""
    while True:
        message = wire.read()
        assert message is not None
        if message.get("method") == protocol.SESSIONS_CHANGED:
            params = message["params"]
            (name,), (info,) = params["sessionIds"], params["sessions"]
            if params.get("elsewhere") and name == session_id and fits(info):
                return info


def shown(wire: Wire, session_id: str) -> list[str]:
    loaded = wire.run(protocol.SESSION_LOAD, {"sessionId": session_id})["result"]
    return [message["content"] for message in loaded["messages"]]


def test_sessions_of_the_other_come_change_and_go(wires: tuple[Wire, Wire]) -> None:
    one, other = wires

    session = new(one, "First")
    assert told(other, session, bool)["title"] == "First"
    one.run(protocol.SESSION_RENAME, {"sessionId": session, "title": "Better"})
    assert told(other, session, bool)["title"] == "Better"
    other.run(protocol.SESSION_PIN, {"sessionId": session, "pinned": True})
    assert told(one, session, lambda info: info["pinned"])["title"] == "Better"
    one.run(protocol.SESSION_DELETE, {"sessionId": session})
    assert told(other, session, lambda info: info is None) is None


def test_a_turn_of_the_other_is_told_and_its_text_is_there(
    wires: tuple[Wire, Wire], vendors: VendorServer
) -> None:
    one, other = wires
    session = new(one, "Shared")
    gate = Event()
    vendors.will(Held(gate=gate, after=2, reply=Reply(text=["Half ", "of ", "it."])))

    one.run(protocol.SESSION_GENERATE, {"sessionId": session, "prompt": "Hi"})
    told(other, session, lambda info: info["runningElsewhere"])
    told(other, session, lambda info: info["messageCount"] == 2)
    loaded = other.run(protocol.SESSION_LOAD, {"sessionId": session})["result"]
    assert [(m["content"], m["status"]) for m in loaded["messages"]] == [
        ("Hi", "complete"),
        ("Half of ", "streaming"),
    ]
    refused = other.run(
        protocol.SESSION_GENERATE, {"sessionId": session, "prompt": "Me"}
    )
    assert refused["error"]["data"] == {"kind": "turnRunning"}

    gate.set()
    told(other, session, lambda info: not info["runningElsewhere"])
    assert shown(other, session) == ["Hi", "Half of it."]
    other.run(protocol.SESSION_GENERATE, {"sessionId": session, "prompt": "Now"})
    other.update("turnEnded")
    told(one, session, lambda info: info["messageCount"] == 4)
    assert shown(one, session) == ["Hi", "Half of it.", "Now", "You said: Now"]


def test_a_server_that_is_killed_leaves_what_it_said_to_the_other(
    wires: tuple[Wire, Wire], vendors: VendorServer
) -> None:
    one, other = wires
    session = new(one, "Shared")
    vendors.will(Held(gate=Event(), after=2, reply=Reply(text=["Half ", "of ", "it."])))
    one.run(protocol.SESSION_GENERATE, {"sessionId": session, "prompt": "Hi"})
    told(other, session, lambda info: info["messageCount"] == 2)

    one.process.kill()

    told(other, session, lambda info: not info["runningElsewhere"])
    other.run(protocol.SESSION_GENERATE, {"sessionId": session, "prompt": "And?"})
    other.update("turnEnded")
    assert shown(other, session) == ["Hi", "Half of ", "And?", "You said: And?"]
