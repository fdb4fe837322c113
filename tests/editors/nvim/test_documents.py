"""The model sees what the user sees: selections, unsaved and untitled text."""

import json

from tests.editors.nvim.neovim import Neovim
from tests.vendors import Call, Reply, VendorServer

UNSAVED = "def area(width, height, unsaved):"


def asked(vendors: VendorServer) -> str:
    """Return the messages of the last request, as text."""
    return json.dumps(vendors.requests[-1].body["messages"])


def change_the_first_line(neovim: Neovim) -> None:
    neovim.command("edit sample.py")
    neovim.type(f"ggcc{UNSAVED}<Esc>")


def test_a_selection_goes_along_with_the_prompt(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    neovim.type("ggVj:AbstractLLM ask what is this?<CR>")
    lines = neovim.shows("You said: ", "what is this?")

    assert lines[1].startswith("↳ sample.py:1-2")
    assert "def area(width, height):" in asked(vendors)
    assert "return width * height" not in asked(vendors)


def test_a_selections_unsaved_text_is_in_the_request(
    neovim: Neovim, vendors: VendorServer
) -> None:
    change_the_first_line(neovim)
    neovim.ask("what is this?", range_="1,3")

    assert UNSAVED in asked(vendors)


def test_a_mentioned_files_unsaved_text_is_in_the_request(
    neovim: Neovim, vendors: VendorServer
) -> None:
    change_the_first_line(neovim)
    neovim.command("new")
    neovim.ask("what is in @sample.py?")

    assert UNSAVED in asked(vendors)


def test_a_tool_reads_the_unsaved_text(neovim: Neovim, vendors: VendorServer) -> None:
    change_the_first_line(neovim)
    call = Call(name="read_file", arguments=['{"path": "sample.py"}'])
    vendors.will(Reply(tool_calls=[call]), Reply(text=["I see."]))
    neovim.ask("Read the sample")

    assert UNSAVED in asked(vendors)


def test_text_that_was_never_saved_is_in_the_request(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("enew")
    neovim.type("ionly in this buffer<Esc>")
    neovim.ask("what is this?", range_="%")

    assert "only in this buffer" in asked(vendors)


def test_a_later_change_of_untitled_text_is_in_the_next_request(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("enew")
    neovim.type("ifirst<Esc>")
    neovim.ask("one", range_="%")
    neovim.type("ccsecond<Esc>")
    neovim.ask("two", range_="%")

    assert "second" in asked(vendors)
