"""Sessions through the real server: made, listed, opened, changed and deleted."""

from pathlib import Path
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Refused, environment
from tests.vendors import VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("door", ["ask", "run"])
async def test_both_doors_lead_to_one_method(editor: Editor, door: str) -> None:
    call = getattr(editor, door)

    made = await call(protocol.SESSION_NEW, title="A title", provider="openai:gpt-4")
    loaded = await call(protocol.SESSION_LOAD, sessionId=made["id"])

    assert made == {
        "id": made["id"],
        "title": "A title",
        "provider": "openai",
        "model": "gpt-4",
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
        "messageCount": 0,
        "usage": {"inputTokens": 0, "outputTokens": 0, "cachedTokens": 0},
        "cost": {"amount": 0.0, "currency": "USD"},
        "context": None,
        "mode": "edit",
        "pinned": False,
        "runningElsewhere": False,
    }
    assert loaded == {
        "session": made,
        "messages": [],
        "more": False,
        "siblings": {},
        "changes": {},
    }


async def test_the_third_door_is_a_notification(editor: Editor) -> None:
    editor.notify(protocol.SESSION_NEW, title="From a notification")

    listed = await editor.run(protocol.SESSION_LIST, limit=1)

    assert listed["sessions"][0]["title"] == "From a notification"


async def test_sessions_are_listed_page_by_page_latest_first(editor: Editor) -> None:
    made = [
        (await editor.run(protocol.SESSION_NEW, title=f"page {n}"))["id"]
        for n in range(5)
    ]

    seen: list[str] = []
    cursor: str | None = None
    while len(seen) < 5:
        page: dict[str, Any] = await editor.run(
            protocol.SESSION_LIST, limit=2, cursor=cursor
        )
        seen += [session["id"] for session in page["sessions"]]
        cursor = page["nextCursor"]

    assert seen[:5] == made[::-1]


async def test_a_renamed_session_is_told_and_kept(editor: Editor) -> None:
    session = await editor.run(protocol.SESSION_NEW)
    editor.forget()

    renamed = await editor.run(
        protocol.SESSION_RENAME, sessionId=session["id"], title="  Better  "
    )

    assert renamed["title"] == "Better"
    assert editor.changed == [{"sessionIds": [session["id"]], "sessions": [renamed]}]
    with pytest.raises(Refused, match="blank"):
        await editor.run(protocol.SESSION_RENAME, sessionId=session["id"], title=" ")


async def test_a_turn_tells_what_it_changed_when_it_begins_and_when_it_ends(
    editor: Editor,
) -> None:
    made = await editor.run(protocol.SESSION_NEW, provider="openai:gpt-4")
    editor.forget()

    await editor.run(protocol.SESSION_GENERATE, sessionId=made["id"], prompt="Hi")
    await editor.turn()
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=made["id"])

    begun, ended = (changed["sessions"][0] for changed in editor.changed)
    updated_at = begun["updatedAt"]
    assert begun == {**made, "title": "Hi", "messageCount": 1, "updatedAt": updated_at}
    assert ended == loaded["session"]
    assert loaded["session"]["messageCount"] == 2


async def test_a_deleted_session_is_unknown(editor: Editor) -> None:
    session = await editor.run(protocol.SESSION_NEW)
    editor.forget()

    answer = await editor.run(protocol.SESSION_DELETE, sessionId=session["id"])

    assert answer == {"deleted": True}
    assert editor.changed == [{"sessionIds": [session["id"]], "sessions": [None]}]
    with pytest.raises(Refused) as refused:
        await editor.run(protocol.SESSION_LOAD, sessionId=session["id"])
    assert refused.value.kind == "unknownSession"


async def test_a_cleared_session_starts_over(
    editor: Editor, vendors: VendorServer
) -> None:
    session_id = (await editor.run(protocol.SESSION_NEW, provider="openai"))["id"]
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="One")
    await editor.turn()

    await editor.run(protocol.SESSION_CLEAR, sessionId=session_id)
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Two")
    await editor.turn()

    assert vendors.requests[-1].body["messages"] == [{"role": "user", "content": "Two"}]


async def test_providers_are_listed_with_what_they_lack(editor: Editor) -> None:
    answer = await editor.run(protocol.PROVIDERS_LIST)

    ready = {p["name"]: p["ready"] for p in answer["providers"]}
    assert ready == {
        "openai": True,
        "anthropic": True,
        "ollama": True,
        "huggingface": True,
    }
    assert answer["default"] == "openai"


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
async def test_models_are_those_the_provider_offers(
    editor: Editor, provider: str
) -> None:
    answer = await editor.run(protocol.MODELS_LIST, provider=provider)

    assert answer["provider"] == provider
    assert [model["id"] for model in answer["models"]] == ["model-1"]


async def test_two_servers_on_one_workspace_see_each_others_turns(
    vendors: VendorServer, workspace: Path, tmp_path: Path
) -> None:
    env = environment(tmp_path, vendors)
    one = await Editor.start(workspace, env)
    other = await Editor.start(workspace, env, capabilities="visual_studio_code")
    session_id = (await one.run(protocol.SESSION_NEW, provider="openai"))["id"]

    for editor, prompt in ((one, "a"), (other, "b"), (one, "c")):
        await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt=prompt)
        await editor.turn()
    loaded = await other.run(protocol.SESSION_LOAD, sessionId=session_id)

    assert [message["content"] for message in loaded["messages"]] == [
        "a",
        "You said: a",
        "b",
        "You said: b",
        "c",
        "You said: c",
    ]
    await one.stop()
    await other.stop()
