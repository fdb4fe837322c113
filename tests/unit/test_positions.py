"""Places in a text: what an editor means by them is what they are here."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import PositionCodec

from abstractllm.workspace.changes import FileChange
from abstractllm_server.documents import Document
from abstractllm_server.editor.workspace_edit import text_edits
from abstractllm_server.positions import replaced
from tests.lsp import Encoding, applied, offset
from tests.unit.texts import edited, texts

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

encodings = st.sampled_from(ENCODINGS)

numbers = st.integers(min_value=0, max_value=14)
places = st.builds(lambda line, character: (line, character), numbers, numbers)


def codec(encoding: Encoding) -> PositionCodec:
    return PositionCodec(types.PositionEncodingKind(encoding))


def position(text: str, place: tuple[int, int], encoding: Encoding) -> types.Position:
    """Return a place that an editor could name: not in the middle of a character."""
    line, character = place
    while offset(text, line, character, encoding) is None:
        character += 1
    return types.Position(line, character)


def as_json(edits: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "range": {
                "start": {"line": start.line, "character": start.character},
                "end": {"line": end.line, "character": end.character},
            },
            "newText": new,
        }
        for start, end, new in edits
    ]


@given(edited(texts()), encodings)
def test_the_edits_of_a_change_make_the_new_text(
    pair: tuple[str, str], encoding: Encoding
) -> None:
    change = FileChange(uri="file:///a", name="a", before=pair[0], after=pair[1])

    edits = text_edits(change, codec(encoding))

    assert applied(pair[0], edits, encoding) == pair[1]


@given(texts(), texts(), encodings)
def test_any_text_is_made_of_any_other(
    one: str, other: str, encoding: Encoding
) -> None:
    change = FileChange(uri="file:///a", name="a", before=one, after=other)

    assert applied(one, text_edits(change, codec(encoding)), encoding) == other


@given(texts(), st.lists(st.tuples(places, places, texts()), max_size=6), encodings)
def test_a_document_follows_its_editor_exactly(
    text: str,
    changes: list[tuple[tuple[int, int], tuple[int, int], str]],
    encoding: Encoding,
) -> None:
    document = Document("file:///a", source=text, position_codec=codec(encoding))

    for *ends, new in changes:
        first, last = (position(text, place, encoding) for place in sorted(ends))
        document.apply_change(
            types.TextDocumentContentChangePartial(
                range=types.Range(first, last), text=new
            )
        )
        text = applied(text, as_json([(first, last, new)]), encoding)

        assert document.source == text


@given(texts(), st.lists(st.tuples(places, texts()), max_size=5), encodings)
def test_what_is_put_in_one_place_stays_in_its_order(
    text: str, insertions: list[tuple[tuple[int, int], str]], encoding: Encoding
) -> None:
    edits = [
        (where, where, new)
        for place, new in insertions
        for where in [position(text, place, encoding)]
    ]

    assert replaced(text, edits, codec(encoding)) == applied(
        text, as_json(edits), encoding
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["ab", "ab\n", "ab\r\n", "é😀", ""])
def test_beyond_the_end_of_a_line_is_its_end(text: str, encoding: Encoding) -> None:
    far = types.Position(0, 99)

    written = replaced(text, [(far, far, "!")], codec(encoding))

    assert written == text.rstrip("\r\n") + "!" + text[len(text.rstrip("\r\n")) :]


def test_a_line_ends_where_editors_have_it_end() -> None:
    document = Document(
        "file:///a", source="a\fb\u2028c\nd\r", position_codec=codec("utf-16")
    )

    assert document.lines == ["a\fb\u2028c\n", "d\r"]
