"""What the server asks of a real Neovim's language servers: scripted ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.language_servers import THEIRS, serve, stop
from tests.editors.nvim.neovim import Neovim, wait_until

TEXT = "naïve = '😀' + word\nprint(naïve)\n"
WORD = {"utf-8": 18, "utf-16": 15, "utf-32": 14}
"""The column of `word`, in each encoding."""


def place(encoding: str) -> dict[str, int]:
    """Return where `word` begins."""
    return {"line": 0, "character": WORD[encoding]}


def word(encoding: str) -> dict[str, Any]:
    """Return the range of `word`."""
    end = {"line": 0, "character": WORD[encoding] + len("word")}
    return {"start": place(encoding), "end": end}


def ours(neovim: Neovim) -> str:
    """Return the encoding that Neovim and our server agreed on."""
    encoding: str = neovim.lua(
        'return require("abstractllm.client").running().offset_encoding'
    )
    assert encoding in ("utf-8", "utf-16")
    return encoding


@pytest.fixture
def file(neovim: Neovim, workspace: Path) -> str:
    """Open a file in a Neovim that has a server, and return its URI."""
    path = workspace / "words.py"
    path.write_text(TEXT)
    neovim.ask("Hello!")
    neovim.command(f"edit {path}")
    return path.as_uri()


@pytest.fixture(autouse=True)
def no_servers_left(neovim: Neovim) -> Iterator[None]:
    """Stop the scripted servers after each test."""
    yield
    stop(neovim)


def begin(neovim: Neovim, kind: str, **params: Any) -> None:
    """Ask as the server does."""
    neovim.lua(
        """
        local params = ...
        local handlers = require("abstractllm.requests").handlers
        local handler = handlers["abstractllm/editor/query"]
        local own = require("abstractllm.client").running()
        User.answer = nil
        coroutine.wrap(function()
          local result, error = handler(nil, params, { client_id = own.id })
          User.answer = { result = result, error = error }
        end)()
        """,
        {"kind": kind, **params},
    )


def answered(neovim: Neovim) -> Any:
    """Wait for the answer, and return its result, or an error's sentence."""
    answer = wait_until(lambda: neovim.lua("return User.answer"), "an answer")
    return answer["error"]["message"] if "error" in answer else answer.get("result")


def query(neovim: Neovim, kind: str, **params: Any) -> Any:
    """Ask as the server does, and wait for the answer."""
    begin(neovim, kind, **params)
    return answered(neovim)


def asked(neovim: Neovim, name: str, method: str) -> list[Any]:
    """Return with what a scripted server was asked this."""
    found: list[Any] = neovim.lua(
        """
        local name, method = ...
        return vim.tbl_map(function(asked)
          return asked.params
        end, vim.tbl_filter(function(asked)
          return asked.method == method
        end, Scripted.servers[name].asked))
        """,
        name,
        method,
    )
    return found


def test_a_definition_is_asked_and_told_in_each_servers_own_encoding(
    neovim: Neovim, file: str
) -> None:
    serve(
        neovim,
        "one",
        capabilities={"definitionProvider": True},
        answers={
            "textDocument/definition": [
                {"targetUri": file, "targetSelectionRange": word(THEIRS)}
            ]
        },
    )
    found = query(neovim, "definition", uri=file, position=place(ours(neovim)))

    assert found == [{"uri": file, "range": word(ours(neovim))}]
    (params,) = asked(neovim, "one", "textDocument/definition")
    assert params["position"] == place(THEIRS)


def test_references_of_all_servers_are_one_list(neovim: Neovim, file: str) -> None:
    location = {"uri": file, "range": word(THEIRS)}
    for name in ("one", "two"):
        serve(
            neovim,
            name,
            capabilities={"referencesProvider": True},
            answers={"textDocument/references": [location]},
        )
    found = query(neovim, "references", uri=file, position=place(ours(neovim)))

    assert found == [{"uri": file, "range": word(ours(neovim))}] * 2
    (params,) = asked(neovim, "two", "textDocument/references")
    assert params["context"] == {"includeDeclaration": True}


