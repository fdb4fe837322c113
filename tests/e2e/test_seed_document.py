"""Every code block of the document this project came from works as printed.

The blocks run in order, in one namespace, as a reader would type them in; the vendors'
wires are spoken by a local server.
"""

import inspect
import re
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import abstractllm
from abstractllm import AbstractLLMInterface, Session, SessionManager
from abstractllm.blocking import run
from tests.vendors import Call, Reply, VendorServer
from tests.vendors.server import KEY

DOCUMENT = Path(__file__).parents[1] / "data/working-with-sessions.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
BLOCKS = [
    textwrap.dedent(indent + block)
    for indent, block in re.findall(
        r"^([ ]*)```python\n(.*?)^\1```$", TEXT, flags=re.MULTILINE | re.DOTALL
    )
]

SIGNATURE = "class Session:"
"""Begins the block that prints how the class is declared; it is not to be run on."""


@pytest.fixture
def reader(
    vendors: VendorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """Put the reader in an empty folder, with keys; yield the reader's namespace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendors.url)
    namespace: dict[str, Any] = {"__name__": "reader"}
    yield namespace
    for value in namespace.values():
        if isinstance(value, AbstractLLMInterface):
            run(value.aclose())


def scripts_for(block: str) -> list[Reply]:
    """Return what the model is to answer a block; without, it repeats the prompt."""
    if "generate_with_tools" in block:
        called = Reply(tool_calls=[Call(name="get_current_time")])
        return [called, Reply(text=["It is high time."])]
    return []


def run_on(block: str, namespace: dict[str, Any]) -> None:
    exec(compile(block, str(DOCUMENT), "exec"), namespace)


def test_every_block_is_found() -> None:
    assert len(BLOCKS) == TEXT.count("```python") == 12


@pytest.mark.filterwarnings("ignore:The model 'claude-3-opus:DeprecationWarning")
def test_every_block_works_as_printed(
    reader: dict[str, Any], vendors: VendorServer, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = 0
    for block in BLOCKS:
        vendors.will(*scripts_for(block))
        if SIGNATURE in block:
            check_signature(block)
        else:
            run_on(block, reader)
        assert not vendors.scripts, f"the model was not asked by:\n{block}"
        ran += 1

    assert ran == len(BLOCKS)
    assert capsys.readouterr().out.splitlines() == [
        "You said: What's the weather like today?",
        "You said: And what about tomorrow?",
        *listed(reader),
        "OpenAI response: You said: Tell me about quantum computing.",
        "Anthropic response: You said: Explain it in simpler terms.",
        "It is high time.",
    ]
    check_values(reader)
    check_requests(vendors)


def listed(reader: dict[str, Any]) -> list[str]:
    """Return what the loop over the sessions printed."""
    session_id, created, modified = reader["sessions"][0]
    assert len(reader["sessions"]) == 1
    return [f"Session {session_id}: Created {created}, Last modified {modified}"]


def check_signature(block: str) -> None:
    """See that the class is declared as the document prints it."""
    names: dict[str, Any] = {**vars(typing), **vars(abstractllm)}
    run_on(block, names)
    printed = inspect.signature(names["Session"]).parameters
    real = list(inspect.signature(Session).parameters.values())[: len(printed)]
    assert [(p.name, p.default, p.kind) for p in real] == [
        (p.name, p.default, p.kind) for p in printed.values()
    ]


def check_values(reader: dict[str, Any]) -> None:
    """See what the blocks left behind, which they do not print."""
    loaded = reader["loaded_session"]
    assert [message.content for message in loaded.get_history()] == [
        "Hello, who are you?",
        "I'm an AI assistant built with AbstractLLM. How can I help you today?",
        "What's the weather like today?",
        "You said: What's the weather like today?",
        "And what about tomorrow?",
        "You said: And what about tomorrow?",
    ]
    assert isinstance(reader["manager"], SessionManager)
    assert reader["manager"].list_sessions() == []
    assert [m["role"] for m in reader["openai_messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        *["user"] * (len(reader["openai_messages"]) - 5),
    ]
    assert reader["anthropic_messages"][0]["role"] == "user"
    assert reader["summary"] == (
        "You said: Summarize our conversation so far in a concise way."
    )
    assert reader["summary"] in reader["new_session"].system_prompt
    assert [message.content for message in reader["relevant_messages"]] == []
    reader["manager"].close()


def check_requests(vendors: VendorServer) -> None:
    """See that each turn sent the whole history to its provider."""
    sent = [
        (request.path, [message["role"] for message in request.body["messages"]])
        for request in vendors.requests
    ]
    chat, messages = "/v1/chat/completions", "/v1/messages"
    first = ["system", "user", "assistant", "user"]
    assert sent == [
        (chat, first),
        (chat, [*first, "assistant", "user"]),
        (chat, ["system", "user"]),
        (messages, ["user", "assistant", "user"]),
        (chat, ["system", "user"]),
        (chat, ["system", "user", "assistant", "tool"]),
        (chat, ["system", "user"]),
    ]
