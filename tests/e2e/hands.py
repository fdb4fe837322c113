"""An editor with buffers and a user: what the server asks of it, it does.

It applies edits as LSP has them applied (`tests.lsp`), refuses those of another
version, and tells the server of its buffers by incremental changes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pytest_lsp import client_capabilities

from abstractllm_server import protocol
from abstractllm_server.jsonrpc import plain_converter
from tests.e2e.editor import Editor, Json
from tests.lsp import Encoding, applied
from tests.vendors import Call, Reply, VendorServer

POEM = "one\ntwo\nthree\n"

NOT_DONE = "This was not approved, so nothing was done."
"""What is in `poem.txt`."""

Answer = Any
"""What is answered to a question; an exception is raised, `NEVER` never comes."""

NEVER = object()


def capabilities(editor: str) -> types.ClientCapabilities:
    """Return what VS Code, or our plug-in in Neovim, says of itself."""
    able = client_capabilities(editor)
    assert able.workspace is not None
    assert able.workspace.workspace_edit is not None
    able.workspace.workspace_edit.document_changes = True
    return able


class Hands:
    """The buffers of an editor, by their URIs, and its user."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.edits: list[Json] = []
        """The edits it was asked to apply."""
        self.saved: list[list[str]] = []
        """What it was asked to save, each time."""
        self.asked: list[Json] = []
        self.cancelled: list[Json] = []
        """The questions that were taken back."""
        self.answers: list[Answer] = [{"decision": "once"}]
        """To the questions, in order, the last one again and again."""
        self.before_answering: Callable[[], None] | None = None
        """What the user does while he is asked."""
        self.formats: Callable[[str], str] | None = None
        """What the editor makes of a text before it saves it."""
        self.applies: Callable[[Json], Json] | None = None
        """Takes the place of applying an edit."""
        self._was_asked = asyncio.Event()
        self._listen()

    def _listen(self) -> None:
        # pygls marks the functions it is given, which methods do not let it.
        async def approve(params: Json) -> Any:
            return await self._approve(params)

        def save(params: Json) -> Json:
            return self._save(params)

        def apply(
            params: types.ApplyWorkspaceEditParams,
        ) -> types.ApplyWorkspaceEditResult:
            answer = self._apply(params)
            return types.ApplyWorkspaceEditResult(
                applied=answer["applied"], failure_reason=answer.get("failureReason")
            )

        self.editor.client.feature(protocol.TOOL_APPROVE)(approve)
        self.editor.client.feature(protocol.DOCUMENT_SAVE)(save)
        self.editor.client.feature(types.WORKSPACE_APPLY_EDIT)(apply)

    def forget(self) -> None:
        """Forget what was asked, and answer yes again."""
        self.asked, self.cancelled, self.edits, self.saved = [], [], [], []
        self.answers = [{"decision": "once"}]
        self.before_answering = self.formats = self.applies = None
        self._was_asked.clear()

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, with another text than it has on the disk if one is given."""
        uri = path.as_uri()
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "text", 1, self.texts[uri])
        self.editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, uri: str, text: str) -> None:
        """Have the user type another text."""
        self._tell(uri, [{"text": text}])
        self.texts[uri] = text

    def close(self, uri: str) -> None:
        """Close a buffer."""
        del self.texts[uri], self.versions[uri]
        self._notify("textDocument/didClose", textDocument={"uri": uri})

    async def question(self) -> Json:
        """Return the next question that nobody has waited for yet."""
        await asyncio.wait_for(self._was_asked.wait(), 30)
        self._was_asked.clear()
        return self.asked[-1]

    async def _approve(self, params: Json) -> Any:
        self.asked.append(params)
        self._was_asked.set()
        if self.before_answering is not None:
            self.before_answering()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if answer is NEVER:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled.append(params)
                raise
        return answer

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> Json:
        edit = cast(Json, _plain(params.edit))
        self.edits.append(edit)
        if self.applies is not None:
            return self.applies(edit)
        return self.apply(edit)

    def apply(self, edit: Json) -> Json:
        """Apply an edit, all of it or nothing."""
        steps = edit.get("documentChanges") or [
            {"textDocument": {"uri": uri}, "edits": edits}
            for uri, edits in edit["changes"].items()
        ]
        for step in steps:
            document = step.get("textDocument", {})
            version = document.get("version")
            if version not in (None, self.versions.get(document.get("uri"))):
                return {"applied": False, "failureReason": "the buffer is newer"}
        for step in steps:
            self._take(step)
        return {"applied": True}

    def _take(self, step: Mapping[str, Any]) -> None:
        match step:
            case {"kind": "create", "uri": uri}:
                _path(uri).parent.mkdir(parents=True, exist_ok=True)
                _path(uri).touch(exist_ok=False)
            case {"kind": "delete", "uri": uri}:
                _path(uri).unlink()
                if uri in self.texts:
                    self.close(uri)
            case {"kind": "rename", "oldUri": old, "newUri": new}:
                _path(new).parent.mkdir(parents=True, exist_ok=True)
                _path(old).rename(_path(new))
                if old in self.texts:
                    text = self.texts[old]
                    self.close(old)
                    self.open(_path(new), text)
            case {"textDocument": {"uri": uri}, "edits": edits}:
                if uri not in self.texts:
                    self.open(_path(uri))
                self._change(uri, edits)

    def _change(self, uri: str, edits: list[Json]) -> None:
        encoding = cast(Encoding, self.editor.position_encoding)
        # Each is told in the text that the ones before it left: from the last one on.
        changes = [
            {"range": edit["range"], "text": edit["newText"]} for edit in edits[::-1]
        ]
        self.texts[uri] = applied(self.texts[uri], edits, encoding)
        self._tell(uri, changes)

    def _tell(self, uri: str, changes: list[Json]) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self._notify(
            "textDocument/didChange", textDocument=document, contentChanges=changes
        )

    def _notify(self, method: str, **params: Any) -> None:
        # Past pygls, which wants its classes for what is LSP's own.
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.editor.client.protocol._send_data(message)

    def _save(self, params: Json) -> Json:
        uris = params["uris"]
        self.saved.append(uris)
        for uri in uris:
            if self.formats is not None:
                self.type(uri, self.formats(self.texts[uri]))
            _path(uri).write_bytes(self.texts[uri].encode())
        return {"saved": uris}


def call(name: str, **arguments: Any) -> Call:
    """Return a model's call."""
    return Call(name=name, arguments=[json.dumps(arguments)])


def edits(path: str, old: str, new: str) -> Call:
    """Return a model's call that edits a file."""
    return call("edit_file", path=path, edits=[{"old": old, "new": new}])


async def begin(editor: Editor, vendors: VendorServer, *calls: Call, **new: Any) -> str:
    """Begin a turn in a new session, in which a model makes calls one by one."""
    vendors.will(*(Reply(tool_calls=[made]) for made in calls), Reply(text=["Done."]))
    session = await editor.run(protocol.SESSION_NEW, provider="openai", **new)
    await editor.run(protocol.SESSION_GENERATE, sessionId=session["id"], prompt="Go")
    return str(session["id"])


async def updates_of(editor: Editor) -> list[Json]:
    """Return the updates of the turn, up to its end."""
    return [params["update"] for params in await editor.turn()]


def results(updates: list[Json]) -> list[str]:
    """Return what the model read of its calls."""
    return [u["content"] for u in updates if u["kind"] == "toolResult"]


def statuses(updates: list[Json]) -> list[str]:
    """Return the statuses of the calls, in order."""
    return [u["status"] for u in updates if u["kind"] == "toolCall"]


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _plain(value: Any) -> Any:
    """Return a value of LSP's classes as JSON."""
    return plain_converter().unstructure(value)
