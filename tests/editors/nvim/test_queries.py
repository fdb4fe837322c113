"""What the server asks of a real Neovim's language servers: scripted ones."""

from pathlib import Path

from tests.editors.nvim.language_servers import (
    TEXT,
    THEIRS,
    answered,
    asked,
    begin,
    ours,
    place,
    query,
    serve,
    word,
)
from tests.editors.nvim.neovim import Neovim


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


def test_an_unknown_query_is_refused(neovim: Neovim, file: str) -> None:
    assert query(neovim, "colour") == 'This Neovim knows no query "colour".'
