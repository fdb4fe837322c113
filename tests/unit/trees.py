"""Random trees of files, with ignore files in them, for properties."""

import os
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from abstractllm.workspace.rules import IGNORE_FILES

_words = st.sampled_from(["a", "b", "c", "ab", "a.b", ".a"]) | st.sampled_from(
    ["a b", "a ", "-a", "-", "#a", "!a", "a]", "[a", "{a,b}", "\\a", ".hidden", ".env"]
)
_odd_words = _words | st.sampled_from(["ä", "a\nb", os.fsdecode(b"a\xff"), "漢", "\t"])

_pieces = st.sampled_from(["a", "b", "c", ".", "*", "**", "/", "?", "!"]) | (
    st.sampled_from(["[ab]", "[!a]", "[a-c]", "[]", "[", "]", "[]a]", "[[:alpha:]]"])
    | st.sampled_from(["\\", "\\a", "{a,b}", "#", " ", "  "])
)
_lines = st.lists(_pieces, min_size=1, max_size=6).map("".join)
_ignore_files = st.lists(_lines, min_size=1, max_size=6).map("\n".join)

_contents = st.sampled_from(
    [
        b"",
        b"needle",
        b"hay\nNeedle\n",
        b"hay\r\nneedle here\r\nneedle",
        b"needle\0",
        b"\xffneedle\n",
        "straße STRASSE \u212a \u017f NEEDLE\u2028needle".encode(),
        "Needle".encode("utf-16"),
        b"hay\n" * 20_000 + b"needle\0",
    ]
)


def trees(*, odd: bool) -> st.SearchStrategy[dict[str, bytes]]:
    """Return a strategy for files by their paths; `odd` names are beyond ASCII."""
    words = _odd_words if odd else _words
    paths = st.lists(words, min_size=1, max_size=4).map("/".join)
    rules = st.tuples(
        st.lists(words, max_size=2), st.sampled_from(IGNORE_FILES[: 1 + odd])
    ).map(lambda place: "/".join([*place[0], place[1]]))
    return st.builds(
        lambda files, ignored: {**files, **ignored},
        st.dictionaries(paths, _contents, max_size=20),
        st.dictionaries(rules, _ignore_files.map(str.encode), max_size=3),
    )


def grow(folder: Path, tree: Mapping[str, bytes]) -> None:
    """Write the files of a tree; of two that cannot both be, the first one stays."""
    for name, content in tree.items():
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
