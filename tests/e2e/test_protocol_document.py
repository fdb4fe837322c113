"""The transcripts in docs/protocol.md, replayed against the real server."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.wire import Json, Wire
from tests.vendors import VendorServer

DOCUMENT = Path(__file__).parents[2] / "docs/protocol.md"

METHODS = {
    value
    for value in vars(protocol).values()
    if isinstance(value, str) and value.startswith("abstractllm/")
}

LINES = re.findall(
    r"^(-->|<--) (?:(error|abstractllm/\S+) )?(\{.*\})$",
    DOCUMENT.read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


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


def notification(wire: Wire, method: str) -> Json:
    """Return the next notification of a method."""
    while True:
        for message in wire.told:
            if message["method"] == method:
                wire.told.remove(message)
                return message
        read = wire.read()
        assert read is not None
        wire.told.append(read)


def test_every_transcript_happens_as_printed(
    vendors: VendorServer, workspace: Path, env: dict[str, str]
) -> None:
    names: dict[str, str] = {}
    with Wire(env) as wire:
        wire.initialize(workspace)
        response: Json = {}
        for arrow, name, text in LINES:
            expected = json.loads(text)
            if arrow == "-->":
                response = wire.request(name, filled(expected, names))
                continue
            if name == "error":
                actual = response["error"]
            elif name:
                actual = notification(wire, name)["params"]
            else:
                actual = response["result"]
            assert matches(expected, actual, names), f"{arrow} {name} {actual}"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_is_shown_in_a_transcript(method: str) -> None:
    assert method in {name for _, name, _ in LINES}


def test_every_line_of_a_transcript_is_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert len(re.findall("^(?:-->|<--) ", text, flags=re.MULTILINE)) == len(LINES)
