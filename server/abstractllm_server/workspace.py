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
from abstractllm.tools.definition import ToolDefinition
from abstractllm_server.protocol import ContextItem, Range

if TYPE_CHECKING:  # what looks at files is loaded once somebody does
    from abstractllm.workspace.documents import Buffer, Document
    from abstractllm.workspace.files import Workspace

MOST_CHARACTERS = 200_000
"""Of one attached file; more would not fit into a model's window."""

_MENTION = re.compile(
    r"(?<![\w@/])@(?P<name>[^\s@:]+)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?"
)

_AFTER_A_MENTION = ".,;!?)]}'\"`"


class EditorWorkspace:
    """The workspace folders and the open documents, as pygls keeps them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._tools: list[ToolDefinition] = []
        self._folders_of_tools: list[Path] | None = None

    @property
    def folders(self) -> list[Path]:
        """The workspace folders on this machine's disk, in the editor's order."""
        uris = [folder.uri for folder in self._documents.folders.values()]
        paths = map(to_fs_path, uris or filter(None, [self._documents.root_uri]))
        return [Path(path) for path in paths if path]

    @property
    def files(self) -> Workspace:
        """The files as the user sees them."""
        from abstractllm.workspace.files import Workspace

        return Workspace(self.folders, self._buffers)

    async def tools(self) -> list[ToolDefinition]:
        """Return the tools that look into the workspace, the same for all turns."""
        from abstractllm.tools.files import FileTools

        if self._folders_of_tools != self.folders:
            await load("pydantic.type_adapter")  # which describes their parameters
            self._tools = FileTools(self.files).definitions
            self._folders_of_tools = self.folders
        return self._tools

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
            uri: Buffer(text=document.source, version=document.version)
            for uri, document in self._documents.text_documents.items()
        }

    def _cut(self, text: str, part: Range) -> tuple[str, LineRange]:
        """Return a range's text and lines; what lies beyond the end is left out."""
        lines = text.splitlines(keepends=True)
        codec = self._documents.position_codec
        start, end = (
            codec.position_from_client_units(
                lines, types.Position(place.line, place.character)
            )
            for place in (part.start, part.end)
        )
        chosen = lines[start.line : end.line + 1]
        if chosen and end.line < len(lines):
            chosen[-1] = chosen[-1][: end.character]
        if chosen:
            chosen[0] = chosen[0][start.character :]
        after = end.line + (1 if end.character or end.line == start.line else 0)
        return "".join(chosen), LineRange(start=start.line, end=after)


def _mentions(prompt: str) -> Iterator[tuple[str, LineRange | None]]:
    for mention in _MENTION.finditer(prompt):
        name, first, last = mention.group("name", "first", "last")
        lines = first and LineRange(start=int(first) - 1, end=int(last or first))
        yield name.rstrip(_AFTER_A_MENTION), lines or None


def _lines_of(document: Document, lines: LineRange | None) -> Resource:
    if lines is None:
        return _resource(document, document.text, None)
    chosen = document.text.splitlines(keepends=True)[lines.start : lines.end]
    return _resource(document, "".join(chosen), lines)


def _resource(document: Document, text: str, lines: LineRange | None) -> Resource:
    if len(text) > MOST_CHARACTERS or document.is_cut:
        text = f"{text[:MOST_CHARACTERS]}\n… (the file is longer than what is shown)"
    return Resource(uri=document.uri, text=text, range=lines, version=document.version)
