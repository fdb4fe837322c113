"""A chat in a folder that cannot be written: told once, gone on with, saved later."""

from collections.abc import Mapping
from pathlib import Path

from abstractllm_server import protocol
from tests.e2e.wire import Json, Wire
from tests.vendors import VendorServer

SHOW = "window/showMessage"


def shown(wire: Wire) -> str:
    """Return the next sentence that the user is shown."""
    while (message := wire.read()) is None or message.get("method") != SHOW:
        assert message is not None, "the server ended"
    text: str = message["params"]["message"]
    return text


def chats(wire: Wire) -> list[tuple[str, int]]:
    """Return the listed sessions: their titles, and how many messages they hold."""
    page: Json = wire.run(protocol.SESSION_LIST, {})["result"]
    return [(info["title"], info["messageCount"]) for info in page["sessions"]]


def test_what_was_said_while_nothing_could_be_saved_is_there_after_a_restart(
    workspace: Path, env: Mapping[str, str], vendors: VendorServer
) -> None:
    in_the_way = workspace / ".abstractllm"
    in_the_way.write_text("in the way")
    with Wire(env) as wire:
        wire.initialize(workspace)
        session = wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        for prompt in ("Hi", "Still there?"):
            asked = {"sessionId": session["id"], "prompt": prompt}
            wire.run(protocol.SESSION_GENERATE, asked)
            assert wire.update("turnEnded").get("error") is None
        told = [m["params"]["message"] for m in wire.told if m.get("method") == SHOW]
        assert chats(wire) == [("Hi", 4)]
        in_the_way.unlink()

        assert shown(wire) == "Sessions can be saved again, and what waited is saved."

    (reason,) = told
    assert "The session store cannot be used: Not a directory." in reason
    with Wire(env) as wire:
        wire.initialize(workspace)
        assert chats(wire) == [("Hi", 4)]
