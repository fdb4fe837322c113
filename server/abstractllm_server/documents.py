"""Open documents, kept as the editor has them.

pygls divides a text by `str.splitlines`, which knows ends of lines that neither LSP nor
editors know, such as a form feed: a change below one would land elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from abstractllm.workspace.lines import lines_of

MOST_CHARACTERS = 200_000
"""Of a document that goes with a prompt; more would not fit into a model's window."""


class Document(TextDocument):
    """A document whose lines end where LSP has them end."""

    @property
    def lines(self) -> Sequence[str]:
        """The lines, each with its end."""
        return lines_of(self.source)

    def _apply_incremental_change(
        self, change: types.TextDocumentContentChangePartial
    ) -> None:
        lines = self.lines
        start, end = (
            self._offset(lines, place)
            for place in (change.range.start, change.range.end)
        )
        text = self.source
        self._source = text[:start] + change.text + text[end:]

    def _offset(self, lines: Sequence[str], place: types.Position) -> int:
        if place.line >= len(lines):
            return sum(map(len, lines))
        before = sum(map(len, lines[: place.line]))
        found = self.position_codec.position_from_client_units(lines, place)
        return before + min(found.character, len(lines[place.line].rstrip("\r\n")))


def keep_exactly(workspace: Workspace) -> None:
    """Have a workspace keep its documents as `Document`s, those to come included."""

    def create(
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        return Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            position_codec=workspace.position_codec,
        )

    workspace._create_text_document = create  # type: ignore[method-assign]
