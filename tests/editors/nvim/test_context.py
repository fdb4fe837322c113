"""What goes along with a prompt beside lines: problems, changes, folders, pictures."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from tests.editors.nvim.neovim import Neovim
from tests.vendors import VendorServer

PROMPT = "abstractllm://prompt"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

pytestmark = pytest.mark.usefixtures("fresh_project")


def send(neovim: Neovim) -> list[str]:
    """Send a prompt from the panel; return its lines."""
    neovim.type("iWhat is it?<C-s><Esc>")
    return neovim.shows("What is it?", "# gpt")


def asked(vendors: VendorServer) -> str:
    return json.dumps(vendors.requests[-1].body["messages"])


def bar(neovim: Neovim) -> str:
    return str(neovim.window(PROMPT).options["winbar"])


def test_the_problems_that_the_editor_shows(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    neovim.lua("""
        local namespace = vim.api.nvim_create_namespace("a linter")
        vim.diagnostic.set(namespace, 0, {
          { lnum = 1, col = 4, message = "This is no good.", severity = 1 },
        })
    """)
    neovim.command("AbstractLLM context diagnostics")
    lines = send(neovim)

    assert "↳ diagnostics" in lines
    assert "This is no good." in asked(vendors)


def test_what_differs_from_the_last_commit(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(workspace)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    neovim.command("edit sample.py")
    neovim.type("Gounsaved = True<Esc>")
    neovim.command("AbstractLLM context changes")
    lines = send(neovim)

    assert "↳ changes" in lines
    assert "+unsaved = True" in asked(vendors)


def test_several_things_go_along(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "shapes").mkdir()
    (workspace / "shapes/circle.py").write_text("pi = 3\n")
    (workspace / "dot.png").write_bytes(PICTURE)
    neovim.command("edit sample.py")
    neovim.command("1,2AbstractLLM context")
    neovim.command("AbstractLLM context folder shapes")
    neovim.command("AbstractLLM context image dot.png")
    assert "↳ sample.py:1-2, shapes, dot.png%" in bar(neovim)

    lines = send(neovim)
    assert lines[1] == "↳ sample.py:1-2"
    assert "↳ image/png" in lines
    assert "circle.py" in asked(vendors)
    assert base64.b64encode(PICTURE).decode() in asked(vendors)
    assert "Prompt" in bar(neovim)


def test_none_takes_it_away(neovim: Neovim) -> None:
    neovim.command("AbstractLLM context open")
    assert "open" in bar(neovim)
    neovim.command("AbstractLLM context none")
    assert "Prompt" in bar(neovim)


def test_what_cannot_go_along_is_told(neovim: Neovim) -> None:
    for words in ("", " weather", " image", " changes here"):
        neovim.command(f"AbstractLLM context{words}")

    assert neovim.notices == [
        "What goes along? <Tab> lists what can.",
        "`weather` cannot go along; <Tab> lists what can.",
        "Which one? Write `:AbstractLLM context image {path}`.",
        "`changes` takes no path.",
    ]


def test_kinds_and_paths_complete(neovim: Neovim, workspace: Path) -> None:
    (workspace / "shapes").mkdir()

    def completions(line: str) -> list[str]:
        found: list[str] = neovim.nvim.call("getcompletion", line, "cmdline")
        return found

    assert completions("AbstractLLM context ") == [
        "changes",
        "diagnostics",
        "file",
        "folder",
        "image",
        "none",
        "open",
    ]
    assert completions("AbstractLLM context folder sh") == ["shapes/"]
    assert completions("AbstractLLM context image sam") == ["sample.py"]
