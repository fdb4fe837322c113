"""What goes with a prompt, as parts of its message: files, pictures, changes, ….

A user names it, so it may be what the project ignores; secrets may not be named, nor
anything outside the workspace.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress

from lsprotocol import types
from pygls.workspace import PositionCodec

from abstractllm.errors import FileMissing, FileRefused, InvalidParameter
from abstractllm.messages import Image, LineRange, Part, Resource
from abstractllm.pictures import is_named_as_picture, picture_of
from abstractllm.workspace.documents import Document
from abstractllm.workspace.git_changes import changes
from abstractllm.workspace.lines import lines_of
from abstractllm_server.arguments import decode
from abstractllm_server.documents import MOST_CHARACTERS
from abstractllm_server.editor.live_workspace import LiveWorkspace
from abstractllm_server.editor.mentions import Mention, mentions
from abstractllm_server.editor.problems import told
from abstractllm_server.editor.queries import Queries
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.positions import offset_of
from abstractllm_server.protocol import ContextItem, Range

MOST_FILES = 20
"""Of those that are open in the editor."""

MOST_NAMES = 1000
"""Of the files in a folder."""

MOST_PROBLEMS = 200

_NEEDED = {
    "changes": (),
    "diagnostics": ("diagnostics", "openFiles"),
    "open": ("openFiles",),
    "selection": ("openFiles",),
}
"""Words that stand for something else than a file, and the queries that it takes."""


class Attachments:
    """Looks up what a client attaches, and what a prompt mentions."""

    def __init__(self, workspace: LiveWorkspace, queries: Queries) -> None:
        self._workspace = workspace
        self._queries = queries

    async def of(self, item: ContextItem) -> Sequence[Part]:
        """Return what an item of the context names.

        Raises `FileRefused`, `InvalidArguments`, `InvalidParameter` and `QueryFailed`.
        """
        if item.kind == "image":
            return [await self._image(item)]
        if item.kind in ("changes", "open"):
            return await self._word(item.kind)
        if item.uri is None:
            if item.kind not in _NEEDED:
                raise InvalidArguments(f"`context`: a `{item.kind}` needs a `uri`.")
            return await self._word(item.kind)
        if item.kind == "folder":
            return [await self._folder(item.uri)]
        if item.kind == "diagnostics":
            self._check("diagnostics", ["diagnostics"])
            return [await self._problems([await self._read(item.uri)])]
        return [await self._file(item.uri, item.range)]

    async def mentioned(self, prompt: str) -> list[Part]:
        """Return what a prompt names: `@src/a.py`, `@src/a.py:10-20`, `@src/`, `@open`.

        What is the name of nothing is no mention, and neither is a word for what this
        editor does not tell. Raises what `of` raises.
        """
        parts: list[Part] = []
        for mention in mentions(prompt):
            needed = None if mention.lines else _NEEDED.get(mention.name)
            if needed is not None and all(map(self._queries.can, needed)):
                parts += await self._word(mention.name)
                continue
            with suppress(FileMissing):
                parts.append(await self._mentioned(mention))
        return parts

    async def _mentioned(self, mention: Mention) -> Part:
        if mention.lines is None:
            if mention.name.endswith("/"):
                return await self._folder(mention.name)
            return await self._file(mention.name)
        document = await self._read(mention.name)
        chosen = lines_of(document.text)[mention.lines.start : mention.lines.end]
        return _resource(document, "".join(chosen), mention.lines)

    async def _word(self, word: str) -> Sequence[Part]:
        self._check(word, _NEEDED[word])
        if word == "changes":
            text = await self._workspace.look(changes)
            return [_found("git:changes", text or "Nothing has changed since then.")]
        if word == "selection":
            return [await self._selection()]
        documents = await self._open_documents()
        if word == "diagnostics":
            return [await self._problems(documents)]
        return [_resource(document, document.text) for document in documents]

    def _check(self, word: str, needed: Sequence[str]) -> None:
        if not all(map(self._queries.can, needed)):
            raise InvalidParameter(f"This editor cannot tell `{word}`.")

    async def _file(self, name: str, part: Range | None = None) -> Part:
        if part is None and is_named_as_picture(name):
            return await self._workspace.look(lambda view: view.picture(name))
        document = await self._read(name)
        if part is None:
            return _resource(document, document.text)
        return _resource(document, *_cut(document.text, part, self._workspace.codec))

    async def _read(self, name: str) -> Document:
        return await self._workspace.read(name, even_ignored=True)

    async def _image(self, item: ContextItem) -> Image:
        if (item.uri is None) == (item.data is None):
            raise InvalidArguments("`context`: an `image` needs a `uri` or `data`.")
        if item.uri is not None:
            uri = item.uri
            return await self._workspace.look(lambda view: view.picture(uri))
        try:
            data = base64.b64decode(item.data or "", validate=True)
        except ValueError:
            raise InvalidArguments(
                "`context`: the `data` of an `image` must be base64."
            ) from None
        return picture_of(data, "What was attached")

    async def _folder(self, name: str) -> Resource:
        listing = await self._workspace.look(lambda view: view.folder(name, MOST_NAMES))
        lines = list(listing.files.items) or ["(no files that may be seen)"]
        if not listing.files.complete:
            lines.append("… (there are more files than are shown)")
        return _found(listing.uri, "\n".join(lines))

    async def _problems(self, documents: Sequence[Document]) -> Resource:
        lines = [
            told(document.name, problem)
            for document in documents
            for problem in await self._queries.diagnostics(document.uri)
        ]
        if len(lines) > MOST_PROBLEMS:
            lines[MOST_PROBLEMS:] = ["… (there are more problems than are shown)"]
        text = "\n".join(lines) or "The editor shows no problems."
        return _found("editor:diagnostics", text)

    async def _open_documents(self) -> list[Document]:
        documents: list[Document] = []
        for one in await self._queries.open_files():
            with suppress(FileRefused):  # some views that editors open are no files
                documents.append(await self._read(str(one.get("uri"))))
        if not documents:
            raise InvalidParameter("No file of the workspace is open in the editor.")
        return documents[:MOST_FILES]

    async def _selection(self) -> Part:
        found = await self._queries.open_files()
        for one in sorted(found, key=lambda document: not document.get("active")):
            with suppress(InvalidArguments):
                part = decode(one.get("selection"), Range)
                if part.start != part.end:
                    return await self._file(str(one.get("uri")), part)
        raise InvalidParameter("Nothing is selected in the editor.")


def _cut(text: str, part: Range, codec: PositionCodec) -> tuple[str, LineRange]:
    """Return a range's text and lines; what lies beyond the end is left out."""
    lines = lines_of(text)
    start, end = (
        offset_of(lines, types.Position(place.line, place.character), codec)
        for place in (part.start, part.end)
    )
    first = min(part.start.line, max(len(lines) - 1, 0))
    last = part.end.line
    after = last + (1 if part.end.character or last == part.start.line else 0)
    return text[start:end], LineRange(start=first, end=min(after, len(lines)))


def _found(uri: str, text: str) -> Resource:
    """Return what is no file, and so has no version that could be edited."""
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n… (there is more than is shown)"
    return Resource(uri=uri, text=text)


def _resource(
    document: Document, text: str, lines: LineRange | None = None
) -> Resource:
    if len(text) > MOST_CHARACTERS or document.is_cut:
        text = f"{text[:MOST_CHARACTERS]}\n… (the file is longer than what is shown)"
    return Resource(uri=document.uri, text=text, range=lines, version=document.version)
