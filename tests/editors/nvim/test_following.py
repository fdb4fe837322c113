"""A long reply in many pieces: what is folded, and where the panel stays meanwhile."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Held, Reply, VendorServer

CHAT = "abstractllm://chat"
PROMPT = "abstractllm://prompt"

PIECES = 30
LONG = Reply(
    thinking=[f"thought {number}\n" for number in range(PIECES)],
    text=[f"line {number}\n\n" for number in range(PIECES)],
)
THOUGHTS = ["… thinking", *(f"> thought {number}" for number in range(PIECES))]
LINES = [line for number in range(PIECES) for line in (f"line {number}", "")]


@pytest.fixture
def gate(neovim: Neovim) -> Iterator[threading.Event]:
    """Return what lets a reply go on; whatever runs has ended after the test."""
    neovim.command("AbstractLLM provider anthropic")
    gate = threading.Event()
    yield gate
    gate.set()
    wait_until(neovim.is_idle, "the end of the turn")


def in_panel(neovim: Neovim, code: str) -> Any:
    """Return what Lua gives in the panel's window."""
    return neovim.lua(f"""
        return vim.api.nvim_win_call(vim.fn.bufwinid("{CHAT}"), function()
          {code}
        end)
    """)


def folds(neovim: Neovim) -> list[list[int]]:
    """Return the first and the last line of each closed fold of the panel."""
    found: list[list[int]] = in_panel(
        neovim,
        """
        local folds, line = {}, 1
        while line <= vim.fn.line("$") do
          local last = vim.fn.foldclosedend(line)
          if last ~= -1 then
            table.insert(folds, { line, last })
          end
          line = math.max(line, last) + 1
        end
        return folds
        """,
    )
    return found


def cursor(neovim: Neovim) -> int:
    """Return the line of the panel's cursor, from one."""
    line: int = neovim.window(CHAT).cursor[0]
    return line


def scroll(neovim: Neovim, keys: str) -> None:
    """Scroll in the panel without going there."""
    in_panel(neovim, f'vim.cmd.normal({{ vim.keycode("{keys}"), bang = true }})')


def follows(neovim: Neovim) -> bool:
    """Return whether the panel's cursor is in its last line, in one look."""
    return bool(in_panel(neovim, 'return vim.fn.line(".") == vim.fn.line("$")'))


@pytest.mark.parametrize("send", ["<C-s>", "<Esc><CR>"])
def test_many_thoughts_are_one_fold_while_they_come_and_later(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event, send: str
) -> None:
    vendors.will(Held(gate=gate, after=20, reply=LONG))
    neovim.command("AbstractLLM chat")
    neovim.type(f"iThink{send}")
    lines = neovim.shows("> thought 19")
    assert lines[4:] == THOUGHTS[:21]
    wait_until(lambda: folds(neovim) == [[5, 25]], "one fold")

    gate.set()
    wait_until(neovim.is_idle, "the end of the turn")
    assert neovim.lines()[4:] == [*THOUGHTS, "", *LINES, ""]
    assert folds(neovim) == [[5, 35]]
    neovim.type("<Esc>")


def test_what_is_typed_after_sending_stays(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event
) -> None:
    vendors.will(Held(gate=gate, after=20, reply=LONG))
    neovim.command("AbstractLLM chat")
    neovim.type("iThink<CR>hard<C-s>and ")
    neovim.shows("> thought 19")
    neovim.type("more")
    gate.set()
    neovim.shows("line 29")
    neovim.type(" later<Esc>")

    later = ["and more later"]
    wait_until(lambda: neovim.lines(PROMPT) == later, "what was typed")
    assert folds(neovim) == [[6, 36]]


@pytest.mark.parametrize("keys", ["i", "<Esc>"])
def test_thoughts_that_were_opened_stay_open(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event, keys: str
) -> None:
    vendors.will(Held(gate=gate, after=20, reply=LONG))
    neovim.command("AbstractLLM chat")
    neovim.type("iThink<C-s>")
    neovim.shows("> thought 19")
    in_panel(neovim, 'vim.cmd("%foldopen")')
    neovim.type(f"<Esc>{keys}")

    gate.set()
    wait_until(neovim.is_idle, "the end of the turn")
    assert folds(neovim) == []
    neovim.type("<Esc>")


def test_the_panel_follows_to_the_end(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event
) -> None:
    vendors.will(Held(gate=gate, after=45, reply=LONG))
    neovim.command("AbstractLLM ask Go on")
    neovim.shows("line 14")
    assert follows(neovim)

    gate.set()
    neovim.shows("line 29")
    assert follows(neovim)


def test_who_scrolls_up_stays_there(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event
) -> None:
    vendors.will(Held(gate=gate, after=50, reply=LONG))
    neovim.command("AbstractLLM ask Go on")
    neovim.shows("line 19")
    scroll(neovim, "20<C-y>")
    stayed = cursor(neovim)
    assert not follows(neovim)

    gate.set()
    neovim.shows("line 29")
    assert cursor(neovim) == stayed


@pytest.mark.parametrize("keys", ["20<C-y>G", "8<C-y>8<C-e>"], ids=["keys", "mouse"])
def test_who_comes_back_to_the_end_follows_again(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event, keys: str
) -> None:
    vendors.will(Held(gate=gate, after=50, reply=LONG))
    neovim.command("AbstractLLM ask Go on")
    neovim.shows("line 19")
    scroll(neovim, keys)  # the mouse leaves the cursor above the end

    gate.set()
    neovim.shows("line 29")
    assert follows(neovim)


def test_sending_goes_to_the_end(
    neovim: Neovim, vendors: VendorServer, gate: threading.Event
) -> None:
    vendors.will(LONG, Held(gate=gate, after=20, reply=LONG))
    neovim.ask("One")
    neovim.window(CHAT).cursor = (1, 0)

    neovim.command("AbstractLLM ask Two")
    neovim.shows("Two")
    assert follows(neovim)
