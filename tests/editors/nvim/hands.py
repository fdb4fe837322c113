"""What a scripted model does to the files of a real Neovim's user."""

import json
from typing import Any

from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Call, Reply, VendorServer

CHAT = "abstractllm://chat"


def call(name: str, **arguments: Any) -> Call:
    """Return a tool call; its arguments come in two pieces."""
    text = json.dumps(arguments)
    return Call(name=name, arguments=[text[:5], text[5:]])


def edit(path: str, *pairs: tuple[str, str]) -> Call:
    """Return the call that replaces pieces of a file."""
    edits = [{"old": old, "new": new} for old, new in pairs]
    return call("edit_file", path=path, edits=edits)


def will(vendors: VendorServer, *calls: Call) -> None:
    """Have the model make calls, one after the other's result, and then say so."""
    replies = [
        Reply(tool_calls=[Call(name=c.name, arguments=c.arguments, id=f"call_{at}")])
        for at, c in enumerate(calls)
    ]
    vendors.will(*replies, Reply(text=["All ", "done."]))


def begin(neovim: Neovim, prompt: str = "Do it") -> None:
    """Ask, and wait until the user is asked in turn."""
    neovim.command(f"AbstractLLM ask {prompt}")
    wait_for_question(neovim)


def wait_for_question(neovim: Neovim) -> None:
    """Wait until a question stands in the panel."""
    wait_until(lambda: waits(neovim), "a question")


def waits(neovim: Neovim) -> bool:
    """Return whether the panel shows a question with its keys."""
    return any(line.startswith("→ ga allow") for line in neovim.lines())


def closed_folds(neovim: Neovim) -> list[str]:
    """Return the lines of the panel that stand for closed folds."""
    lines: list[str] = neovim.lua(f"""
        return vim.api.nvim_win_call(vim.fn.bufwinid("{CHAT}"), function()
          local lines = {{}}
          for row = 1, vim.fn.line("$") do
            if vim.fn.foldclosed(row) == row then
              table.insert(lines, vim.fn.getline(row))
            end
          end
          return lines
        end)
    """)
    return lines


def go_to(neovim: Neovim, text: str) -> None:
    """Go to the line of the panel that begins so."""
    lines = neovim.lines()
    row = next(at for at, line in enumerate(lines, 1) if line.strip().startswith(text))
    window = neovim.window(CHAT)
    neovim.nvim.current.window = window
    window.cursor = (row, 0)


def finish(neovim: Neovim) -> list[str]:
    """Wait for the end of the turn, and return the panel's lines."""
    wait_until(neovim.is_idle, "the end of the turn")
    return neovim.lines()


def settle(neovim: Neovim) -> None:
    """Reject whatever waits, and wait for the end of the turn."""
    neovim.lua("""
        local approval = require("abstractllm.approval")
        for _, question in ipairs(approval.waiting()) do
          approval.reject(question, "")
        end
    """)
    finish(neovim)


def result(vendors: VendorServer, at: int = -1) -> str:
    """Return the result of a call that the model was told, the last one's."""
    messages = vendors.requests[-1].body["messages"]
    results = [m["content"] for m in messages if m["role"] == "tool"]
    return str(results[at])
