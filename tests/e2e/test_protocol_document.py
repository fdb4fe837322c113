"""The transcripts in docs/protocol.md, replayed against the real server."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.wire import Json, Wire
from tests.vendors import Call, Reply, VendorServer

DOCUMENT = Path(__file__).parents[2] / "docs/protocol.md"

METHODS = {
    value
    for value in vars(protocol).values()
    if isinstance(value, str) and value.startswith("abstractllm/")
}

LINES = re.findall(
    r"^(-->|<--) (?:(error|[\w$]+/\S+) )?(\{.*\})$",
    DOCUMENT.read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)

CLIENT = {
    "capabilities": {
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {
                "documentChanges": True,
                "resourceOperations": ["create", "rename", "delete"],
            },
        }
    },
    "initializationOptions": {
        "capabilities": {
            "approvals": True,
            "saves": True,
            "editorQueries": ["openFiles"],
        }
    },
}

EDIT = {"path": "greeting.txt", "edits": [{"old": "Hello", "new": "Goodbye"}]}

MODEL = [
    Reply(text=["You said: ", "Hello!"]),
    Reply(text=["Good day!"]),
    Reply(text=["Now what?"]),
    Reply(text=["They greeted each other."]),
    Reply(tool_calls=[Call(name="edit_file", arguments=[json.dumps(EDIT)])]),
    Reply(text=["Changed."]),
    Reply(tool_calls=[Call(name="get_open_files")]),
    Reply(text=["A greeting."]),
    Reply(
        tool_calls=[Call(name="run_command", arguments=['{"command": "echo tested"}'])]
    ),
    Reply(text=["Tested."]),
]
"""What the model of the document says, in order."""


def filled(value: Any, names: dict[str, str]) -> Any:
    """Return a value of the document with its angle brackets filled in."""
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def matches(expected: Any, actual: Any, names: dict[str, str]) -> bool:
    """Compare whole values, taking in names that are seen for the first time."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        expected = {names.get(key, key): item for key, item in expected.items()}
        return expected.keys() == actual.keys() and all(
            matches(expected[key], actual[key], names) for key in expected
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            matches(*pair, names) for pair in zip(expected, actual, strict=True)
        )
    if expected == "…":
        return actual is not None
    if isinstance(expected, str) and re.fullmatch("<.*>", expected):
        return bool(names.setdefault(expected, actual) == actual)
    return bool(expected == actual)


class Replay:
    """Plays the client of the document, with one file; the server is the real one."""

    def __init__(self, wire: Wire, names: dict[str, str], file: Path) -> None:
        self._wire = wire
        self._file = file
        self._text = ""
        self._names = names
        self._read: list[Json] = []
        self._asked = 0
        self._question: Any = None

    def send(self, method: str, content: Any) -> None:
        """Send a request, a notification of LSP, or an answer to the last question."""
        message: Json = {"jsonrpc": "2.0"}
        if not method:
            message |= {"id": self._question, "result": content}
        elif method.startswith("textDocument/did"):
            message |= {"method": method, "params": content}
            for change in content.get("contentChanges", ()):
                self._text = change["text"]
        else:
            self._asked += 1
            message |= {"id": self._asked, "method": method, "params": content}
        self._wire.send(filled(message, self._names))

    def received(self, method: str) -> Any:
        """Return what the server sends next by a method, or answers."""
        if method in ("", "error"):
            answer = self._next(lambda m: "method" not in m and m["id"] == self._asked)
            return answer[method or "result"]
        message = self._next(lambda m: m.get("method") == method)
        self._question = message.get("id", self._question)
        if method == protocol.DOCUMENT_SAVE:
            self._file.write_text(self._text)
        return message["params"]

    def _next(self, fits: Callable[[Json], bool]) -> Json:
        while not (fitting := [*filter(fits, self._read)]):
            message = self._wire.read()
            assert message is not None, "the server ended"
            self._read.append(message)
        self._read.remove(fitting[0])
        return fitting[0]


def test_every_transcript_happens_as_printed(
    vendors: VendorServer, workspace: Path, env: dict[str, str]
) -> None:
    vendors.will(*MODEL)
    file = workspace / "greeting.txt"
    file.write_text("Hello\n")
    names = {"<greeting.txt>": file.as_uri(), "<folder>": str(workspace)}
    with Wire(env) as wire:
        wire.initialize(workspace, **CLIENT)
        replay = Replay(wire, names, file)
        for arrow, name, text in LINES:
            expected = json.loads(text)
            if arrow == "-->":
                replay.send(name, expected)
            else:
                actual = replay.received(name)
                assert matches(expected, actual, names), f"{arrow} {name} {actual}"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_is_shown_in_a_transcript(method: str) -> None:
    assert method in {name for _, name, _ in LINES}


def test_every_line_of_a_transcript_is_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert len(re.findall("^(?:-->|<--) ", text, flags=re.MULTILINE)) == len(LINES)
