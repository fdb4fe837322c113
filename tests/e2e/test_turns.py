"""Turns through the real server, against the vendors' wires."""

import asyncio
import threading
from typing import Any

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Refused, text_of
from tests.vendors import (
    Call,
    Counts,
    Cut,
    Failure,
    Held,
    Malformed,
    Reply,
    VendorServer,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

THREE = ("openai", "anthropic", "ollama")


async def new_session(editor: Editor, **params: Any) -> str:
    session = await editor.run(protocol.SESSION_NEW, **params)
    return str(session["id"])


async def history(editor: Editor, session_id: str) -> list[tuple[str, str, str]]:
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    return [(m["role"], m["content"], m["status"]) for m in loaded["messages"]]


@pytest.mark.parametrize("provider", THREE)
async def test_a_turn_is_answered_at_once_and_told_update_by_update(
    editor: Editor, vendors: VendorServer, provider: str
) -> None:
    vendors.will(Reply(text=["Hel", "lo!"], usage=Counts(input=10, output=5)))
    session_id = await new_session(editor, provider=provider)

    answer = await editor.run(
        protocol.SESSION_GENERATE, sessionId=session_id, prompt="Hi"
    )
    updates = await editor.turn()

    assert {params["turnId"] for params in updates} == {answer["turnId"]}
    assert {params["sessionId"] for params in updates} == {session_id}
    assert [params["seq"] for params in updates] == list(range(len(updates)))
    assert text_of(updates) == "Hello!"
    first, last = updates[0]["update"], updates[-1]["update"]
    assert (first["kind"], first["message"]["content"]) == ("userMessage", "Hi")
    assert (last["stopReason"], last["usage"]) == (
        "endTurn",
        {"inputTokens": 10, "outputTokens": 5, "cachedTokens": 0},
    )
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert last["messageId"] == loaded["messages"][-1]["id"]
    assert await history(editor, session_id) == [
        ("user", "Hi", "complete"),
        ("assistant", "Hello!", "complete"),
    ]


async def test_the_provider_can_be_switched_in_mid_chat(
    editor: Editor, vendors: VendorServer
) -> None:
    session_id = await new_session(editor, provider="openai")
    for provider in ("openai", "anthropic", "ollama"):
        info = await editor.run(
            protocol.SESSION_SWITCH_PROVIDER, sessionId=session_id, provider=provider
        )
        assert info["provider"] == provider
        await editor.run(
            protocol.SESSION_GENERATE, sessionId=session_id, prompt=f"Hi {provider}"
        )
        await editor.turn()

    spoken = [
        [message["role"] for message in request.body["messages"]]
        for request in vendors.requests
        if request.body and "messages" in request.body
    ]
    assert spoken == [
        ["user"],
        ["user", "assistant", "user"],
        ["user", "assistant", "user", "assistant", "user"],
    ]


async def test_a_provider_for_one_turn_does_not_stay(
    editor: Editor, vendors: VendorServer
) -> None:
    session_id = await new_session(editor, provider="openai", model="gpt-4")

    await editor.run(
        protocol.SESSION_GENERATE,
        sessionId=session_id,
        prompt="Hi",
        provider="anthropic:claude-x",
        providerConfig={"maxTokens": 7},
    )
    await editor.turn()
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Hi")
    await editor.turn()

    asked = [(r.body["model"], r.body.get("max_tokens")) for r in vendors.requests]
    assert asked == [("claude-x", 7), ("gpt-4", None)]


async def test_cancel_closes_the_connection_and_keeps_the_text(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), after=2))
    session_id = await new_session(editor, provider="openai")
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count")
    await editor.update("textDelta")

    answer = await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    ended = await editor.update("turnEnded")

    assert answer == {"cancelled": True}
    assert ended["update"]["stopReason"] == "cancelled"
    assert await asyncio.to_thread(vendors.wait_for_disconnect)
    assert (await history(editor, session_id))[-1] == (
        "assistant",
        "One two ",
        "interrupted",
    )
    assert await editor.run(protocol.SESSION_CANCEL, sessionId=session_id) == {
        "cancelled": False
    }


async def test_after_a_cancel_the_next_turn_works(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), after=1), Reply(text=["Four."]))
    session_id = await new_session(editor, provider="anthropic")
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count")
    await editor.update("textDelta")
    await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    await editor.update("turnEnded")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go on")

    assert text_of(await editor.turn()) == "Four."


async def test_a_second_prompt_during_a_turn_is_a_clear_error(
    editor: Editor, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=1))
    session_id = await new_session(editor, provider="openai")
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count")
    await editor.update("textDelta")

    with pytest.raises(Refused, match="still answers") as refused:
        await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="?")
    assert refused.value.kind == "turnRunning"

    gate.set()
    assert (await editor.turn())[-1]["update"]["stopReason"] == "endTurn"


async def test_several_sessions_stream_at_once(
    editor: Editor, vendors: VendorServer
) -> None:
    gates = [threading.Event() for _ in range(5)]
    vendors.will(*(Held(gate=gate, after=1) for gate in gates))
    sessions = [await new_session(editor, provider="openai") for _ in gates]
    for session_id in sessions:
        await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go")
        await editor.update("textDelta")

    for gate in gates:
        gate.set()
    ended = {(await editor.update("turnEnded"))["sessionId"] for _ in gates}

    assert ended == set(sessions)
    for session_id in sessions:
        assert (await history(editor, session_id))[-1][1] == "One two three."


