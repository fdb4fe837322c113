"""Edits in the real server: into the buffers of an editor, which does its part."""

from pathlib import Path

import pytest

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json
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


async def test_a_file_that_is_not_open_is_not_taken_for_changed_either(
    hands: Hands, editor: Editor, vendors: VendorServer, poem: Path
) -> None:
    hands.open(poem)
    hands.close(poem.as_uri())
    hands.texts[poem.as_uri()] = POEM  # which the server is not told
    hands.applies = lambda _: {"applied": True}
    await begin(editor, vendors, edits("poem.txt", "two", "2"))

    (told,) = results(await updates_of(editor))

    assert told.startswith("The editor did not change poem.txt, but says so")
    del hands.texts[poem.as_uri()]


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
