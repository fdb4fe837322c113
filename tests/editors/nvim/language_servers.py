"""Language servers inside a test's Neovim, which say what the test has written."""

from pathlib import Path
from typing import Any

from tests.editors.nvim.neovim import Neovim, wait_until

SCRIPTED = Path(__file__).with_name("language_server.lua")

THEIRS = "utf-32"
"""The encoding of the scripted servers; Neovim and ours agree on another one."""


def serve(neovim: Neovim, name: str, **script: Any) -> None:
    """Start a language server for the current buffer, and wait until it is there."""
    neovim.lua(
        "Scripted = Scripted or dofile(({...})[1]); Scripted.serve(({...})[2])",
        str(SCRIPTED),
        {"name": name, "encoding": THEIRS, **script},
    )
    attached = "return #vim.lsp.get_clients({ name = ..., bufnr = 0 })"
    wait_until(lambda: neovim.lua(attached, name), "the language server")


def stop(neovim: Neovim) -> None:
    """Stop all of them, and wait for their end."""
    neovim.lua("""
        for _, client in ipairs(vim.lsp.get_clients()) do
          if client.name ~= "abstractllm" then
            vim.lsp.stop_client(client.id, true)
          end
        end
        vim.diagnostic.reset()
    """)
    others = "return #vim.lsp.get_clients() == 1"
    wait_until(lambda: neovim.lua(others), "the end of the scripted servers")


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
