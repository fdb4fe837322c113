"""Open documents, kept as the editor has them.

pygls divides a text by `str.splitlines`, which knows ends of lines that neither LSP nor
editors know, such as a form feed: a change below one would land elsewhere.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from abstractllm.workspace.lines import lines_of
from abstractllm_server.positions import column_of

MOST_CHARACTERS = 200_000
"""Of a document that goes with a prompt; more would not fit into a model's window."""


class Document(TextDocument):
    """A document whose lines end where LSP has them end.

    It is kept in lines: one edit of a long text may be told in thousands of changes.
    """

    _source: str | None
    """`None` where it is to be joined from the lines."""
    _divided: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines, each with its end."""
        if self._divided is None:
            self._divided = lines_of(self.source)
        return self._divided

    @property
    def source(self) -> str:
        """The text."""
        if self._source is None and self._divided is not None:
            self._source = "".join(self._divided)
        return super().source

    def _apply_full_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        super()._apply_full_change(change)
        self._divided = None

    def _apply_incremental_change(
        self, change: types.TextDocumentContentChangePartial
    ) -> None:
        lines = self.lines
        begin, before = self._place(change.range.start)
        end, after = self._place(change.range.end)
        head = "".join(lines[begin : begin + 1])[:before]
        tail = "".join(lines[end : end + 1])[after:]
        text = head + change.text + tail
        # A line that has no end, or the first half of one, may go on now.
        if begin and not lines[begin - 1].endswith("\n"):
            begin -= 1
            text = lines[begin] + text
        lines[begin : end + 1] = lines_of(text)
        self._source = None

    def _place(self, place: types.Position) -> tuple[int, int]:
        """Return the line of a place, and how many of its characters are before it."""
        lines = self.lines
        if place.line >= len(lines):
            return len(lines), 0
        return place.line, column_of(lines[place.line], place, self.position_codec)


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
