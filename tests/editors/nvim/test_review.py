"""The user answers in the buffer that would be changed, hunk by hunk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.hands import begin, edit, finish, go_to, result, settle, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

LINES = [f"line {number}" for number in range(30)]
FIRST = ("line 2\n", "line two\nand a half\n")
SECOND = ("line 20\nline 21\n", "line 20 and 21\n")
BOTH = edit("long.txt", FIRST, SECOND)
ONLY_FIRST = [*LINES[:2], "line two", "and a half", *LINES[3:]]
ALL = [*ONLY_FIRST[:21], "line 20 and 21", *ONLY_FIRST[23:]]


@pytest.fixture
def asked(
    fresh_project: None, neovim: Neovim, vendors: VendorServer, workspace: Path
) -> Iterator[None]:
    """Open a file, and have a model ask whether it may change two places of it."""
    (workspace / "long.txt").write_text("\n".join(LINES) + "\n")
    neovim.command("edit long.txt")
    neovim.command("nnoremap <buffer> ga :let g:own_key = 1<CR>")
    will(vendors, BOTH)
    begin(neovim)
    wait_until(lambda: shown(neovim), "the change in the buffer")
    yield
    settle(neovim)


def marks(neovim: Neovim) -> list[Any]:
    """Return the row, the column and the details of each mark in the buffer."""
    found: list[Any] = neovim.lua("""
        local namespace = vim.api.nvim_create_namespace("abstractllm.inline")
        local all = { details = true }
        return vim.tbl_map(function(mark)
          return { mark[2], mark[3], mark[4] }
        end, vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, all))
    """)
    return found


def shown(neovim: Neovim) -> list[str]:
    """Return the coloured and the virtual lines of the current buffer."""
    lines = []
    for row, _, details in marks(neovim):
        for chunks in details.get("virt_lines", ()):
            lines.append("+" + "".join(text for text, _ in chunks).strip())
        if details.get("hl_group") == "AbstractLLMRemoved":
            lines.append("-" + neovim.nvim.current.buffer[row])
    return lines


def words(neovim: Neovim) -> list[str]:
    """Return the marked words of the current buffer, and of its virtual lines."""
    found = []
    for row, column, details in marks(neovim):
        if details.get("hl_group") == "AbstractLLMWord":
            line = neovim.nvim.current.buffer[row].encode()
            found.append("-" + line[column : details["end_col"]].decode())
        for chunks in details.get("virt_lines", ()):
            found += ["+" + text for text, group in chunks if isinstance(group, list)]
    return sorted(found)


def row(neovim: Neovim) -> int:
    """Return the line of the cursor, from one."""
    line: int = neovim.nvim.current.window.cursor[0]
    return line


def test_the_change_is_seen_in_the_buffer_which_is_as_it_was(
    asked: None, neovim: Neovim
) -> None:
    assert sorted(shown(neovim)) == [
        "+and a half",
        "+line 20 and 21",
        "+line two",
        "-line 2",
        "-line 20",
        "-line 21",
    ]
    assert neovim.lines("long.txt") == LINES


def test_changed_words_are_marked_in_both_texts(asked: None, neovim: Neovim) -> None:
    assert words(neovim) == ["+ and 21", "+two", "-2"]


def test_keys_go_from_hunk_to_hunk(asked: None, neovim: Neovim) -> None:
    rows = []
    for keys in ("gg]h", "]h", "]h", "[h"):
        neovim.type(keys)
        neovim.nvim.eval("1")
        rows.append(row(neovim))

    assert rows == [3, 21, 21, 3]
    assert neovim.told("no hunk below")


def test_one_hunk_of_two_is_made(
    asked: None, neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.type("gg]hga")
    wait_until(lambda: row(neovim) == 21, "the next hunk")
    assert neovim.lines("long.txt") == LINES

    neovim.type("gr")
    finish(neovim)
    assert neovim.lines("long.txt") == ONLY_FIRST
    assert "Done." in result(vendors)
    assert "2" in result(vendors), "it is told which one was left out"


def test_all_hunks_are_made_and_keys_are_what_they_were(
    asked: None, neovim: Neovim
) -> None:
    neovim.type("gA")
    finish(neovim)

    assert neovim.lines("long.txt") == ALL
    assert shown(neovim) == []
    neovim.type("ga")
    assert wait_until(lambda: neovim.nvim.eval("get(g:, 'own_key')"), "the own key")
    assert neovim.nvim.call("maparg", "]h", "n") == ""


def test_all_hunks_are_rejected_with_a_reason(
    asked: None, neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.say("Leave the text alone.")
    neovim.type("gR")
    finish(neovim)

    assert neovim.lines("long.txt") == LINES
    assert "Leave the text alone." in result(vendors)


def test_rejecting_each_hunk_is_rejecting_all(
    asked: None, neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.say("")
    neovim.type("gg]hgr")
    wait_until(lambda: row(neovim) == 21, "the next hunk")
    neovim.type("gr")
    finish(neovim)

    assert neovim.lines("long.txt") == LINES
    assert "not approved" in result(vendors)


def test_stopping_takes_the_change_out_of_the_buffer(
    asked: None, neovim: Neovim
) -> None:
    neovim.command("AbstractLLM stop")
    finish(neovim)

    assert shown(neovim) == []
    assert neovim.lines("long.txt") == LINES


def test_a_key_of_the_panel_opens_the_file_at_its_first_hunk(
    asked: None, neovim: Neovim
) -> None:
    neovim.command("edit sample.py")
    go_to(neovim, "? Edit")
    neovim.type("gd")

    name = "expand('%:t')"
    wait_until(lambda: neovim.nvim.eval(name) == "long.txt", "the file")
    assert row(neovim) == 3


def test_the_change_is_seen_in_a_tab_and_allowed_there(
    asked: None, neovim: Neovim
) -> None:
    neovim.type("gD")
    wait_until(lambda: len(neovim.nvim.tabpages) == 2, "a tab")
    windows = neovim.nvim.current.tabpage.windows
    texts = [window.buffer[:] for window in windows]
    assert texts == [LINES, ALL]
    assert all(window.options["diff"] for window in windows)

    neovim.type("ga")
    finish(neovim)
    assert len(neovim.nvim.tabpages) == 1
    assert neovim.lines("long.txt") == ALL


def test_a_buffer_that_changed_is_not_shown_what_does_not_fit(
    asked: None, neovim: Neovim
) -> None:
    neovim.type("ggdd")
    neovim.command("edit sample.py | buffer long.txt")

    assert shown(neovim) == []
    neovim.command("AbstractLLM reject No.")
    finish(neovim)


def test_a_file_without_lines_and_lines_above_the_first_one(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "top.txt").write_text("one\ntwo\n")
    neovim.command("edit top.txt")
    will(vendors, edit("top.txt", ("one\n", "zero\none\n")))
    begin(neovim)
    neovim.type("gg]h")

    assert shown(neovim) == ["+zero"]
    neovim.command("AbstractLLM approve")
    finish(neovim)
    assert neovim.lines("top.txt") == ["zero", "one", "two"]
