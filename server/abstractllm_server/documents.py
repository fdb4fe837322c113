"""Open documents, kept as the editor has them.

pygls divides a text by `str.splitlines`, which knows ends of lines that neither LSP nor
editors know, such as a form feed: a change below one would land elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from abstractllm.workspace.lines import lines_of
from abstractllm_server.positions import offset_of

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
        start = offset_of(lines, change.range.start, self.position_codec)
        end = offset_of(lines, change.range.end, self.position_codec)
        self._source = self.source[:start] + change.text + self.source[end:]


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
