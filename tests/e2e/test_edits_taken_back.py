"""What turns changed, taken back in the real server and in an editor's buffers."""

from pathlib import Path

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Refused
from tests.e2e.hands import (
    POEM,
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


@pytest.fixture
def poem(editor: Editor) -> Path:
    return editor.workspace / "poem.txt"


async def test_a_turn_is_taken_back_and_brought_back_in_the_buffers(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    folder = editor.workspace
    (folder / "gone.txt").write_text("gone\n")
    (folder / "gone.txt").chmod(0o750)
    poem_uri = hands.open(poem, f"{POEM}unsaved")
    session_id = await begin(
        editor,
        vendors,
        edits("poem.txt", "two", "2"),
        call("write_file", path="made.txt", content="made\n"),
        call("delete_file", path="gone.txt"),
        edits("poem.txt", "three", "3"),
    )
    turn = (await updates_of(editor))[-1]
    reference = {"sessionId": session_id, "messageId": turn["messageId"]}
    uris = {change["uri"] for change in turn["changes"]}
    assert len(uris) == 3

    shown = await editor.run(protocol.SESSION_SHOW_EDITS, **reference)
    assert {
        file["uri"]: (file["before"], file["after"]) for file in shown["files"]
    } == {
        poem_uri: (f"{POEM}unsaved", "one\n2\n3\nunsaved"),
        (folder / "made.txt").as_uri(): (None, "made\n"),
        (folder / "gone.txt").as_uri(): ("gone\n", None),
    }
    for _ in range(2):
        back = await editor.run(protocol.SESSION_REVERT_EDITS, **reference)
        assert (set(back["reverted"]), back["refused"]) == (uris, [])
        assert all(change["reverted"] for change in back["changes"])
        assert hands.texts[poem_uri] == f"{POEM}unsaved"
        assert not (folder / "made.txt").exists()
        assert (folder / "gone.txt").read_text() == "gone\n"
        assert (folder / "gone.txt").stat().st_mode & 0o777 == 0o750

        again = await editor.run(protocol.SESSION_REAPPLY_EDITS, **reference)
        assert (set(again["applied"]), again["refused"]) == (uris, [])
        assert again["changes"] == turn["changes"]
        assert hands.texts[poem_uri] == "one\n2\n3\nunsaved"
        assert (folder / "made.txt").read_text() == "made\n"
        assert not (folder / "gone.txt").exists()
    assert poem.read_text() == POEM


async def test_one_file_is_taken_back_and_one_that_changed_is_refused(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    other = editor.workspace / "other.txt"
    other.write_text("a\n")
    poem_uri, other_uri = hands.open(poem), hands.open(other)
    session_id = await begin(
        editor, vendors, edits("poem.txt", "two", "2"), edits("other.txt", "a", "b")
    )
    turn = (await updates_of(editor))[-1]
    reference = {"sessionId": session_id, "messageId": turn["messageId"]}
    hands.type(poem_uri, "mine\n")

    one = await editor.run(protocol.SESSION_REVERT_EDITS, **reference, uris=[poem_uri])
    both = await editor.run(protocol.SESSION_REVERT_EDITS, **reference)

    refused = [{"uri": poem_uri, "reason": "poem.txt has changed since."}]
    assert (one["reverted"], one["refused"]) == ([], refused)
    assert (both["reverted"], both["refused"]) == ([other_uri], refused)
    assert (hands.texts[poem_uri], hands.texts[other_uri]) == ("mine\n", "a\n")


async def test_what_is_no_turn_cannot_be_taken_back(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    session_id = await begin(editor, vendors)
    ended = (await updates_of(editor))[-1]
    for method in (
        protocol.SESSION_REVERT_EDITS,
        protocol.SESSION_REAPPLY_EDITS,
        protocol.SESSION_SHOW_EDITS,
    ):
        for message_id in (ended["messageId"], "nobody's"):
            with pytest.raises(Refused, match="names no answer that changed") as told:
                await editor.run(method, sessionId=session_id, messageId=message_id)
            assert told.value.kind == "invalidParameter"
        with pytest.raises(Refused) as told:
            await editor.run(method, sessionId="nobody's", messageId="x")
        assert told.value.kind == "unknownSession"


async def test_a_text_of_forty_thousand_lines_is_changed_and_taken_back(
    hands: Hands, editor: Editor, vendors: VendorServer
) -> None:
    path = editor.workspace / "long.txt"
    text = "".join(f"line {number}\n" for number in range(40_000))
    path.write_text(text)
    uri = hands.open(path)
    every = call(
        "edit_file",
        path="long.txt",
        edits=[{"old": "5\n", "new": "five\n", "all": True}],
    )
    session_id = await begin(editor, vendors, every)

    turn = (await updates_of(editor))[-1]

    assert hands.texts[uri] == text.replace("5\n", "five\n")
    (change,) = turn["changes"]
    assert (change["added"], change["removed"]) == (4000, 4000)
    back = await editor.run(
        protocol.SESSION_REVERT_EDITS, sessionId=session_id, messageId=turn["messageId"]
    )
    assert (back["refused"], hands.texts[uri]) == ([], text)


async def test_what_another_server_changed_is_taken_back_here(
    hands: Hands, editor: Editor, vendors: VendorServer, env: dict[str, str], poem: Path
) -> None:
    other = await Editor.start(
        editor.workspace, env, options={"capabilities": {"saves": True}}
    )
    Hands(other)
    session = await editor.run(protocol.SESSION_NEW, provider="openai", mode="edit")
    reference = {"sessionId": session["id"]}
    await other.run(protocol.SESSION_LOAD, **reference)
    vendors.will(Reply(tool_calls=[edits("poem.txt", "two", "2")]), Reply(text=["Ok."]))
    await editor.run(protocol.SESSION_GENERATE, **reference, prompt="Go")
    ended = (await updates_of(editor))[-1]
    for uri in list(hands.texts):
        hands.close(uri)

    back = await other.run(
        protocol.SESSION_REVERT_EDITS, **reference, messageId=ended["messageId"]
    )
    await other.stop()

    assert (len(back["reverted"]), back["refused"], poem.read_text()) == (1, [], POEM)
    again = await editor.run(
        protocol.SESSION_REAPPLY_EDITS, **reference, messageId=ended["messageId"]
    )
    assert [change["reverted"] for change in again["changes"]] == [False]


async def test_what_saving_makes_of_a_text_is_read_kept_and_taken_back(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    uri = hands.open(poem)
    hands.formats = lambda text: text.replace("2 ", "2").replace("three", "3")
    session_id = await begin(
        editor,
        vendors,
        call("read_file", path="poem.txt"),
        edits("poem.txt", "two", "2 "),
        edits("poem.txt", "3", "III"),
    )

    updates = await updates_of(editor)

    assert results(updates)[1:] == [
        "Done.\nSaving it changed it once more:\n--- a/poem.txt\n+++ b/poem.txt\n"
        "@@ -1,3 +1,3 @@\n one\n-2 \n-three\n+2\n+3\n",
        "Done.",
    ]
    assert hands.texts[uri] == poem.read_text() == "one\n2\nIII\n"
    (change,) = updates[-1]["changes"]
    assert (change["added"], change["removed"]) == (2, 2)
    hands.formats = None
    back = await editor.run(
        protocol.SESSION_REVERT_EDITS,
        sessionId=session_id,
        messageId=updates[-1]["messageId"],
    )
    assert (back["refused"], poem.read_text()) == ([], POEM)


@pytest.mark.parametrize(
    ("before", "after", "by_editor"),
    [
        (b"a\ntwo\n", b"a\n2\n", True),
        (b"a\r\ntwo\r\n", b"a\r\n2\r\n", True),
        (b"a\r\ntwo\n", b"a\r\n2\n", False),
        (b"a\rtwo\r", b"a\r2\r", False),
        (b"\xef\xbb\xbfa\ntwo", b"\xef\xbb\xbfa\n2", False),
        (b"\xff\ntwo\n", b"\xff\n2\n", False),
    ],
)
async def test_what_an_editor_would_not_save_as_it_is_it_is_not_asked_to_change(
    hands: Hands,
    editor: Editor,
    vendors: VendorServer,
    before: bytes,
    after: bytes,
    by_editor: bool,
) -> None:
    path = editor.workspace / "odd.txt"
    path.write_bytes(before)
    session_id = await begin(editor, vendors, edits("odd.txt", "two", "2"))
    ended = (await updates_of(editor))[-1]
    assert (path.read_bytes(), bool(hands.edits)) == (after, by_editor)

    for uri in list(hands.texts):
        hands.close(uri)
    await editor.run(
        protocol.SESSION_REVERT_EDITS,
        sessionId=session_id,
        messageId=ended["messageId"],
    )
    assert path.read_bytes() == before
