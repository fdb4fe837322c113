"""The user is asked before a tool acts: by the panel, in both editors."""

from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Refused, text_of
from tests.e2e.hands import (
    NEVER,
    NOT_DONE,
    POEM,
    Hands,
    begin,
    call,
    edits,
    results,
    statuses,
    updates_of,
)
from tests.vendors import Reply, VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIFF = "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"


@pytest.fixture
def editor(hands: Hands) -> Editor:
    """Return the module's editor."""
    return hands.editor


async def test_what_is_approved_is_done_in_the_buffer_and_saved(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    uri = hands.open(editor.workspace / "poem.txt")
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))

    updates = await updates_of(editor)

    (asked,) = hands.asked
    (turn_id, call_id) = asked.pop("turnId"), asked.pop("callId")
    arguments = {"path": "poem.txt", "edits": [{"old": "two", "new": "2"}]}
    assert asked == {
        "sessionId": session_id,
        "name": "edit_file",
        "kind": "edit",
        "title": "Edit poem.txt",
        "arguments": arguments,
        "diff": DIFF,
    }
    assert statuses(updates) == ["pending", "awaitingApproval", "running", "done"]
    assert {u["callId"] for u in updates if u["kind"] == "toolCall"} == {call_id}
    assert results(updates) == ["Done."]
    assert hands.texts[uri] == (editor.workspace / "poem.txt").read_text()
    assert hands.texts[uri] == "one\n2\nthree\n"
    assert hands.saved == [[uri]]
    changes = [
        {
            "uri": uri,
            "kind": "edited",
            "newUri": None,
            "added": 1,
            "removed": 1,
            "reverted": False,
        }
    ]
    assert updates[-1]["changes"] == changes
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert loaded["changes"] == {updates[-1]["messageId"]: changes}
    (answered,) = [m for m in loaded["messages"] if m["role"] == "tool"]
    assert answered["metadata"]["tools"] == {
        call_id: {
            "kind": "edit",
            "title": "Edit poem.txt",
            "diff": DIFF,
            "status": "done",
        }
    }
    assert turn_id


async def test_what_is_rejected_is_not_done_and_the_model_reads_why(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    hands.answers = [{"decision": "reject", "reason": " Ask me first. "}]
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))

    updates = await updates_of(editor)

    assert statuses(updates) == ["pending", "awaitingApproval", "rejected"]
    assert results(updates) == [f"{NOT_DONE} Ask me first."]
    assert (hands.edits, updates[-1].get("changes")) == ([], None)
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    tools = loaded["messages"][2]["metadata"]["tools"]
    assert [call["status"] for call in tools.values()] == ["rejected"]
    assert loaded["changes"] == {}


NO_ANSWER = f"{NOT_DONE} The editor gave an answer that is none."


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, NO_ANSWER),
        ("once", NO_ANSWER),
        (7, NO_ANSWER),
        ([], NO_ANSWER),
        ({}, NO_ANSWER),
        ({"decision": "maybe"}, NO_ANSWER),
        ({"decision": None}, NO_ANSWER),
        ({"decision": ["once"]}, NO_ANSWER),
        ({"decision": "once", "hunks": "all"}, NO_ANSWER),
        ({"decision": "once", "hunks": [True]}, NO_ANSWER),
        ({"decision": "once", "hunks": ["0"]}, NO_ANSWER),
        ({"decision": "once", "hunks": []}, f"{NOT_DONE} No part of it was accepted."),
        (
            {"decision": "once", "hunks": [1]},
            f"{NOT_DONE} The answer names parts that there are not.",
        ),
        ({"decision": "reject", "reason": 7}, NOT_DONE),
        (
            JsonRpcException(message="No window is open.", code=-32603),
            f"{NOT_DONE} The editor could not ask the user: No window is open.",
        ),
    ],
)
async def test_what_is_no_yes_is_a_no(
    hands: Hands, editor: Editor, vendors: VendorServer, answer: Any, told: str
) -> None:
    hands.answers = [answer]
    await begin(editor, vendors, edits("poem.txt", "two", "2"))

    updates = await updates_of(editor)

    assert results(updates) == [told]
    assert statuses(updates)[-1] == "rejected"
    assert (editor.workspace / "poem.txt").read_text() == POEM


async def test_a_question_that_is_never_answered_holds_up_its_own_turn_alone(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    hands.answers = [NEVER]
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))
    asked = await hands.question()

    other = await editor.run(protocol.SESSION_NEW, provider="openai")
    vendors.scripts.clear()
    vendors.will(Reply(text=["Hello!"]))
    await editor.run(protocol.SESSION_GENERATE, sessionId=other["id"], prompt="Hi")
    said = [u for u in await editor.turn() if u["sessionId"] == other["id"]]
    assert text_of(said) == "Hello!"

    answer = await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)

    ended = await editor.update("turnEnded")
    assert (answer, ended["update"]["stopReason"]) == ({"cancelled": True}, "cancelled")
    assert ended["sessionId"] == session_id
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert hands.cancelled == [asked]
    (result,) = loaded["messages"][-1]["parts"]
    assert result["content"] == "The user stopped the turn before this was done."
    vendors.will(Reply(text=["Again."]))
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go on")
    assert text_of(await editor.turn()) == "Again."


async def test_a_part_of_a_change_is_accepted_and_the_model_reads_which(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    lines = "".join(f"{n}\n" for n in range(40))
    path = editor.workspace / "long.txt"
    path.write_text(lines)
    uri = hands.open(path)
    hands.answers = [{"decision": "once", "hunks": [1], "reason": "Only the end."}]
    changed = [{"old": "\n3\n", "new": "\nIII\n"}, {"old": "33\n", "new": "XXXIII\n"}]

    await begin(editor, vendors, call("edit_file", path="long.txt", edits=changed))
    (told,) = results(await updates_of(editor))

    assert hands.texts[uri] == lines.replace("33\n", "XXXIII\n")
    assert told.startswith("Done.\nThe user accepted 1 of 2 parts.")
    assert told.endswith("\nThe user adds: Only the end.")


async def test_what_waits_can_be_shown_whole(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    hands.answers = [NEVER]
    uri = hands.open(editor.workspace / "poem.txt", "unsaved two\n")
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))
    asked = await hands.question()

    shown = await editor.run(
        protocol.SESSION_SHOW_EDITS, sessionId=session_id, callId=asked["callId"]
    )

    assert shown == {
        "files": [{"uri": uri, "before": "unsaved two\n", "after": "unsaved 2\n"}]
    }
    await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    await editor.update("turnEnded")
    with pytest.raises(Refused, match="waits for approval") as refused:
        await editor.run(
            protocol.SESSION_SHOW_EDITS, sessionId=session_id, callId=asked["callId"]
        )
    assert refused.value.kind == "invalidParameter"
    for wrong in ({}, {"callId": "x", "messageId": "y"}):
        with pytest.raises(Refused, match="Give one of") as refused:
            await editor.run(protocol.SESSION_SHOW_EDITS, sessionId=session_id, **wrong)
