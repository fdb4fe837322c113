"""The editor's workspace: what goes with a prompt, and what tools may look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import Workspace as Documents

from abstractllm.errors import FileMissing
from abstractllm.loading import load
from abstractllm.messages import LineRange, Resource
from abstractllm.workspace.lines import lines_of
from abstractllm_server.documents import MOST_CHARACTERS, keep_exactly
from abstractllm_server.editor.asking import Asking
from abstractllm_server.positions import offset_of
from abstractllm_server.protocol import ContextItem, Range

if TYPE_CHECKING:  # what looks at files is loaded once somebody does
    from abstractllm.workspace.documents import Buffer, Document
    from abstractllm.workspace.instructions import Instructions
    from abstractllm_server.editor.live_workspace import LiveWorkspace
    from abstractllm_server.editor.toolset import Toolset

_MENTION = re.compile(
    r"(?<![\w@/])@(?P<name>[^\s@:]+)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?"
)

_AFTER_A_MENTION = ".,;!?)]}'\"`"


class EditorWorkspace:
    """The workspace folders and the open documents, as pygls keeps them."""

    def __init__(self, documents: Documents, editor: Asking) -> None:
        keep_exactly(documents)
        self._documents = documents
        self._editor = editor
        self._toolsets: dict[str, Toolset] = {}

    @property
    def folders(self) -> list[Path]:
        """The workspace folders on this machine's disk, in the editor's order."""
        uris = [folder.uri for folder in self._documents.folders.values()]
        paths = map(to_fs_path, uris or filter(None, [self._documents.root_uri]))
        return [Path(path) for path in paths if path]

    @property
    def files(self) -> LiveWorkspace:
        """The files as the user sees them, to be read and changed."""
        from abstractllm_server.editor.live_workspace import LiveWorkspace

        return LiveWorkspace(
            self.folders, self._buffers, self._editor, self._documents.position_codec
        )

    @property
    def instructions(self) -> Instructions:
        """What the files of the project tell its models."""
        from abstractllm.workspace.instructions import Instructions

        return Instructions(self.files)

    async def toolset(self, session_id: str) -> Toolset:
        """Return the tools of a session, the same for all its turns."""
        from abstractllm_server.editor.toolset import Toolset

        toolset = self._toolsets.get(session_id)
        if toolset is None or toolset.folders != self.folders:
            await load("pydantic.type_adapter")  # which describes their parameters
            toolset = Toolset(self.folders, self.files, self._editor)
            self._toolsets[session_id] = toolset
        return toolset

    async def resource(self, item: ContextItem) -> Resource:
        """Return what a context item names; raises `FileRefused`."""
        document = await self.files.read(item.uri, even_ignored=True)
        if item.range is None:
            return _resource(document, document.text, None)
        return _resource(document, *self._cut(document.text, item.range))

    async def mentioned(self, prompt: str) -> list[Resource]:
        """Return the files that a prompt names: `@src/a.py`, `@src/a.py:10-20`.

        What is no file's name is no mention. Raises `FileRefused` for a file that may
        not be read.
        """
        resources = []
        for name, lines in dict.fromkeys(_mentions(prompt)):
            try:
                document = await self.files.read(name, even_ignored=True)
            except FileMissing:
                continue
            resources.append(_lines_of(document, lines))
        return resources

    def _buffers(self) -> Mapping[str, Buffer]:
        from abstractllm.workspace.documents import Buffer

        return {
            document.uri: Buffer(
                text=document.source, version=document.version, uri=document.uri
            )
            for document in self._documents.text_documents.values()
        }

    def _cut(self, text: str, part: Range) -> tuple[str, LineRange]:
        """Return a range's text and lines; what lies beyond the end is left out."""
        lines = lines_of(text)
        codec = self._documents.position_codec
        start, end = (
            offset_of(lines, types.Position(place.line, place.character), codec)
            for place in (part.start, part.end)
        )
        first = min(part.start.line, max(len(lines) - 1, 0))
        last = part.end.line
        after = last + (1 if part.end.character or last == part.start.line else 0)
        return text[start:end], LineRange(start=first, end=min(after, len(lines)))


def _mentions(prompt: str) -> Iterator[tuple[str, LineRange | None]]:
    for mention in _MENTION.finditer(prompt):
        name, first, last = mention.group("name", "first", "last")
        lines = first and LineRange(start=int(first) - 1, end=int(last or first))
        yield name.rstrip(_AFTER_A_MENTION), lines or None


def _lines_of(document: Document, lines: LineRange | None) -> Resource:
    if lines is None:
        return _resource(document, document.text, None)
    chosen = lines_of(document.text)[lines.start : lines.end]
    return _resource(document, "".join(chosen), lines)


def _resource(document: Document, text: str, lines: LineRange | None) -> Resource:
    if len(text) > MOST_CHARACTERS or document.is_cut:
        text = f"{text[:MOST_CHARACTERS]}\n… (the file is longer than what is shown)"
    return Resource(uri=document.uri, text=text, range=lines, version=document.version)
