"""Asking without a panel, and clients that answer as no proper client would."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.hands import NOT_DONE, POEM, call, edits
from tests.e2e.wire import Json, Wire
from tests.vendors import Reply, VendorServer

SHOW = "window/showMessageRequest"

NO_ANSWER = f"{NOT_DONE} The editor gave an answer that is none."
MALFORMED = f"{NOT_DONE} The editor could not ask the user: "

PANEL = {"initializationOptions": {"capabilities": {"approvals": True}}}


class Asked:
    """A server that asks its client whether a poem may be edited."""

    def __init__(self, wire: Wire, vendors: VendorServer, **client: Any) -> None:
        self.wire = wire
        self._vendors = vendors
        self._client = client

    def begin(self, workspace: Path) -> Json:
        """Begin a turn, and return the question."""
        (workspace / "poem.txt").write_text(POEM)
        self.wire.initialize(workspace, **self._client)
        session = self.wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        self.session_id = session["id"]
        return self.ask(edits("poem.txt", "two", "2"))

    def ask(self, made: Any) -> Json:
        """Return the question of another turn."""
        self._vendors.scripts.clear()
        self._vendors.will(Reply(tool_calls=[made]), Reply(text=["Done."]))
        prompt = {"sessionId": self.session_id, "prompt": "Go"}
        self.wire.run(protocol.SESSION_GENERATE, prompt)
        return self.question()

    def question(self) -> Json:
        while True:
            message = self.wire.told.pop(0) if self.wire.told else self.wire.read()
            assert message is not None, "the server ended"
            if message.get("method") in (SHOW, protocol.TOOL_APPROVE):
                return message

    def answer(self, question: Json, **answer: Any) -> str:
        """Answer, and return what the model reads of its call."""
        self.wire.send({"jsonrpc": "2.0", "id": question["id"], **answer})
        told = str(self.wire.update("toolResult")["content"])
        assert self.wire.update("turnEnded")["stopReason"] == "endTurn"
        return told


@pytest.fixture(params=[{}, PANEL], ids=["message", "panel"])
def asked(
    request: pytest.FixtureRequest, env: dict[str, str], vendors: VendorServer
) -> Iterator[Asked]:
    """Return a server whose client has no panel, and one whose client has."""
    with Wire(env) as wire:
        yield Asked(wire, vendors, **request.param)


@pytest.fixture
def by_message(env: dict[str, str], vendors: VendorServer) -> Iterator[Asked]:
    with Wire(env) as wire:
        yield Asked(wire, vendors)


def test_a_message_asks_with_the_same_four_answers(
    by_message: Asked, workspace: Path
) -> None:
    question = by_message.begin(workspace)

    assert question["method"] == SHOW
    assert question["params"] == {
        "type": 3,
        "message": "Edit poem.txt?\n\n--- a/poem.txt\n+++ b/poem.txt\n@@ -1,3 +1,3 @@\n"
        " one\n-two\n+2\n three",
        "actions": [
            {"title": "Allow once"},
            {"title": "Allow for this session"},
            {"title": "Always allow"},
            {"title": "Reject"},
        ],
    }
    assert by_message.answer(question, result={"title": "Allow once"}) == "Done."
    assert (workspace / "poem.txt").read_text() == "one\n2\nthree\n"


def test_each_of_the_answers_is_what_it_says(
    by_message: Asked, workspace: Path
) -> None:
    wire = by_message.wire
    first = by_message.begin(workspace)
    assert by_message.answer(first, result={"title": "Reject"}) == NOT_DONE
    command = call("run_command", command="echo hi")
    shown = by_message.ask(command)
    assert shown["params"]["message"] == "Run echo hi?\n\necho hi"
    told = by_message.answer(shown, result={"title": "Always allow"})

    assert told == "Exit code 0.\nhi\n"
    (approval,) = wire.run(protocol.APPROVALS_LIST, {})["result"]["approvals"]
    assert (approval["tool"], approval["scope"]) == ("run_command", "echo hi")
    second = by_message.ask(edits("poem.txt", "two", "2"))
    by_message.answer(second, result={"title": "Allow for this session"})
    third = by_message.ask(call("delete_file", path="poem.txt"))
    assert third["params"]["message"].startswith("Delete poem.txt?")
    assert by_message.answer(third, result=None) == (
        f"{NOT_DONE} The user closed the question."
    )
    assert (workspace / "poem.txt").read_text() == "one\n2\nthree\n"


def test_a_long_diff_is_cut_in_a_message(by_message: Asked, workspace: Path) -> None:
    by_message.answer(by_message.begin(workspace), result=None)

    shown = by_message.ask(call("write_file", path="a", content="line\n" * 999))

    message = shown["params"]["message"]
    assert len(message) < 1600
    assert message.endswith("\n…")
    assert by_message.answer(shown, result={"title": "Reject"}) == NOT_DONE


NONSENSE: list[Json] = [
    {"result": {"title": "Yes!"}},
    {"result": {"title": 7}},
    {"result": {}},
    {"result": {"name": "Allow once"}},
    {"result": "Allow once"},
    {"result": 7},
    {"result": [{"title": "Allow once"}]},
    {"result": True},
    {"result": {"decision": {"decision": "once"}}},
    {"error": {"code": -32603, "message": "There is no window."}},
    {"error": {"code": "many", "message": 7}},
    {"error": "no"},
    {"error": None},
    {"error": {}, "result": {"title": "Allow once"}},
]


def test_what_is_no_proper_answer_is_a_no(asked: Asked, workspace: Path) -> None:
    question = asked.begin(workspace)
    yes = {"title": "Allow once", "decision": "once"}

    for answer in NONSENSE:
        assert asked.answer(question, **answer).startswith(NOT_DONE), answer
        assert (workspace / "poem.txt").read_text() == POEM
        question = asked.ask(edits("poem.txt", "two", "2"))

    assert asked.answer(question, result=yes) == "Done."


def test_answers_that_nobody_waits_for_change_nothing(
    asked: Asked, workspace: Path
) -> None:
    question = asked.begin(workspace)
    yes = {"title": "Allow once", "decision": "once"}
    for message_id in ("unknown", 7, None):
        asked.wire.send({"jsonrpc": "2.0", "id": message_id, "result": yes})

    assert asked.answer(question, result={}).startswith(NOT_DONE)
    asked.wire.send({"jsonrpc": "2.0", "id": question["id"], "result": yes})
    loaded = asked.wire.run(protocol.SESSION_LOAD, {"sessionId": asked.session_id})

    assert len(loaded["result"]["messages"]) == 4
    assert (workspace / "poem.txt").read_text() == POEM


LATE: list[Json] = [
    {"error": {"code": -32800, "message": "cancelled"}},
    {"result": {"title": "Allow once", "decision": "once"}},
    {"result": 7},
]


def test_a_question_is_taken_back_when_the_turn_is_cancelled(
    asked: Asked, workspace: Path
) -> None:
    wire = asked.wire
    question = asked.begin(workspace)

    for late in LATE:
        answer = wire.run(protocol.SESSION_CANCEL, {"sessionId": asked.session_id})
        assert answer["result"] == {"cancelled": True}
        taken_back = [m for m in wire.told if m.get("method") == "$/cancelRequest"]
        assert [m["params"] for m in taken_back] == [{"id": question["id"]}]
        wire.told.clear()
        wire.send({"jsonrpc": "2.0", "id": question["id"], **late})
        question = asked.ask(edits("poem.txt", "two", "2"))

    assert asked.answer(question, result={}).startswith(NOT_DONE)
    assert (workspace / "poem.txt").read_text() == POEM


def close_stdin(wire: Wire) -> None:
    wire.close_stdin()


def terminate(wire: Wire) -> None:
    wire.process.terminate()


def shut_down(wire: Wire) -> None:
    wire.request("shutdown")
    wire.notify("exit")


@pytest.mark.parametrize("end", [close_stdin, terminate, shut_down])
def test_a_client_that_dies_while_it_is_asked_leaves_every_call_answered(
    asked: Asked, workspace: Path, end: Callable[[Wire], None]
) -> None:
    asked.begin(workspace)

    end(asked.wire)

    asked.wire.exit_code()
    with closing(sqlite3.connect(workspace / ".abstractllm/sessions.db")) as database:
        rows = database.execute("SELECT role, status, text FROM messages").fetchall()
        (parts,) = database.execute(
            "SELECT parts FROM messages WHERE role = 'tool'"
        ).fetchone()
    assert [row[:2] for row in rows] == [
        ("user", "complete"),
        ("assistant", "complete"),
        ("tool", "interrupted"),
    ]
    assert "The user stopped the turn before this was done." in parts
    assert (workspace / "poem.txt").read_text() == POEM
