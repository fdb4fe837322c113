"""What a real Neovim itself tells the server: problems, and what is open."""

from pathlib import Path

from tests.editors.nvim.language_servers import THEIRS, ours, query, serve, word
from tests.editors.nvim.neovim import Neovim


def test_diagnostics_are_those_of_the_text_of_now(neovim: Neovim, file: str) -> None:
    late = {"range": word(THEIRS), "severity": 1, "message": "late", "source": "one"}
    serve(
        neovim,
        "one",
        on={"textDocument/didChange": {"uri": file, "diagnostics": [late]}},
    )
    neovim.type("onew<Esc>")

    assert query(neovim, "diagnostics", uri=file) == [
        {**late, "range": word(ours(neovim))}
    ]


def test_open_files_with_the_one_that_is_worked_in_and_what_is_selected(
    neovim: Neovim, file: str
) -> None:
    neovim.command("edit sample.py | edit words.py")
    neovim.type("gg0fwve")
    sample = Path(neovim.lua("return vim.fn.getcwd()")) / "sample.py"

    told = query(neovim, "openFiles")["documents"]
    neovim.type("<Esc>")
    neovim.command("AbstractLLM chat")
    later = query(neovim, "openFiles")["documents"]
    active = [each["uri"] for each in later if each["active"]]

    assert active == [file]
    by_uri = {each["uri"]: each for each in told}
    assert by_uri[sample.as_uri()] == {
        "uri": sample.as_uri(),
        "active": False,
        "visible": False,
    }
    assert by_uri[file]["active"] and by_uri[file]["visible"]
    assert by_uri[file]["selection"] == word(ours(neovim))
