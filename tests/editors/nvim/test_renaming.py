"""A change of several files at once: a rename by the editor's language server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.nvim.hands import begin, call, finish, settle, will
from tests.editors.nvim.language_servers import serve, stop
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

ONE = "alpha = 1\n"
TWO = "from one import alpha\n\nprint(alpha)\n"


def place(line: int, first: int) -> dict[str, dict[str, int]]:
    """Return the range of `alpha`."""
    return {
        "start": {"line": line, "character": first},
        "end": {"line": line, "character": first + len("alpha")},
    }


@pytest.fixture(autouse=True)
def asked(
    fresh_project: None, neovim: Neovim, vendors: VendorServer, workspace: Path
) -> Iterator[None]:
    """Have a model ask whether it may rename something in two files; one is open."""
    one, two = workspace / "one.py", workspace / "two.py"
    one.write_text(ONE)
    two.write_text(TWO)
    neovim.ask("Hello!")
    neovim.command("edit one.py")
    changes = {
        one.as_uri(): [{"range": place(0, 0), "newText": "beta"}],
        two.as_uri(): [
            {"range": place(0, 16), "newText": "beta"},
            {"range": place(2, 6), "newText": "beta"},
        ],
    }
    serve(
        neovim,
        "renaming",
        capabilities={"renameProvider": True},
        answers={"textDocument/rename": {"changes": changes}},
    )
    arguments = {"path": "one.py", "line": 1, "symbol": "alpha", "new_name": "beta"}
    will(vendors, call("rename_symbol", **arguments))
    begin(neovim, "Rename it")
    yield
    settle(neovim)
    stop(neovim)


def is_in(neovim: Neovim, name: str) -> None:
    """Wait until the user is in this file."""
    wait_until(lambda: neovim.nvim.eval("expand('%:t')") == name, name)


def test_all_files_are_named_in_the_question(neovim: Neovim) -> None:
    lines = neovim.lines()

    assert "? Rename alpha to beta  +3 -3  may it?" in lines
    assert {"+++ b/one.py", "+++ b/two.py", "+print(beta)"} <= set(lines)


def test_keys_go_on_in_the_next_file_and_back(neovim: Neovim) -> None:
    neovim.type("]h")
    is_in(neovim, "two.py")
    neovim.type("[h")
    is_in(neovim, "one.py")


def test_one_file_of_two_is_changed(neovim: Neovim, workspace: Path) -> None:
    neovim.type("gg]hga")
    wait_until(lambda: "✓ allowed" in hint(neovim), "what is said beside the hunk")
    assert (workspace / "two.py").read_text() == TWO

    neovim.type("[hgr")
    finish(neovim)
    assert (workspace / "one.py").read_text() == ONE
    assert (workspace / "two.py").read_text() == TWO.replace("alpha", "beta")


def test_both_files_are_changed_and_taken_back_by_one_key(
    neovim: Neovim, workspace: Path
) -> None:
    neovim.type("gA")
    finish(neovim)
    assert (workspace / "one.py").read_text() == ONE.replace("alpha", "beta")
    assert (workspace / "two.py").read_text() == TWO.replace("alpha", "beta")

    neovim.command("AbstractLLM takeback")
    assert neovim.told("Taken back: 2 files.")
    assert (workspace / "one.py").read_text() == ONE
    assert (workspace / "two.py").read_text() == TWO


def hint(neovim: Neovim) -> str:
    """Return what is said beside the first hunk of the current buffer."""
    said: str = neovim.lua("""
        local namespace = vim.api.nvim_create_namespace("abstractllm.hunks")
        local all = { details = true }
        local mark = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, all)[1]
        return mark and mark[4].virt_text[1][1] or ""
    """)
    return said
