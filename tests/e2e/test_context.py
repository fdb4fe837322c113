"""What goes with a prompt, and what tools see: files as the editor sees them."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json, Refused, environment, text_of
from tests.vendors import Call, Reply, VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def folder(editor: Editor) -> Path:
    """Return the module's project folder."""
    return editor.workspace


def open_document(editor: Editor, uri: str, text: str, version: int = 1) -> None:
    document = types.TextDocumentItem(
        uri=uri, language_id="python", version=version, text=text
    )
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(document))


def change_document(editor: Editor, uri: str, text: str, version: int) -> None:
    editor.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version=version, uri=uri),
            [types.TextDocumentContentChangeWholeDocument(text=text)],
        )
    )


async def ask(editor: Editor, prompt: str, **params: Any) -> list[Json]:
    session = await editor.run(protocol.SESSION_NEW, provider="openai")
    await editor.run(
        protocol.SESSION_GENERATE, sessionId=session["id"], prompt=prompt, **params
    )
    return await editor.turn()


def resources(updates: list[Json]) -> list[Json]:
    """Return the resources of the prompt's message."""
    message = updates[0]["update"]["message"]
    return [part for part in message["parts"] if part["kind"] == "resource"]


async def test_an_unsaved_buffer_goes_with_the_prompt(
    editor: Editor, vendors: VendorServer, folder: Path
) -> None:
    path = folder / "unsaved.py"
    path.write_text("saved = 1\n")
    open_document(editor, path.as_uri(), "saved = 1\n")
    change_document(editor, path.as_uri(), "unsaved = 2\n", version=2)

    updates = await ask(
        editor, "What is it?", context=[{"kind": "file", "uri": path.as_uri()}]
    )

    assert resources(updates) == [
        {
            "kind": "resource",
            "uri": path.as_uri(),
            "text": "unsaved = 2\n",
            "range": None,
            "version": 2,
        }
    ]
    sent = str(vendors.requests[-1].body["messages"])
    assert "unsaved = 2" in sent
    assert "saved = 1" not in sent


async def test_an_untitled_buffer_goes_with_the_prompt(
    editor: Editor, vendors: VendorServer
) -> None:
    open_document(editor, "untitled:Untitled-1", "a draft\n")

    await ask(editor, "?", context=[{"kind": "file", "uri": "untitled:Untitled-1"}])

    assert "a draft" in str(vendors.requests[-1].body["messages"])


def lsp_range(*numbers: int) -> Json:
    first, column, last, end = numbers
    return {
        "start": {"line": first, "character": column},
        "end": {"line": last, "character": end},
    }


@pytest.mark.parametrize(
    ("numbers", "text", "lines"),
    [
        ((0, 0, 1, 0), "first\n", (0, 1)),
        ((0, 2, 1, 3), "rst\nsec", (0, 2)),
        ((1, 0, 1, 6), "second", (1, 2)),
        ((2, 0, 9, 9), "third", (2, 3)),
        ((7, 0, 9, 0), "", (2, 3)),
    ],
)
async def test_a_selection_is_cut_as_the_editor_counts(
    editor: Editor,
    folder: Path,
    numbers: tuple[int, ...],
    text: str,
    lines: tuple[int, int],
) -> None:
    path = folder / "three.txt"
    path.write_text("first\nsecond\nthird")
    item = {"kind": "selection", "uri": path.as_uri(), "range": lsp_range(*numbers)}

    (resource,) = resources(await ask(editor, "?", context=[item]))

    assert resource["text"] == text
    assert resource["range"] == {"start": lines[0], "end": lines[1]}


async def test_characters_are_counted_in_the_negotiated_encoding(
    editor: Editor, folder: Path
) -> None:
    encoding = editor.position_encoding
    path = folder / "wide.txt"
    path.write_text("𝄞𝄞 end\n")
    width = {"utf-8": 4, "utf-16": 2, "utf-32": 1}[encoding]
    item = {
        "kind": "selection",
        "uri": path.as_uri(),
        "range": lsp_range(0, width, 0, 2 * width + 2),
    }

    (resource,) = resources(await ask(editor, "?", context=[item]))

    assert resource["text"] == "𝄞 e"


async def test_a_file_that_is_mentioned_goes_with_the_prompt(
    editor: Editor, folder: Path
) -> None:
    (folder / "notes.md").write_text("one\ntwo\nthree\n")

    updates = await ask(
        editor, "Compare @notes.md with @notes.md:2-3, says alice@notes.md (@nobody)."
    )

    assert [(r["text"], r["range"]) for r in resources(updates)] == [
        ("one\ntwo\nthree\n", None),
        ("two\nthree\n", {"start": 1, "end": 3}),
    ]


@pytest.mark.parametrize("prompt", ["What is in @.env?", "And @../secret.txt?"])
async def test_what_may_not_be_read_is_refused_and_the_prompt_not_kept(
    editor: Editor, folder: Path, prompt: str
) -> None:
    (folder / ".env").write_text("KEY=1")
    (folder.parent / "secret.txt").write_text("KEY=1")
    session = await editor.run(protocol.SESSION_NEW, provider="openai")

    with pytest.raises(Refused) as refused:
        await editor.run(
            protocol.SESSION_GENERATE, sessionId=session["id"], prompt=prompt
        )

    assert refused.value.kind == "fileRefused"
    loaded = await editor.run(protocol.SESSION_LOAD, sessionId=session["id"])
    assert loaded["messages"] == []


async def test_a_context_file_that_is_not_there_is_named(
    editor: Editor, folder: Path
) -> None:
    item = {"kind": "file", "uri": (folder / "gone.py").as_uri()}

    with pytest.raises(Refused, match=r"gone\.py does not exist"):
        await ask(editor, "?", context=[item])


async def test_a_models_tools_read_the_unsaved_buffer(
    editor: Editor, vendors: VendorServer, folder: Path
) -> None:
    path = folder / "tool.py"
    path.write_text("saved = 1\n")
    open_document(editor, path.as_uri(), "unsaved = 2\n", version=5)
    vendors.will(
        Reply(tool_calls=[Call(name="read_file", arguments=['{"path": "tool.py"}'])]),
        Reply(text=["It is unsaved."]),
    )

    updates = await ask(editor, "What is in tool.py?")

    told = [params["update"] for params in updates]
    calls = [u["status"] for u in told if u["kind"] == "toolCall"]
    assert calls == ["pending", "running", "done"]
    (result,) = [u["content"] for u in told if u["kind"] == "toolResult"]
    assert result == (
        "tool.py (lines 1 to 1 of 1; open in the editor, version 5; "
        "with unsaved changes)\n     1  unsaved = 2"
    )
    assert text_of(updates) == "It is unsaved."
    offered, answered = (request.body for request in vendors.requests)
    assert [tool["function"]["name"] for tool in offered["tools"]] == [
        "read_file",
        "list_files",
        "search_text",
        "edit_file",
        "write_file",
        "delete_file",
        "rename_file",
        "run_command",
    ]
    assert answered["messages"][-1]["content"] == result


async def test_file_tools_can_be_turned_off(
    vendors: VendorServer, workspace: Path, tmp_path: Path
) -> None:
    env = environment(tmp_path, vendors)
    editor = await Editor.start(workspace, env, options={"fileTools": False})

    await ask(editor, "Hi")
    await editor.stop()

    assert "tools" not in vendors.requests[-1].body
