"""Bad input: each is answered with a clear error, and the server goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import environment
from tests.e2e.wire import Json, Wire


@pytest.fixture(scope="module")
def shared_wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with Wire(environment(tmp_path_factory.mktemp("home"))) as wire:
        wire.initialize(tmp_path_factory.mktemp("project"))
        yield wire


@pytest.fixture
def wire(shared_wire: Wire) -> Iterator[Wire]:
    """Return the module's server, and see that it is alive after the test."""
    yield shared_wire
    assert "result" in shared_wire.run(protocol.SESSION_LIST)


def error(response: Json) -> tuple[int, str, str]:
    """Return an error response's code, kind and message, and see that it leaks none."""
    told = response["error"]
    assert "Traceback" not in str(told)
    assert "/work" not in str(told) and ".py" not in str(told)
    return told["code"], told["data"]["kind"], told["message"]


def test_an_unknown_command_is_named(wire: Wire) -> None:
    params = {"command": "abstractllm.session.fly", "arguments": []}

    code, kind, message = error(wire.request("workspace/executeCommand", params))

    assert (code, kind) == (-32602, "protocol")
    assert "abstractllm.session.fly" in message


def test_an_unknown_method_is_named(wire: Wire) -> None:
    assert error(wire.request("abstractllm/session/fly")) == (
        -32601,
        "protocol",
        "There is no method 'abstractllm/session/fly'.",
    )


GENERATE_NEEDS = (
    protocol.SESSION_GENERATE,
    {"sessionId": 7, "promt": "Hi"},
    "`sessionId` must be a string; `prompt` is missing; `promt` is unknown "
    "(known: sessionId, prompt, parentId, context, provider, model, providerConfig).",
)


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        GENERATE_NEEDS,
        (protocol.SESSION_LOAD, {}, "`sessionId` is missing."),
        (protocol.SESSION_LOAD, {"sessionId": None}, "`sessionId` must be a string."),
        (
            protocol.SESSION_LIST,
            {"limit": "ten"},
            "`limit` must be a whole number.",
        ),
        (protocol.SESSION_LIST, {"limit": 0}, "`limit` must be from 1 to 1000."),
        (protocol.SESSION_NEW, {"metadata": []}, "`metadata` must be an object."),
        (protocol.SESSION_NEW, [1], "The argument must be one object."),
        (
            protocol.SESSION_GENERATE,
            {"sessionId": "", "prompt": "", "context": [{"kind": "mind"}, 7]},
            "`context[0].kind` must be one of: file, range, selection, folder, image, "
            "diagnostics, open, changes; `context[1]` is wrong.",
        ),
        (
            protocol.SESSION_GENERATE,
            {"sessionId": "", "prompt": "", "context": 7},
            "`context` is wrong.",
        ),
    ],
)
def test_wrong_arguments_are_named_at_both_doors(
    wire: Wire, method: str, arguments: Any, message: str
) -> None:
    expected = (-32602, "invalidArguments", message)

    assert error(wire.run(method, arguments)) == expected
    assert error(wire.request(method, arguments)) == expected


def test_a_command_takes_one_object(wire: Wire) -> None:
    assert error(wire.run(protocol.SESSION_LIST, {}, {})) == (
        -32602,
        "invalidArguments",
        "The command takes one object.",
    )


def test_a_wrong_notification_is_told_in_a_message(wire: Wire) -> None:
    wire.told.clear()
    wire.notify(protocol.SESSION_LOAD, {"sessionId": 7})
    wire.run(protocol.SESSION_LIST)

    assert [(m["method"], m["params"]["message"]) for m in wire.told] == [
        ("window/showMessage", "`sessionId` must be a string.")
    ]


@pytest.mark.parametrize(
    "method",
    [
        protocol.SESSION_LOAD,
        protocol.SESSION_CANCEL,
        protocol.SESSION_DELETE,
        protocol.SESSION_CLEAR,
    ],
)
def test_an_unknown_session_is_named(wire: Wire, method: str) -> None:
    assert error(wire.run(method, {"sessionId": "nobody's"})) == (
        -32803,
        "unknownSession",
        'There is no session "nobody\'s" in this workspace; it may be deleted.',
    )