async def test_loading_in_mid_turn_tells_the_turn_so_far(
    editor: Editor, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=2))
    session_id = await new_session(editor, provider="openai")
    answer = await editor.run(
        protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count"
    )
    seen = ""
    while seen != "One two ":
        update = await editor.update("textDelta")
        seen += update["update"]["text"]

    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)

    assert loaded["turn"]["turnId"] == answer["turnId"]
    assert loaded["turn"]["nextSeq"] == update["seq"] + 1
    assert [u["kind"] for u in loaded["turn"]["updates"]] == [
        "userMessage",
        "textDelta",
    ]
    assert loaded["turn"]["updates"][1]["text"] == "One two "
    gate.set()
    rest = await editor.turn()
    assert rest[0]["seq"] == loaded["turn"]["nextSeq"]
    assert "turn" not in await editor.run(protocol.SESSION_LOAD, sessionId=session_id)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Failure(status=401), "authentication"),
        (Failure(status=404), "modelNotFound"),
        (Cut(after=2), "streamInterrupted"),
        (Malformed(after=2), "malformedReply"),
    ],
)
async def test_what_goes_wrong_upstream_ends_the_turn_with_its_kind(
    editor: Editor, vendors: VendorServer, script: Any, kind: str
) -> None:
    vendors.will(script)
    session_id = await new_session(editor, provider="openai")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Hi")
    ended = (await editor.turn())[-1]["update"]

    assert (ended["stopReason"], ended["error"]["kind"]) == ("error", kind)
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Again")
    assert text_of(await editor.turn()) == "You said: Again"


@pytest.mark.parametrize(("status", "kind"), [(429, "rateLimit"), (500, "unavailable")])
async def test_errors_that_may_pass_are_retried_and_then_told(
    editor: Editor, vendors: VendorServer, status: int, kind: str
) -> None:
    vendors.will(*[Failure(status=status, headers={"retry-after": "0"})] * 2)
    session_id = await new_session(editor, provider="anthropic")

    await editor.run(
        protocol.SESSION_GENERATE,
        sessionId=session_id,
        prompt="Hi",
        providerConfig={"maxRetries": 1},
    )

    assert (await editor.turn())[-1]["update"]["error"]["kind"] == kind
    assert len(vendors.requests) == 2


async def test_a_provider_that_cannot_be_reached_is_told_with_its_address(
    editor: Editor,
) -> None:
    session_id = await new_session(editor, provider="openai")

    await editor.run(
        protocol.SESSION_GENERATE,
        sessionId=session_id,
        prompt="Hi",
        providerConfig={"baseUrl": "http://127.0.0.1:9/v1", "maxRetries": 0},
    )
    error = (await editor.turn())[-1]["update"]["error"]

    assert error["kind"] == "connection"
    assert "127.0.0.1:9" in error["message"]


async def test_a_five_megabyte_prompt_goes_through(
    editor: Editor, vendors: VendorServer
) -> None:
    prompt = "é" * 2_500_000
    vendors.will(Reply(text=["Long."]))
    session_id = await new_session(editor, provider="openai")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt=prompt)
    updates = await editor.turn()

    assert text_of(updates) == "Long."
    assert vendors.requests[0].body["messages"] == [{"role": "user", "content": prompt}]


async def test_a_fast_stream_does_not_flood_the_editor(
    editor: Editor, vendors: VendorServer
) -> None:
    words = [f"{number} " for number in range(3000)]
    vendors.will(Reply(text=words))
    session_id = await new_session(editor, provider="anthropic")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Count")
    updates = await editor.turn()

    assert text_of(updates) == "".join(words)
    assert len(updates) < 300


async def test_a_call_of_a_tool_that_is_not_there_is_answered_and_told(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(
        Reply(tool_calls=[Call(name="launch", arguments=['{"now": true}'])]),
        Reply(text=["I cannot."]),
    )
    session_id = await new_session(editor, provider="openai")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go")
    updates = [params["update"] for params in await editor.turn()]

    statuses = [u["status"] for u in updates if u["kind"] == "toolCall"]
    assert statuses == ["pending", "running", "failed"]
    result = next(u for u in updates if u["kind"] == "toolResult")
    assert (result["isError"], "launch" in result["content"]) == (True, True)
    assert updates[-1]["stopReason"] == "endTurn"


async def test_a_thinking_model_thinks_apart(
    editor: Editor, vendors: VendorServer
) -> None:
    vendors.will(Reply(thinking=["Hm", "m."], text=["Four."]))
    session_id = await new_session(editor, provider="anthropic")

    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="2 + 2?")
    updates = [params["update"] for params in await editor.turn()]

    thought = [u["text"] for u in updates if u["kind"] == "thinkingDelta"]
    assert "".join(thought) == "Hmm."
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert loaded["messages"][-1]["parts"] == [
        {"kind": "thinking", "text": "Hmm.", "signature": "seal", "data": None},
        {"kind": "text", "text": "Four."},
    ]
