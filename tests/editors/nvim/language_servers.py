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
