"""Settings: where they come from, which goes over which, and what bad ones do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import environment
from tests.e2e.wire import Wire
from tests.vendors import VendorServer


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user without any key."""
    return environment(tmp_path / "home")


@pytest.fixture
def wire(env: dict[str, str]) -> Iterator[Wire]:
    with Wire(env) as wire:
        yield wire


def write_user_file(env: dict[str, str], text: str) -> None:
    path = Path(env["XDG_CONFIG_HOME"], "abstractllm/settings.toml")
    path.parent.mkdir(parents=True)
    path.write_text(text)


def shown(wire: Wire) -> list[str]:
    """Return the messages shown so far."""
    wire.run(protocol.SESSION_LIST)
    return [
        message["params"]["message"]
        for message in wire.told
        if message["method"] == "window/showMessage"
    ]


def default(wire: Wire) -> Any:
    return wire.run(protocol.PROVIDERS_LIST)["result"]["default"]


def test_without_any_setting_or_key_the_local_model_answers(
    wire: Wire, workspace: Path
) -> None:
    wire.initialize(workspace)

    assert default(wire) == "huggingface"


def test_settings_go_over_each_other_from_file_to_options_to_changes(
    wire: Wire, workspace: Path, env: dict[str, str]
) -> None:
    write_user_file(env, 'provider = "ollama"\nsystemPrompt = "Be brief."\n')
    wire.initialize(workspace, initializationOptions={"provider": "anthropic"})
    assert default(wire) == "anthropic"

    changed = {"settings": {"abstractllm": {"provider": "openai:gpt-4"}}}
    wire.notify("workspace/didChangeConfiguration", changed)

    assert default(wire) == "openai:gpt-4"
    assert wire.run(protocol.SESSION_NEW)["result"]["model"] == "gpt-4"
    assert shown(wire) == []


def test_a_key_and_an_address_can_come_from_the_editor(
    wire: Wire, workspace: Path, vendors: VendorServer
) -> None:
    config = {"apiKey": "sk-from-editor", "baseUrl": f"{vendors.url}/v1", "model": "m"}
    options = {"provider": "openai", "providers": {"openai": config}}
    wire.initialize(workspace, initializationOptions=options)
    session = wire.run(protocol.SESSION_NEW)["result"]

    prompt = {"sessionId": session["id"], "prompt": "Hi"}
    wire.run(protocol.SESSION_GENERATE, prompt)
    ended = wire.update("turnEnded")

    assert ended["stopReason"] == "endTurn"
    (asked,) = vendors.requests
    assert asked.headers["authorization"] == "Bearer sk-from-editor"
    assert asked.body["model"] == "m"
    stored = b"".join(path.read_bytes() for path in workspace.rglob("sessions.db*"))
    assert b"sk-from-editor" not in stored


def test_bad_settings_are_told_in_one_message_and_replaced(
    wire: Wire, workspace: Path, env: dict[str, str]
) -> None:
    write_user_file(env, 'idleTimeout = "long"\n')
    options = {"provider": "opnai", "providers": {"openai": {"temprature": 1}}, "x": 1}
    wire.initialize(workspace, initializationOptions=options)

    (message,) = shown(wire)

    assert message.startswith(
        "abstractllm uses the defaults in the place of wrong settings: "
    )
    for name in ("`idleTimeout`", "`provider`", "`providers`", "`x`"):
        assert name in message
    assert default(wire) == "huggingface"


def test_a_user_file_that_is_no_toml_is_told(
    wire: Wire, workspace: Path, env: dict[str, str]
) -> None:
    write_user_file(env, "provider = ")
    wire.initialize(workspace)

    (message,) = shown(wire)

    assert "settings.toml cannot be read as TOML" in message


@pytest.mark.parametrize("settings", [None, {}, {"abstractllm": None}, [], "none"])
def test_an_editor_that_sends_no_settings_changes_none(
    wire: Wire, workspace: Path, settings: Any
) -> None:
    wire.initialize(workspace, initializationOptions={"provider": "ollama"})

    wire.notify("workspace/didChangeConfiguration", {"settings": settings})

    assert default(wire) == "ollama"
    assert shown(wire) == []


def test_a_damaged_store_is_told_in_the_editor_once_by_its_new_name(
    wire: Wire, workspace: Path
) -> None:
    folder = workspace / ".abstractllm"
    folder.mkdir()
    (folder / "sessions.db").write_bytes(b"no database " * 999)
    wire.initialize(workspace)

    wire.run(protocol.SESSION_LIST)
    told = shown(wire)

    (aside,) = folder.glob("sessions.db.damaged-*")
    assert told == [
        "sessions.db was damaged. What could be read of it was brought over into a new "
        "one: 0 messages of 0 sessions. The damaged one was set aside as "
        f"{aside.name}."
    ]
