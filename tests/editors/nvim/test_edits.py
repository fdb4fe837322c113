"""Edits of a buffer in a real Neovim are what they are of plain text."""

import re
from pathlib import Path
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.editors.nvim.neovim import Neovim

CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}

EDIT = """
    local path, edits, encoding, is_empty, how = ...
    vim.cmd(("silent edit! %s %s"):format(how, path))
    vim.bo.fixendofline = false
    local buffer = vim.api.nvim_get_current_buf()
    local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
    require("abstractllm.edits").apply(buffer, edits, encoding, is_empty)
    vim.cmd("silent write!")
    vim.cmd("silent! undo")
    local after = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
    vim.cmd("silent bwipeout!")
    return vim.deep_equal(before, after)
"""


@attrs.frozen
class Case:
    """A text, and edits by its offsets, in order."""

    text: str
    edits: list[tuple[int, int, str]]

    @property
    def edited(self) -> str:
        """The text with all edits."""
        text = self.text
        for start, end, new in reversed(self.edits):
            text = text[:start] + new + text[end:]
        return text


@st.composite
def cases(draw: st.DrawFn, end: str) -> Case:
    """Return a text whose lines end like that, and edits that do not overlap."""
    texts = st.lists(st.sampled_from(["a", "b\t", "é", "漢", "😀", "\r", end, end]))
    text = "".join(draw(texts))
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    places = [place for place in places if text[place - 1 : place + 1] != "\r\n"]
    pairs = zip(places[::2], places[1::2], strict=False)
    return Case(text, [(first, last, "".join(draw(texts))) for first, last in pairs])


def position(text: str, offset: int, encoding: str) -> dict[str, int]:
    """Return an offset as LSP's position."""
    starts = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]
    line = max(at for at, start in enumerate(starts) if start <= offset)
    before = text[starts[line] : offset].encode(CODECS[encoding])
    return {"line": line, "character": len(before) // UNIT[encoding]}


def edit(neovim: Neovim, path: Path, case: Case, encoding: str, how: str = "") -> bytes:
    """Apply the edits in a buffer, save it, and return what the disk holds.

    `how` is said to `:edit`.
    """
    path.write_bytes(case.text.encode())
    edits: list[dict[str, Any]] = [
        {
            "range": {
                "start": position(case.text, start, encoding),
                "end": position(case.text, end, encoding),
            },
            "newText": new,
        }
        for start, end, new in case.edits
    ]
    undone = neovim.lua(EDIT, str(path), edits, encoding, not case.text, how)
    assert undone, "one undo takes all of it back"
    return path.read_bytes()


IN_ONE_NEOVIM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@IN_ONE_NEOVIM
@given(case=cases("\n"), encoding=st.sampled_from(list(CODECS)))
def test_random_edits(
    neovim: Neovim, tmp_path: Path, case: Case, encoding: str
) -> None:
    changed = edit(neovim, tmp_path / "text.txt", case, encoding, "++ff=unix")
    assert changed == case.edited.encode()


@IN_ONE_NEOVIM
@given(case=cases("\r\n"), encoding=st.sampled_from(list(CODECS)))
def test_random_edits_of_text_with_carriage_returns(
    neovim: Neovim, tmp_path: Path, case: Case, encoding: str
) -> None:
    changed = edit(neovim, tmp_path / "text.txt", case, encoding)
    assert changed == case.edited.encode()
