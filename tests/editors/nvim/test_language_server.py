"""A model, a real language server, and the user between: a function gets another name.

basedpyright runs in Neovim as the user's own. The model asks it what is wrong, has it
rename a function, breaks a caller, reads that in the answer to its edit, and mends it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.editor import environment
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Call, Reply, VendorServer

FILES = {
    "pyproject.toml": '[tool.basedpyright]\ntypeCheckingMode = "basic"\n',
    "shapes.py": '''def area(width: int, height: int) -> int:
    """Return what a rectangle covers."""
    return width * height
''',
    "main.py": "from shapes import area\n\nprint(area(2, 3))\n",
    "report.py": "import shapes\n\nTOTAL = shapes.area(1, 1) + shapes.area(2, 2)\n",
}

RENAMED = {
    **FILES,
    "shapes.py": '''def surface(width: int, height: int, factor: int) -> int:
    """Return what a rectangle covers."""
    return width * height * factor
''',
    "main.py": "from shapes import surface\n\nprint(surface(2, 3, 1))\n",
    "report.py": FILES["report.py"].replace("area", "surface"),
}

LANGUAGE_SERVER = """
    vim.lsp.start({
      name = "basedpyright",
      cmd = { ..., "--stdio" },
      root_dir = vim.fn.getcwd(),
    })
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def typed_neovim(
    version: str,
    project: Path,
    vendors: VendorServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Neovim]:
    """Return a Neovim in which basedpyright looks after all three files."""
    env = environment(tmp_path_factory.mktemp("home"), vendors)
    with Neovim(version, project, env) as neovim:
        for name in ("report.py", "main.py", "shapes.py"):
            neovim.command(f"edit {name}")
            server = Path(sys.executable).with_name("basedpyright-langserver")
            neovim.lua(LANGUAGE_SERVER, str(server))
        yield neovim


def call(name: str, /, **arguments: object) -> Reply:
    return Reply(tool_calls=[Call(name=name, arguments=[json.dumps(arguments)])])


def edit(path: str, *pieces: tuple[str, str]) -> Reply:
    edits = [{"old": old, "new": new} for old, new in pieces]
    return call("edit_file", path=path, edits=edits)


def results(vendors: VendorServer) -> list[str]:
    """Return what the model was told by its tools."""
    messages = vendors.requests[-1].body["messages"]
    return [m["content"] for m in messages if m["role"] == "tool"]


def texts(neovim: Neovim) -> dict[str, str]:
    """Return what the buffers hold."""
    return {
        Path(buffer.name).name: "\n".join([*buffer[:], ""])
        for buffer in neovim.nvim.buffers
        if buffer.name.endswith(".py")
    }


def allow(neovim: Neovim, title: str) -> None:
    neovim.shows(title)
    neovim.command("AbstractLLM approve")


def test_a_function_is_renamed_what_breaks_is_mended_and_one_key_takes_it_back(
    typed_neovim: Neovim, project: Path, vendors: VendorServer
) -> None:
    neovim = typed_neovim
    vendors.will(
        call("get_diagnostics", path="main.py"),
        call(
            "rename_symbol", path="shapes.py", line=1, symbol="area", new_name="surface"
        ),
        edit(
            "shapes.py",
            ("height: int)", "height: int, factor: int)"),
            ("width * height", "width * height * factor"),
        ),
        call("get_diagnostics", path="main.py"),
        edit("main.py", ("surface(2, 3)", "surface(2, 3, 1)")),
        Reply(text=["It is done."]),
    )
    neovim.command("AbstractLLM ask Rename area, and fix what breaks.")
    allow(neovim, "Rename area to surface")
    allow(neovim, "Edit shapes.py")
    allow(neovim, "Edit main.py")
    neovim.shows("It is done.")
    wait_until(neovim.is_idle, "the end of the turn")

    before, _, _, broken, mended = results(vendors)
    assert before == "The editor shows no problems."
    assert 'main.py:3:7: error: Argument missing for parameter "factor"' in broken
    assert mended == "Done.\nThe editor shows no problems in main.py."
    python = {name: text for name, text in RENAMED.items() if name.endswith(".py")}
    assert texts(neovim) == python

    neovim.command("AbstractLLM takeback")
    original = {name: text for name, text in FILES.items() if name.endswith(".py")}
    wait_until(lambda: texts(neovim) == original, "what was before")
    assert {name: (project / name).read_text() for name in FILES} == FILES
