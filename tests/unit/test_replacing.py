"""Pieces of a text replaced: exactly, once, with the text's own line ends."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abstractllm.errors import ChangeRefused
from abstractllm.tools.replacing import Replacement, replaced
from tests.unit.texts import texts

POEM = "one\ntwo\nthree\ntwo\nfour\n"


def change(text: str, old: str, new: str, *, all: bool = False) -> str:
    return replaced(text, [Replacement(old=old, new=new, all=all)])


def refusal(text: str, old: str, new: str = "") -> str:
    with pytest.raises(ChangeRefused) as refused:
        change(text, old, new)
    return str(refused.value)


def test_a_piece_is_replaced_where_it_is() -> None:
    assert change(POEM, "three\n", "3\n") == "one\ntwo\n3\ntwo\nfour\n"


def test_every_place_is_replaced_if_that_is_wanted() -> None:
    assert change(POEM, "two", "2", all=True) == "one\n2\nthree\n2\nfour\n"


def test_each_edit_is_made_in_what_the_ones_before_it_left() -> None:
    edits = [Replacement(old="one", new="two"), Replacement(old="two\nt", new="T")]

    assert replaced("one\nthree\n", edits) == "Three\n"


def test_of_several_edits_the_one_that_fails_is_named_by_its_number() -> None:
    edits = [Replacement(old="one", new="1"), Replacement(old="five", new="5")]

    with pytest.raises(ChangeRefused, match="Edit 2: `old` is not there"):
        replaced(POEM, edits)


def test_a_piece_that_is_there_twice_is_refused_with_its_lines() -> None:
    assert refusal(POEM, "two") == (
        "`old` is there 2 times, in lines 2, 4. Repeat more of the lines around it, or "
        "set `all` to replace every one."
    )


def test_lines_are_counted_as_the_model_was_shown_them() -> None:
    assert "in lines 3, 4." in refusal("a\x0c\rb\r\nx\nx\n", "x")


def test_of_many_places_the_first_ones_are_told() -> None:
    assert refusal("x\n" * 9, "x").startswith(
        "`old` is there 9 times, in lines 1, 2, 3, 4, 5 and more."
    )


def test_a_piece_that_is_everywhere_is_refused_at_once() -> None:
    begin = time.process_time()

    refusal("e\n" * 500_000, "e")

    assert time.process_time() - begin < 20  # by counting lines, it took hours


def test_a_piece_that_is_not_there_is_refused_with_the_nearest_lines() -> None:
    text = "def greet(name):\n    print('Hello', name)\n    return name\n"

    assert refusal(text, "    print('Helo', name)\n    return 1") == (
        "`old` is not there. The nearest lines are:\n"
        "     1  def greet(name):\n"
        "     2      print('Hello', name)\n"
        "     3      return name"
    )


@pytest.mark.parametrize("old", ["completely different", "\n\n\n", "   \n"])
def test_nothing_like_it_is_told_too(old: str) -> None:
    assert refusal("one\ntwo\n", old) == (
        "`old` is not there, and nothing like it. Read the file again."
    )


def test_an_empty_piece_is_refused() -> None:
    assert refusal(POEM, "").startswith("`old` is empty.")


@pytest.mark.parametrize("old", ["b\nc", "b\r\nc"])
@pytest.mark.parametrize("new", ["1\n2", "1\r\n2"])
def test_line_ends_are_those_of_the_text(old: str, new: str) -> None:
    assert change("a\r\nb\r\nc\r\n", old, new) == "a\r\n1\r\n2\r\n"
    assert change("a\nb\nc\n", old, new) == "a\n1\n2\n"


def test_of_mixed_line_ends_those_elsewhere_stay() -> None:
    assert change("a\r\nb\nc\r\nd\r\n", "b\nc", "B\nC") == "a\r\nB\r\nC\r\nd\r\n"
    assert change("a\nb\nc\r\nd\n", "b", "1\n2") == "a\n1\n2\nc\r\nd\n"


def test_a_piece_that_overlaps_itself_is_ambiguous_and_replaced_side_by_side() -> None:
    text = "\naa\naa\n"

    with pytest.raises(ChangeRefused, match="there 2 times, in lines 1, 2"):
        change(text, "\naa\n", "X")

    every = Replacement(old="\naa\n", new="X", all=True)
    assert replaced(text, [every]) == "Xaa\n"


@given(texts(), st.data())
def test_only_the_piece_changes(text: str, data: st.DataObject) -> None:
    cut = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
    before, piece, after = text[: cut[0]], text[cut[0] : cut[1]], text[cut[1] :]
    is_split = before.endswith("\r") or (piece.endswith("\r") and after[:1] == "\n")
    plain = [part.replace("\r\n", "\n") for part in (text, piece)]
    is_there_once = plain[0].find(plain[1]) == plain[0].rfind(plain[1])
    if piece and not is_split and is_there_once:
        assert change(text, piece, "X") == f"{before}X{after}"
