"""Edits through clients that can do less than our panels, and in every encoding."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from abstractllm.errors import ChangeRefused
from abstractllm.tools.replacing import Replacement, replaced
from abstractllm_server import protocol
from tests.e2e.editor import Editor, environment
from tests.e2e.hands import (
    POEM,
    Hands,
    begin,
    call,
    capabilities,
    edits,
    updates_of,
)
from tests.e2e.wire import Json, Wire
from tests.unit.texts import texts
from tests.vendors import Call, Reply, VendorServer

SHOW = "window/showMessageRequest"
APPLY = "workspace/applyEdit"


class Plain:
    """A client without buffers of its own, or with less than LSP has."""

    def __init__(self, wire: Wire, vendors: VendorServer) -> None:
        self.wire = wire
        self.applied: list[Json] = []
        self._vendors = vendors

    def turn(self, *calls: Call) -> list[str]:
        """Return what the model reads in a turn in which all is allowed."""
        self._vendors.will(
            *(Reply(tool_calls=[made]) for made in calls), Reply(text=["Done."])
        )
        session = self.wire.run(protocol.SESSION_NEW, {"provider": "openai"})["result"]
        prompt = {"sessionId": session["id"], "prompt": "Go"}
        self.wire.run(protocol.SESSION_GENERATE, prompt)
        told: list[str] = []
        while True:
            message = self.wire.told.pop(0) if self.wire.told else self.wire.read()
            assert message is not None, "the server ended"
            update = message.get("params", {}).get("update", {})
            if message.get("method") == SHOW:
                self._answer(message, {"title": "Allow once"})
            elif message.get("method") == APPLY:
                self.applied.append(message["params"]["edit"])
                self._answer(message, {"applied": True})
            elif update.get("kind") == "toolResult":
                told.append(update["content"])
            elif update.get("kind") == "turnEnded":
                return told

    def _answer(self, question: Json, result: Json) -> None:
        self.wire.send({"jsonrpc": "2.0", "id": question["id"], "result": result})


def test_without_apply_edit_the_disk_is_written_whole_or_not_at_all(
    env: dict[str, str], vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "poem.txt").write_bytes(b"one\r\ntw\xff\r\n")
    (workspace / "poem.txt").chmod(0o640)
    with Wire(env) as wire:
        wire.initialize(workspace)

        told = Plain(wire, vendors).turn(
            edits("poem.txt", "one", "1\n2"),
            call("write_file", path="a/new.txt", content="new\n"),
            call("rename_file", path="a/new.txt", new_path="b/new.txt"),
            call("delete_file", path="b/new.txt"),
        )

    assert told == ["Done."] * 4
    assert (workspace / "poem.txt").read_bytes() == b"1\r\n2\r\ntw\xff\r\n"
    assert (workspace / "poem.txt").stat().st_mode & 0o777 == 0o640
    left = [path.name for path in workspace.rglob("*") if path.is_file()]
    assert "new.txt" not in left
    assert not [name for name in left if name.endswith(".tmp")]


def test_without_apply_edit_a_file_that_is_open_is_left(
    env: dict[str, str], vendors: VendorServer, workspace: Path
) -> None:
    path = workspace / "poem.txt"
    path.write_text(POEM)
    with Wire(env) as wire:
        wire.initialize(workspace)
        document: Json = {"uri": path.as_uri(), "languageId": "text", "version": 1}
        document["text"] = POEM
        wire.notify("textDocument/didOpen", {"textDocument": document})

        told = Plain(wire, vendors).turn(edits("poem.txt", "two", "2"))

    assert told == [
        "poem.txt is open in an editor that cannot be asked to change it. Ask the user "
        "to close it."
    ]
    assert path.read_text() == POEM


def test_an_editor_that_takes_no_versions_gets_texts_alone_changed(
    env: dict[str, str], vendors: VendorServer, workspace: Path
) -> None:
    path = workspace / "poem.txt"
    path.write_text(POEM)
    with Wire(env) as wire:
        wire.initialize(workspace, capabilities={"workspace": {"applyEdit": True}})
        client = Plain(wire, vendors)

        told = client.turn(
            edits("poem.txt", "two", "2"),
            call("write_file", path="new.txt", content="new\n"),
        )

    start, end = {"line": 1, "character": 0}, {"line": 2, "character": 0}
    change = {"range": {"start": start, "end": end}, "newText": "2\n"}
    assert told == ["Done.", "Done."]
    assert client.applied == [{"changes": {path.as_uri(): [change]}}]
    assert (workspace / "new.txt").read_text() == "new\n"


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["utf-8", "utf-16", "utf-32"]
)
async def hands(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_vendors: VendorServer,
) -> AsyncGenerator[Hands, None]:
    """Start a server whose editor counts in an encoding, and whose user agrees."""
    able = capabilities("neovim")
    assert able.general is not None
    able.general.position_encodings = [types.PositionEncodingKind(request.param)]
    editor = await Editor.start(
        tmp_path_factory.mktemp("project"),
        environment(tmp_path_factory.mktemp("home"), shared_vendors),
        capabilities=able,
        options={"capabilities": {"approvals": True}},
    )
    assert editor.position_encoding == request.param
    yield Hands(editor)
    await editor.stop()


@st.composite
def buffers_and_edits(draw: st.DrawFn) -> tuple[str, list[Json], str]:
    """Return a text, edits that a model can make in it, and what comes of them."""
    # One kind of half alone: two would be whole again once they are JSON.
    text = draw(texts(halves="\ud83d").filter(bool))
    after, made = text, []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(after)))
        piece = after[start : start + draw(st.integers(1, 8))]
        new = draw(texts(halves=""))
        try:
            changed = replaced(after, [Replacement(old=piece, new=new)])
            piece.encode()
        except (ChangeRefused, UnicodeEncodeError):
            continue
        made.append({"old": piece, "new": new})
        after = changed
    assume(after != text)
    return text, made, after


@pytest.mark.asyncio(loop_scope="module")
@settings(
    max_examples=40,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)
@given(case=buffers_and_edits())
async def test_a_buffer_is_changed_and_taken_back_exactly_in_every_encoding(
    hands: Hands, shared_vendors: VendorServer, case: tuple[str, list[Json], str]
) -> None:
    text, made, after = case
    editor = hands.editor
    uri = hands.open(editor.workspace / "buffer.txt", text)
    edit = call("edit_file", path="buffer.txt", edits=made)
    session_id = await begin(editor, shared_vendors, edit, mode="auto")
    ended = (await updates_of(editor))[-1]
    turn = {"sessionId": session_id, "messageId": ended["messageId"]}

    changed = hands.texts[uri]
    await editor.run(protocol.SESSION_REVERT_EDITS, **turn)
    reverted = hands.texts[uri]
    await editor.run(protocol.SESSION_REAPPLY_EDITS, **turn)
    reapplied = hands.texts[uri]
    hands.close(uri)

    assert (changed, reverted, reapplied) == (after, text, after)
