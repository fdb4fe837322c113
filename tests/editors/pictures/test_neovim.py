"""The pictures of Neovim in the documents, taken of a real terminal.

Needs Debian's packages xvfb, xterm, imagemagick and fonts-dejavu-core. It runs apart
from VS Code's tests: Playwright keeps the event loop that pynvim wants.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pynvim

from tests.e2e.editor import environment
from tests.editors.listening import listens
from tests.editors.nvim.neovim import ROOT, VERSIONS, wait_until
from tests.editors.story import (
    ANSWER,
    EDITING,
    PROGRAM,
    QUESTION,
    READING,
    REQUEST,
    SPEECH,
)
from tests.vendors import VendorServer

PICTURES = ROOT / "docs/pictures"
INIT = ROOT / "editors/nvim/scripts/init.lua"
SIZE = "1320x748"
GEOMETRY = "120x34+0+0"
FONT = ["-fa", "DejaVu Sans Mono", "-fs", "13"]
LOOKS = ["-b", "0", "-bw", "0", "+sb", "-bg", "#1e1e2e", "-tn", "xterm-direct"]
MOST_BYTES = 300_000


@contextmanager
def running(
    *command: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    pass_fds: tuple[int, ...] = (),
) -> Iterator[None]:
    """Run a program meanwhile."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        pass_fds=pass_fds,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def screen(folder: Path) -> Iterator[str]:
    """Open a screen that nobody sees; its name comes once programs can use it."""
    reading, writing = os.pipe()
    with ExitStack() as stack:
        told = stack.enter_context(open(reading))
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE}x24"]
        with open(writing, "wb"):
            stack.enter_context(running(*command, cwd=folder, pass_fds=(writing,)))
        yield f":{told.readline().strip()}"


@contextmanager
def terminal(
    folder: Path, display: str, vendors: VendorServer
) -> Iterator[pynvim.Nvim]:
    """Open Neovim in a terminal on a screen."""
    project = folder / "project"
    project.mkdir()
    (project / "words.py").write_text(PROGRAM)
    (project / "speech.txt").write_text(SPEECH)
    env = environment(folder, vendors)
    env |= {"DISPLAY": display, "LANG": "C.UTF-8", "PROVIDER": "openai"}
    socket = folder / "socket"
    program = ROOT / f"build/nvim/{VERSIONS[-1]}/bin/nvim"
    neovim = (program, "--clean", "-u", INIT, "--listen", socket, "words.py")
    xterm = ["xterm", "-geometry", GEOMETRY, *FONT, *LOOKS, "-e"]
    with running(*xterm, *neovim, cwd=project, env=env), ExitStack() as stack:
        wait_until(lambda: listens(socket), "Neovim")
        nvim = pynvim.attach("socket", path=str(socket))
        stack.callback(nvim.close)
        # It listens before it has read its configuration.
        wait_until(lambda: nvim.vvars["vim_did_enter"], "the plug-in")
        yield nvim
        with suppress(OSError, EOFError):  # it ends without an answer
            nvim.command("qall!")


def chat(nvim: pynvim.Nvim) -> None:
    """Ask about a selection, and wait for the answer."""
    nvim.command(f"6,8AbstractLLM ask {QUESTION}")
    idle = 'local s = require("abstractllm.session").state return s.head and not s.turn'
    wait_until(lambda: nvim.exec_lua(idle), "an answer")
    nvim.command("call cursor(6, 5)")


def be_asked(nvim: pynvim.Nvim) -> None:
    """Ask for a change, and wait until the model asks for leave."""
    nvim.command(f"AbstractLLM ask {REQUEST}")
    waiting = 'return #require("abstractllm.approval").waiting() > 0'
    wait_until(lambda: nvim.exec_lua(waiting), "a question")
    nvim.input("]h")


def take(display: str, *options: str | Path) -> bytes:
    """Take a picture of a screen; the last option says where to."""
    command = ["import", "-display", display, "-window", "root", "+dither", *options]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def wait_until_drawn(display: str) -> None:
    """Wait until the screen stays as it is: a terminal does not tell."""
    shots = [b""]

    def is_settled() -> bool:
        shots.append(take(display, "ppm:-"))
        return shots[-1] == shots[-2]

    wait_until(is_settled, "a screen that stays as it is")


def keep(display: str, name: str) -> None:
    """Keep a picture of a screen in the documents."""
    wait_until_drawn(display)
    picture = PICTURES / name
    take(display, "-colors", "64", picture)
    assert picture.stat().st_size < MOST_BYTES


def test_a_picture_of_a_chat(tmp_path: Path, vendors: VendorServer) -> None:
    vendors.will(READING, ANSWER)
    with screen(tmp_path) as display, terminal(tmp_path, display, vendors) as nvim:
        chat(nvim)
        keep(display, "neovim.png")


def test_a_picture_of_a_change_that_waits(
    tmp_path: Path, vendors: VendorServer
) -> None:
    vendors.will(EDITING)
    with screen(tmp_path) as display, terminal(tmp_path, display, vendors) as nvim:
        be_asked(nvim)
        keep(display, "neovim-approval.png")
