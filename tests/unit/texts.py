"""Random texts and edits of them, with all that editors and Python tell apart."""

from hypothesis import strategies as st

ENDS = ["\n", "\r\n", "\r"]

NO_ENDS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
"""What `str.splitlines` takes for ends of lines, and editors do not."""

PIECES = [*"ab \t", "é", "漢", "😀", "\ufeff", "e\u0301", *NO_ENDS]


def texts(
    *, ends: list[str] = ENDS, halves: str = "\ud83d\udc80"
) -> st.SearchStrategy[str]:
    """Return a strategy for texts; some hold `halves` of characters."""
    pieces = [*PIECES, *halves]
    lines = st.lists(st.sampled_from(pieces), max_size=4).map("".join)
    whole = st.tuples(lines, st.sampled_from(ends)).map("".join)
    return st.builds(
        lambda many, last: "".join(many) + last, st.lists(whole, max_size=12), lines
    )


def edited(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    """Return a strategy for a text, and the same with some of it replaced."""

    def edit(old: str, places: list[tuple[int, int, str]]) -> tuple[str, str]:
        new = old
        for start, length, piece in places:
            start %= len(new) + 1
            new = new[:start] + piece + new[start + length :]
        return old, new

    whole = st.integers(min_value=0, max_value=200)
    length = st.integers(min_value=0, max_value=9)
    places = st.lists(st.tuples(whole, length, texts), min_size=1, max_size=4)
    return st.builds(edit, texts, places)
