"""The body of a streamed reply, in whatever pieces it comes."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abstractllm.providers.json_stream import (
    DONE,
    Decoder,
    JSONLines,
    ServerSentEvents,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def decoded(decoder: Decoder, body: bytes, cuts: list[int]) -> list[Any]:
    """Return what a decoder yields of a body that comes in pieces."""
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    values: list[Any] = []
    for start, end in itertools.pairwise(places):
        values += decoder.decode(body[start:end])
    return [*values, *decoder.end()]


@given(st.lists(VALUES), LINE_ENDS, st.lists(st.integers(0, 1000)), st.booleans())
def test_events_are_the_same_however_they_are_cut(
    values: list[Any], newline: bytes, cuts: list[int], ascii_only: bool
) -> None:
    events = [json.dumps(value, ensure_ascii=ascii_only).encode() for value in values]
    noise = b": ping" + newline + newline + b"event: x" + newline + b"id: 7" + newline
    body = b"".join(
        noise + b"data: " + event + newline + newline for event in events
    ) + (b"data:[DONE]" + newline + newline)

    assert decoded(ServerSentEvents(), body, cuts) == [*values, DONE]


@given(st.lists(VALUES), LINE_ENDS, st.lists(st.integers(0, 1000)), st.booleans())
def test_lines_are_the_same_however_they_are_cut(
    values: list[Any], newline: bytes, cuts: list[int], ascii_only: bool
) -> None:
    lines = [json.dumps(value, ensure_ascii=ascii_only).encode() for value in values]

    body = newline.join([*lines, b"", b""])

    assert decoded(JSONLines(), body, cuts) == values


def test_data_in_several_lines_is_one_event_and_the_last_needs_no_blank_line() -> None:
    body = b'data: {"a":\ndata: 1}\n\ndata: 2'

    assert decoded(ServerSentEvents(), body, []) == [{"a": 1}, 2]


@pytest.mark.parametrize("decoder", [ServerSentEvents(), JSONLines()])
def test_what_comes_before_a_fault_is_yielded_first(decoder: Decoder) -> None:
    prefix = b"data: " if isinstance(decoder, ServerSentEvents) else b""
    values = decoder.decode(prefix + b"1\n\n" + prefix + b'{"a"\n\n')

    assert next(values) == 1
    with pytest.raises(ValueError, match="delimiter"):
        next(values)
