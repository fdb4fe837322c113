"""What was allowed before, and modes: what the user is not asked in the real server."""

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Refused
from tests.e2e.hands import (
    NEVER,
    NOT_DONE,
    Hands,
    begin,
    call,
    edits,
    results,
    updates_of,
)
from tests.vendors import Reply, VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def editor(hands: Hands) -> Editor:
    """Return the module's editor."""
    return hands.editor


async def test_what_is_always_allowed_is_listed_and_asked_again_once_revoked(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    runs = call("run_command", command="echo hi")
    other = call("run_command", command="echo ho")
    hands.answers = [{"decision": "always"}, {"decision": "reject"}]
    await begin(editor, vendors, runs, runs, other)
    updates = await updates_of(editor)
    assert [a["command"] for a in hands.asked] == ["echo hi", "echo ho"]
    assert [result[:12] for result in results(updates)] == [
        "Exit code 0.",
        "Exit code 0.",
        NOT_DONE[:12],
    ]

    (approval,) = (await editor.run(protocol.APPROVALS_LIST))["approvals"]
    assert (approval["tool"], approval["scope"]) == ("run_command", "echo hi")
    await begin(editor, vendors, runs)
    await updates_of(editor)
    assert len(hands.asked) == 2

    revoked = [
        await editor.run(protocol.APPROVALS_REVOKE, id=approval["id"]) for _ in "ab"
    ]
    assert revoked == [{"revoked": True}, {"revoked": False}]
    assert await editor.run(protocol.APPROVALS_LIST) == {"approvals": []}
    await begin(editor, vendors, runs)
    await updates_of(editor)
    assert len(hands.asked) == 3


async def test_the_mode_says_what_is_offered_and_what_is_asked(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    session_id = await begin(
        editor, vendors, edits("poem.txt", "two", "2"), mode="auto"
    )
    assert results(await updates_of(editor)) == ["Done."]
    assert hands.asked == []
    assert await editor.run(protocol.APPROVALS_LIST) == {"approvals": []}

    info = await editor.run(protocol.SESSION_SET_MODE, sessionId=session_id, mode="ask")
    assert info["mode"] == "ask"
    assert editor.changed[-1]["sessions"] == [info]
    vendors.will(Reply(tool_calls=[edits("poem.txt", "one", "1")]), Reply(text=["No."]))
    await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go")
    (told,) = results(await updates_of(editor))
    assert told.startswith("This session is in the mode `ask`")
    names = [tool["function"]["name"] for tool in vendors.requests[-1].body["tools"]]
    assert names == ["read_file", "list_files", "search_text"]

    with pytest.raises(Refused, match="must be one of: ask, edit, auto") as refused:
        await editor.run(protocol.SESSION_SET_MODE, sessionId=session_id, mode="yolo")
    assert refused.value.kind == "invalidArguments"


async def test_the_mode_can_be_set_while_a_question_stands(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    hands.answers = [NEVER]
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))
    await hands.question()

    info = await editor.run(
        protocol.SESSION_SET_MODE, sessionId=session_id, mode="auto"
    )
    await editor.run(protocol.SESSION_CANCEL, sessionId=session_id)
    await editor.update("turnEnded")

    assert info["mode"] == "auto"
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert [message["role"] for message in loaded["messages"]] == [
        "user",
        "assistant",
        "tool",
    ]
    parents = [message["parentId"] for message in loaded["messages"]]
    assert parents == [None, *(message["id"] for message in loaded["messages"][:-1])]
