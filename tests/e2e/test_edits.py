"""Edits in the real server: into the buffers of an editor, which does its part."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json, Refused, environment
from tests.e2e.hands import (
    Hands,
    begin,
    call,
    capabilities,
    edits,
    results,
    updates_of,
)
from tests.vendors import Reply, VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

POEM = "one\ntwo\nthree\n"


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["visual_studio_code", "neovim"]
)
async def shared_hands(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_vendors: VendorServer,
) -> AsyncGenerator[Hands, None]:
    """Start a module's server, as VS Code and as Neovim with our panels."""
    editor = await Editor.start(
        tmp_path_factory.mktemp("project"),
        environment(tmp_path_factory.mktemp("home"), shared_vendors),
        capabilities=capabilities(request.param),
        options={"capabilities": {"approvals": True, "saves": True}},
    )
    yield Hands(editor)
    await editor.stop()


@pytest.fixture
def hands(shared_hands: Hands, vendors: VendorServer) -> Hands:
    """Return the module's editor, with a poem on the disk and nothing open."""
    shared_hands.forget()
    shared_hands.editor.forget()
    for uri in list(shared_hands.texts):
        shared_hands.close(uri)
    (shared_hands.editor.workspace / "poem.txt").write_text(POEM)
    return shared_hands


@pytest.fixture
def editor(hands: Hands) -> Editor:
    """Return the module's editor."""
    return hands.editor


@pytest.fixture
def poem(editor: Editor) -> Path:
    return editor.workspace / "poem.txt"


async def test_an_edit_names_the_version_of_the_buffer_and_only_what_changes(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    uri = hands.open(poem)
    hands.type(uri, "one 😀\ntwo\nthree\nfour")

    await begin(editor, vendors, edits("poem.txt", "two", "2\n2½"))
    updates = await updates_of(editor)

    start, end = {"line": 1, "character": 0}, {"line": 2, "character": 0}
    edit = {"range": {"start": start, "end": end}, "newText": "2\n2½\n"}
    document = {"uri": uri, "version": 2}
    assert hands.edits == [
        {"documentChanges": [{"textDocument": document, "edits": [edit]}]}
    ]
    assert hands.texts[uri] == "one 😀\n2\n2½\nthree\nfour"
    assert (results(updates), poem.read_text()) == (["Done."], POEM)


async def test_what_was_unsaved_is_not_saved(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    hands.open(poem, f"{POEM}unsaved\n")
    await begin(editor, vendors, edits("poem.txt", "two", "2"))
    await updates_of(editor)
    assert hands.saved == []

    (editor.workspace / "other.txt").write_text("a\n")
    await begin(editor, vendors, edits("other.txt", "a", "b"))
    await updates_of(editor)
    assert hands.saved == [[(editor.workspace / "other.txt").as_uri()]]
    assert (editor.workspace / "other.txt").read_text() == "b\n"


async def test_files_are_made_moved_and_deleted_by_the_editor(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    hands.open(poem)
    folder = editor.workspace
    await begin(
        editor,
        vendors,
        call("write_file", path="sub/new.txt", content="new\n"),
        call("rename_file", path="poem.txt", new_path="verse.txt"),
        call("delete_file", path="sub/new.txt"),
    )

    updates = await updates_of(editor)

    new, verse = ((folder / name).as_uri() for name in ("sub/new.txt", "verse.txt"))
    assert results(updates) == ["Done.", "Done.", "Done."]
    kinds = [
        [step.get("kind", "edit") for step in edit["documentChanges"]]
        for edit in hands.edits
    ]
    assert kinds == [["create", "edit"], ["rename"], ["delete"]]
    assert hands.saved == [[new], [verse]]
    assert list(hands.texts) == [verse]
    (change,) = updates[-1]["changes"]
    assert (change["kind"], change["uri"], change["newUri"]) == (
        "renamed",
        poem.as_uri(),
        verse,
    )
    (folder / "verse.txt").unlink()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {"applied": False, "failureReason": "the buffer is locked"},
            "The editor did not apply the change: the buffer is locked.",
        ),
        (
            {"applied": False},
            "The editor did not apply the change: it does not say why.",
        ),
    ],
)
async def test_what_the_editor_does_not_apply_is_told_with_its_reason(
    hands: Hands,
    editor: Editor,
    vendors: VendorServer,
    poem: Path,
    answer: Json,
    told: str,
) -> None:
    uri = hands.open(poem)
    hands.applies = lambda _: answer
    session_id = await begin(editor, vendors, edits("poem.txt", "two", "2"))

    updates = await updates_of(editor)

    assert results(updates) == [told]
    assert (hands.texts[uri], "changes" in updates[-1]) == (POEM, False)
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session_id)
    assert loaded["changes"] == {}


async def test_a_buffer_that_changed_in_the_last_moment_is_left(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    uri = hands.open(poem)

    def types_first(edit: Json) -> Json:
        hands.type(uri, f"{POEM}typed\n")
        return hands.apply(edit)

    hands.applies = types_first
    await begin(editor, vendors, edits("poem.txt", "two", "2"))

    assert results(await updates_of(editor)) == [
        "The editor did not apply the change: the buffer is newer."
    ]
    assert hands.texts[uri] == f"{POEM}typed\n"


async def test_an_editor_that_applies_nothing_and_says_so_is_not_believed(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    hands.open(poem)
    hands.applies = lambda _: {"applied": True}
    await begin(editor, vendors, edits("poem.txt", "two", "2"))

    updates = await updates_of(editor)

    assert results(updates) == [
        "The editor did not change poem.txt, but says so: it may have changed "
        "meanwhile."
    ]
    assert "changes" not in updates[-1]


async def test_what_the_user_types_while_he_is_asked_is_not_overwritten(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    uri = hands.open(poem)

    hands.before_answering = lambda: hands.type(uri, f"typed\n{POEM}")
    await begin(editor, vendors, edits("poem.txt", "two", "2"))

    assert results(await updates_of(editor)) == ["poem.txt has changed since."]
    assert hands.texts[uri] == f"typed\n{POEM}"
    assert hands.edits == []


async def test_two_turns_edit_one_file_and_neither_loses_the_others_change(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    uri = hands.open(poem)
    vendors.will(
        Reply(tool_calls=[edits("poem.txt", "one", "1")]),
        Reply(tool_calls=[edits("poem.txt", "three", "3")]),
        Reply(text=["Done."]),
        Reply(text=["Done."]),
    )
    sessions = [
        (await editor.run(protocol.SESSION_NEW, provider="openai"))["id"] for _ in "ab"
    ]
    for session_id in sessions:
        await editor.run(protocol.SESSION_GENERATE, sessionId=session_id, prompt="Go")

    told: list[str] = []
    for _ in sessions:
        told += results(await updates_of(editor))

    done = told.count("Done.")
    assert set(told) <= {
        "Done.",
        "poem.txt has changed since.",
        "The editor did not apply the change: the buffer is newer.",
    }
    assert done
    lines = hands.texts[uri].splitlines()
    assert [lines[0] == "1", lines[2] == "3"].count(True) == done


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
