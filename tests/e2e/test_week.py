"""A week of one chat, in two editors: each day is what one does with a history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import environment
from tests.e2e.wire import Json, Wire
from tests.vendors import Reply, VendorServer


class Desk:
    """An editor at one session, which does a thing and tells what is shown then."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.session = ""

    def do(self, method: str, **arguments: Any) -> Json:
        """Run a method, on the session where nothing else is said."""
        of = arguments.pop("sessionId", self.session)
        response = self._wire.run(
            method, {"sessionId": of, **arguments} if of else arguments
        )
        assert "error" not in response, response
        result: Json = response["result"]
        return result

    def turn(self, method: str, **arguments: Any) -> list[str]:
        """Run a turn to its end, and return what is shown."""
        self.do(method, **arguments)
        assert self._wire.update("turnEnded")["stopReason"] == "endTurn"
        return self.shown()

    def load(self) -> Json:
        return self.do(protocol.SESSION_LOAD)

    def shown(self) -> list[str]:
        return [message["content"] for message in self.load()["messages"]]

    def siblings(self, text: str) -> list[str]:
        """Return the ids of what stands beside a message that is shown."""
        loaded = self.load()
        (name,) = [m["id"] for m in loaded["messages"] if m["content"] == text]
        beside: list[str] = loaded["siblings"].get(name, [name])
        return beside


@pytest.fixture
def desks(
    tmp_path: Path, workspace: Path, vendors: VendorServer
) -> Iterator[tuple[Desk, Desk]]:
    env = environment(tmp_path / "home", vendors)
    with Wire(env) as one, Wire(env) as other:
        for wire in (one, other):
            wire.initialize(
                workspace, initializationOptions={"provider": "openai:gpt-4"}
            )
        yield Desk(one), Desk(other)


def test_a_week_of_one_chat(desks: tuple[Desk, Desk], vendors: VendorServer) -> None:
    desk, other = desks
    monday = ["Plan a parser", "You said: Plan a parser"]
    desk.session = other.session = desk.do(protocol.SESSION_NEW, sessionId=None)["id"]
    assert desk.turn(protocol.SESSION_GENERATE, prompt=monday[0]) == monday

    # On Tuesday the prompt is edited, and the branches are compared.
    tuesday = ["Plan a lexer", "You said: Plan a lexer"]
    editing = {"prompt": tuesday[0], "parentId": None}
    assert desk.turn(protocol.SESSION_GENERATE, **editing) == tuesday
    first, second = desk.siblings(tuesday[0])
    desk.do(protocol.SESSION_REWIND, messageId=first)
    assert desk.shown() == monday
    desk.do(protocol.SESSION_REWIND, messageId=second)

    # On Wednesday another model answers, beside the first answer.
    vendors.will(Reply(text=["Tokens first, with a table."]))
    wednesday = [tuesday[0], "Tokens first, with a table."]
    assert desk.turn(protocol.SESSION_REGENERATE, model="gpt-5") == wednesday
    assert vendors.requests[-1].body["model"] == "gpt-5"
    assert len(desk.siblings(wednesday[1])) == 2

    # On Thursday a word leads back to where it was said, in the other editor.
    hits = other.do(protocol.SESSION_SEARCH, sessionId=None, query="said: plan a PARS")
    (hit,) = hits["hits"]
    other.do(protocol.SESSION_REWIND, messageId=hit["messageId"])
    assert other.shown() == monday
    (hit,) = other.do(protocol.SESSION_SEARCH, query="with a table")["hits"]
    other.do(protocol.SESSION_REWIND, messageId=hit["messageId"])

    # On Friday it is summarized there, and goes on by the summary.
    friday = [*wednesday]
    for prompt in ("And then?", "And last?"):
        friday += [prompt, f"You said: {prompt}"]
        assert other.turn(protocol.SESSION_GENERATE, prompt=prompt) == friday
    vendors.will(Reply(text=["They planned a lexer."]))
    assert other.turn(protocol.SESSION_COMPACT) == [*friday, "They planned a lexer."]
    saturday = [*friday, "They planned a lexer.", "Go on", "You said: Go on"]
    assert other.turn(protocol.SESSION_GENERATE, prompt="Go on") == saturday
    sent = " ".join(str(m["content"]) for m in vendors.requests[-1].body["messages"])
    assert "They planned a lexer." in sent
    assert "with a table" not in sent

    # At the week's end it is exported, deleted by mistake, and all of it is there.
    text = other.do(protocol.SESSION_EXPORT)["text"]
    other.do(protocol.SESSION_DELETE)
    other.do(protocol.SESSION_UNDELETE)
    assert desk.shown() == saturday
    imported = desk.do(protocol.SESSION_IMPORT, sessionId=None, text=text)
    desk.session = imported["id"]
    assert desk.shown() == saturday
    assert desk.siblings(tuesday[0]) == other.siblings(tuesday[0])
    spent = desk.do(protocol.USAGE, sessionId=None)["total"]
    assert spent["inputTokens"] > 0
