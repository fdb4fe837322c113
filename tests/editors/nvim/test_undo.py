"""An edit is the editor's own: one undo, and who reads the buffer stays where he is."""

import re
from pathlib import Path

import pytest

from tests.editors.nvim.hands import begin, call, edit, finish, result, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

LINES = [f"line {number}" for number in range(100)]


def text_of(neovim: Neovim, name: str = "long.txt") -> list[str]:
    """Return the lines of a buffer."""
    return neovim.lines(name)


def make(neovim: Neovim, vendors: VendorServer, *pairs: tuple[str, str]) -> None:
    """Have the model edit the file, and allow it."""
    will(vendors, edit("long.txt", *pairs))
    begin(neovim)
    neovim.command("AbstractLLM approve")
    finish(neovim)


@pytest.fixture(autouse=True)
def file(fresh_project: None, neovim: Neovim, workspace: Path) -> Path:
    """Open a file of a hundred lines."""
    path = workspace / "long.txt"
    path.write_text("\n".join(LINES) + "\n")
    neovim.command("edit long.txt")
    return path


def test_one_undo_takes_a_calls_edits_back_and_leaves_what_was_typed(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.type("ggOtyped before<Esc>")
    make(neovim, vendors, ("line 3\n", "three\n"), ("line 90\n", "ninety\nmore\n"))
    neovim.type("GOtyped after<Esc>")

    neovim.command("undo")
    edited = ["typed before", *LINES[:3], "three", *LINES[4:90], "ninety", "more"]
    assert text_of(neovim) == [*edited, *LINES[91:]]
    neovim.command("undo")
    assert text_of(neovim) == ["typed before", *LINES]
    neovim.command("undo")
    assert text_of(neovim) == LINES
    neovim.command("redo | redo")
    assert text_of(neovim) == [*edited, *LINES[91:]]


def test_an_edit_while_somebody_inserts_text_is_a_step_between_his_own(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("AbstractLLM mode auto")
    neovim.type("ggOone <Esc>")
    will(vendors, edit("long.txt", ("line 90\n", "ninety\n")))
    neovim.type("A two")
    wait_until(lambda: text_of(neovim)[0] == "one  two", "what is typed")
    neovim.command("AbstractLLM ask Do it")
    wait_until(lambda: "ninety" in text_of(neovim), "the edit")
    neovim.type(" three<Esc>")
    finish(neovim)

    steps = []
    for _ in range(4):
        steps.append((text_of(neovim)[0], text_of(neovim)[91]))
        neovim.command("undo")
    assert steps == [
        ("one  two three", "ninety"),
        ("one  two", "ninety"),
        ("one  two", "line 90"),
        ("one ", "line 90"),
    ]


def seen(neovim: Neovim) -> list[str | int]:
    """Return the line and the column of the file's cursor, and the line on top."""
    found: list[str | int] = neovim.lua("""
        return vim.api.nvim_win_call(vim.fn.bufwinid("long.txt"), function()
          return { vim.fn.getline("."), vim.fn.col("."), vim.fn.getline("w0") }
        end)
    """)
    return found


def test_the_cursor_and_what_is_seen_stay_with_the_text(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("call cursor(51, 4) | normal! zt")
    make(neovim, vendors, ("line 3\n", "three\nand\nmore\n"), ("line 60\n", ""))

    assert seen(neovim) == ["line 50", 4, "line 50"]


def test_a_file_of_forty_thousand_lines_is_edited_everywhere_and_taken_back(
    neovim: Neovim, vendors: VendorServer, file: Path
) -> None:
    lines = [f"name = {number}" for number in range(40_000)]
    file.write_text("\n".join(lines) + "\n")
    neovim.command("edit! | call cursor(20001, 4) | normal! zt")
    neovim.command("AbstractLLM mode auto")
    pairs = [
        {"old": "name = 1\n", "new": "nom = 1\nmore\n"},
        {"old": "7\n", "new": "seven\n", "all": True},
    ]
    will(vendors, call("edit_file", path="long.txt", edits=pairs))
    neovim.ask("Do it")
    expected = [re.sub("7$", "seven", line) for line in lines]
    expected[1:2] = ["nom = 1", "more"]
    assert text_of(neovim) == expected
    assert seen(neovim) == ["name = 20000", 4, "name = 20000"]

    neovim.command("undo")
    assert text_of(neovim) == lines


def test_a_buffer_that_cannot_be_changed_is_told_and_left(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("setlocal nomodifiable")
    make(neovim, vendors, ("line 3\n", "three\n"))

    assert text_of(neovim) == LINES
    assert "read-only in the editor" in result(vendors)