def test_symbols_of_a_document_and_of_the_workspace(neovim: Neovim, file: str) -> None:
    symbol = {"name": "word", "kind": 13}
    serve(
        neovim,
        "one",
        capabilities={"documentSymbolProvider": True, "workspaceSymbolProvider": True},
        answers={
            "textDocument/documentSymbol": [
                {**symbol, "range": word(THEIRS), "selectionRange": word(THEIRS)}
            ],
            "workspace/symbol": [
                {**symbol, "location": {"uri": file, "range": word(THEIRS)}}
            ],
        },
    )

    assert query(neovim, "symbols", uri=file) == [
        {**symbol, "range": word(ours(neovim)), "selectionRange": word(ours(neovim))}
    ]
    assert query(neovim, "symbols", query="wo") == [
        {**symbol, "location": {"uri": file, "range": word(ours(neovim))}}
    ]
    assert asked(neovim, "one", "workspace/symbol") == [{"query": "wo"}]


def test_a_rename_is_told_and_not_made(neovim: Neovim, file: str) -> None:
    edit = {"newText": "term"}
    serve(
        neovim,
        "one",
        capabilities={"renameProvider": True, "hoverProvider": True},
        answers={
            "textDocument/rename": {
                "changes": {file: [{**edit, "range": word(THEIRS)}]}
            },
            "textDocument/hover": {"contents": "a word", "range": word(THEIRS)},
        },
    )
    renamed = query(
        neovim, "rename", uri=file, position=place(ours(neovim)), newName="term"
    )
    hover = query(neovim, "hover", uri=file, position=place(ours(neovim)))

    assert renamed == {"changes": {file: [{**edit, "range": word(ours(neovim))}]}}
    assert hover == {"contents": "a word", "range": word(ours(neovim))}
    assert "\n".join(neovim.lines("words.py")) + "\n" == TEXT


def test_without_a_language_server_there_is_nothing_to_tell(
    neovim: Neovim, file: str
) -> None:
    assert query(neovim, "definition", uri=file, position=place(ours(neovim))) == []
    assert query(neovim, "hover", uri=file, position=place(ours(neovim))) is None
    assert query(neovim, "symbols", query="word") == []
    assert query(neovim, "symbols", uri=f"{file}.gone") == []
    assert query(neovim, "diagnostics", uri=file) is None
    assert query(neovim, "diagnostics", uri=f"{file}.gone") is None


def test_a_servers_error_is_told_in_its_words(neovim: Neovim, file: str) -> None:
    serve(
        neovim,
        "one",
        capabilities={"renameProvider": True},
        answers={"textDocument/rename": {"error": "This cannot be renamed."}},
    )
    told = query(neovim, "rename", uri=file, position=place(ours(neovim)), newName="x")

    assert told == "This cannot be renamed."


def test_a_server_that_never_answers_holds_up_neither_the_user_nor_the_others(
    neovim: Neovim, file: str
) -> None:
    location = {"uri": file, "range": word(THEIRS)}
    for name, answer in (("silent", "never"), ("quick", [location])):
        serve(
            neovim,
            name,
            capabilities={"definitionProvider": True},
            answers={"textDocument/definition": answer},
        )
    begin(neovim, "definition", uri=file, position=place(ours(neovim)))
    neovim.type("otyped meanwhile<Esc>")

    assert answered(neovim) == [{"uri": file, "range": word(ours(neovim))}]
    assert "typed meanwhile" in neovim.lines("words.py")


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


def test_a_file_that_is_not_open_is_loaded_for_its_language_server_until_the_turn_ends(
    neovim: Neovim, file: str, workspace: Path
) -> None:
    other = workspace / "other.py"
    other.write_text(TEXT)
    neovim.lua("""
        vim.api.nvim_create_autocmd("BufReadPost", {
          pattern = "other.py",
          once = true,
          callback = function(event)
            local client = vim.lsp.get_clients({ name = "one" })[1]
            vim.lsp.buf_attach_client(event.buf, client.id)
          end,
        })
    """)
    location = {"uri": other.as_uri(), "range": word(THEIRS)}
    serve(
        neovim,
        "one",
        capabilities={"definitionProvider": True},
        answers={"textDocument/definition": location},
    )
    found = query(
        neovim, "definition", uri=other.as_uri(), position=place(ours(neovim))
    )

    assert found == [{"uri": other.as_uri(), "range": word(ours(neovim))}]
    assert neovim.lua("return vim.fn.bufloaded('other.py')") == 1
    neovim.ask("Are you done?")
    assert neovim.lua("return vim.fn.bufloaded('other.py')") == 0


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


def test_an_unknown_query_is_refused(neovim: Neovim, file: str) -> None:
    assert query(neovim, "colour") == 'This Neovim knows no query "colour".'
