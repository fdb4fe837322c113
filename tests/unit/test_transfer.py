"""Sessions that leave as a text and come back, and histories from elsewhere."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstractllm.enums import MessageRole
from abstractllm.errors import InvalidSessionFile
from abstractllm.messages import (
    Image,
    Message,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from abstractllm.projection import Target, wire_of
from abstractllm.session.importing import imported
from abstractllm.session.manager import SessionManager
from abstractllm.session.markdown import to_markdown
from abstractllm.store.contract import SessionRecord
from tests.scripted import ScriptedProvider, says

WIRES = ("openai", "anthropic", "ollama", "huggingface")


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


async def test_an_exported_session_comes_back_with_all_its_branches(
    manager: SessionManager,
) -> None:
    provider = ScriptedProvider(says("b"), says("c"))
    session = await manager.create_session_async("Be brief.", provider, title="T")
    await session.generate_async("a", provider_config={"api_key": "sk-secret"})
    await session.regenerate_async()
    text = session.export()

    again = await manager.import_session_async(text)

    assert "sk-secret" not in text
    assert again.id != session.id
    assert again._journal.history.tree == session._journal.history.tree
    assert again.get_history() == session.get_history()
    assert (again.record.title, again.system_prompt) == ("T", "Be brief.")
    assert await manager.get_session_async(again.id) is again


async def test_a_message_list_goes_on_where_it_ended(manager: SessionManager) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Weather?\nPlease"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "look", "arguments": '{"at": "sky"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "blue"},
        {"role": "assistant", "content": "Fine."},
    ]

    session = await manager.import_session_async(json.dumps({"messages": messages}))

    assert (session.record.title, session.system_prompt) == ("Weather?", "Be brief.")
    assert [(m.role, m.parts) for m in session.get_history()] == [
        (MessageRole.USER, (Text("Weather?\nPlease"),)),
        (
            MessageRole.ASSISTANT,
            (ToolCall(name="look", arguments={"at": "sky"}, id="call_1"),),
        ),
        (MessageRole.TOOL, (ToolResult(call_id="call_1", content="blue"),)),
        (MessageRole.ASSISTANT, (Text("Fine."),)),
    ]
    provider = ScriptedProvider(says("Bye."))
    assert await session.generate_async("And?", provider=provider) == "Bye."
    assert len(provider.requests[0].messages) == 5


def test_what_could_act_or_lead_elsewhere_stays_behind() -> None:
    session = {
        "id": "x",
        "mode": "auto",
        "pinned": True,
        "providerConfig": {"base_url": "https://evil", "api_key": "k", "top_p": 1},
    }
    document = {"format": "abstractllm-session", "version": 1, "session": session}

    record, _ = imported(json.dumps({**document, "messages": []}))

    assert (record.mode, record.pinned) == ("edit", False)
    assert record.provider_config == {"top_p": 1}


@pytest.mark.parametrize("text", ["", "no", "[]", "{}", "7", '{"messages": 3}'])
def test_what_holds_no_messages_is_refused(text: str) -> None:
    with pytest.raises(InvalidSessionFile, match="Import a session"):
        imported(text)


def test_one_message_on_each_line_is_a_list_too() -> None:
    lines = '{"role": "user", "content": "a"}\n\n{"role": "assistant", "content": "b"}'

    _, messages = imported(lines)

    assert [message.content for message in messages] == ["a", "b"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("role", "content", "tool_calls", "tool_call_id", "type", "text"),
                    *("image_url", "url", "function", "name", "arguments", "id"),
                ]
            ),
            inner | st.sampled_from(["user", "assistant", "tool", "system", "{}"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(items=st.lists(json_values, min_size=1, max_size=6))
def test_any_list_is_taken_and_can_be_sent_on_every_wire(items: list[Any]) -> None:
    record, messages = imported(json.dumps(items))

    assert len(messages) + (record.system_prompt is not None) == len(items)
    for provider in WIRES:
        target = Target(provider=provider, model="m")
        wire_of(provider).project(
            [*messages, Message(role=MessageRole.USER, parts=(Text("Go on"),))],
            target=target,
            system_prompt=record.system_prompt,
        )


def test_markdown_holds_all_that_is_shown_and_nothing_ends_a_block_early() -> None:
    said = [
        Message(
            role=MessageRole.USER,
            parts=(Resource(uri="file:///a.md", text="```\nx\n```"), Text("Why?")),
        ),
        Message(
            role=MessageRole.ASSISTANT,
            model="gpt",
            parts=(
                Thinking(text="hm"),
                Text("So."),
                ToolCall(name="look", arguments={"at": "é"}),
                Image(data="", media_type="image/png"),
                Unknown({"kind": "hologram"}),
            ),
        ),
        Message(
            role=MessageRole.TOOL, parts=(ToolResult(call_id="c", content="seen"),)
        ),
    ]
    failed = attrs.evolve(said[0], parts=(), metadata={"error": {"message": "No key."}})

    text = to_markdown(
        SessionRecord(id="s", title="A\ntitle", system_prompt="Be brief."),
        [*said, failed],
    )

    assert text == (
        "# A title\n\n## Instructions\n\nBe brief.\n\n"
        "## You\n\n`file:///a.md`:\n\n````\n```\nx\n```\n````\n\nWhy?\n\n"
        "## Assistant (gpt)\n\n<details><summary>Thinking</summary>\n\nhm\n\n</details>"
        '\n\nSo.\n\nCalls `look`:\n\n```json\n{\n  "at": "é"\n}\n```\n\n'
        "(a picture, image/png)\n\n(a part that this version cannot show)\n\n"
        "## Tools\n\n```\nseen\n```\n\n## You\n\n> No key.\n"
    )