def test_an_unknown_provider_is_named_with_the_known_ones(wire: Wire) -> None:
    code, kind, message = error(wire.run(protocol.SESSION_NEW, {"provider": "opnai"}))

    assert (code, kind) == (-32602, "unknownProvider")
    assert message == (
        "There is no provider 'opnai'. "
        "Use one of: openai, anthropic, huggingface, ollama."
    )


def test_an_unknown_parameter_is_named(wire: Wire) -> None:
    arguments = {"providerConfig": {"temprature": 1}}

    code, kind, message = error(wire.run(protocol.SESSION_NEW, arguments))

    assert (code, kind) == (-32602, "invalidArguments")
    assert "'temprature'" in message


def test_a_cursor_that_no_page_gave_is_refused(wire: Wire) -> None:
    code, kind, _ = error(wire.run(protocol.SESSION_LIST, {"cursor": "page two"}))

    assert (code, kind) == (-32602, "invalidParameter")


def test_a_missing_key_is_told_when_a_turn_needs_it(wire: Wire) -> None:
    session = wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
    prompt = {"sessionId": session["id"], "prompt": "Hi"}

    assert "turnId" in wire.run(protocol.SESSION_GENERATE, prompt)["result"]
    told = wire.update("turnEnded")["error"]

    assert told["kind"] == "missingKey"
    assert "OPENAI_API_KEY" in told["message"]


def test_any_key_may_stand_in_metadata(wire: Wire) -> None:
    metadata = {"jsonrpc": "2.0", "class": {"jsonrpc": 1, "a-b": [{"": None}]}}

    session = wire.run(protocol.SESSION_NEW, {"metadata": metadata})["result"]

    assert wire.run(protocol.SESSION_LOAD, {"sessionId": session["id"]})["result"]


@pytest.mark.parametrize("body", [b"{nope", b"\xff\xfe", b"", b"[" * 100_000])
def test_json_that_is_no_json_is_answered(wire: Wire, body: bytes) -> None:
    wire.send_body(body)

    assert error(wire.response(None)) == (
        -32700,
        "protocol",
        "The message is not JSON.",
    )


@pytest.mark.parametrize("message", [[], 7, {"id": None}, {"jsonrpc": "1.0", "id": 5}])
def test_json_that_is_no_message_is_answered(wire: Wire, message: Any) -> None:
    wire.send(message)

    expected_id = message.get("id") if isinstance(message, dict) else None
    assert error(wire.response(expected_id))[:2] == (-32600, "protocol")


def test_wrong_parameters_of_the_protocols_own_methods_are_answered(
    wire: Wire,
) -> None:
    response = wire.request("workspace/executeCommand", {"arguments": "none"})

    assert error(response) == (
        -32602,
        "protocol",
        "The parameters of workspace/executeCommand have the wrong shape.",
    )


def test_headers_may_come_in_any_case_and_order(wire: Wire) -> None:
    body = b'{"jsonrpc": "2.0", "id": "mixed", "method": "abstractllm/session/list"}'
    header = b"Content-Type: application/vscode-jsonrpc\r\ncontent-length: %d\r\n\r\n"
    wire.send_bytes(b"no header at all\r\n" + header % len(body) + body)

    assert "result" in wire.response("mixed")


def test_a_second_initialize_is_refused(wire: Wire, tmp_path: Path) -> None:
    assert error(wire.initialize(tmp_path))[0] == -32600


def test_no_request_is_answered_before_initialize(tmp_path: Path) -> None:
    with Wire(environment(tmp_path)) as wire:
        assert error(wire.request(protocol.SESSION_LIST)) == (
            -32002,
            "protocol",
            "Send `initialize` first.",
        )


def test_a_request_after_shutdown_is_refused(tmp_path: Path) -> None:
    with Wire(environment(tmp_path)) as wire:
        wire.initialize(tmp_path)
        assert wire.request("shutdown")["result"] is None

        assert error(wire.run(protocol.SESSION_LIST)) == (
            -32600,
            "protocol",
            "The server is shutting down.",
        )
        wire.notify("exit")
        assert wire.exit_code() == 0
