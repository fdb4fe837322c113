"""A real Neovim for tests: started headless, driven through its socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pynvim

from tests.editors.listening import listens

ROOT = Path(__file__).parents[3]
VERSIONS = ["0.10.4", "0.12.4"]

SECONDS = 30
"""How long a test waits for something that should come."""

_POLL_SECONDS = 0.02

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str) -> T:
    """Return the first true value of `condition`; fail if it takes too long."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(_POLL_SECONDS)
    return value


class Neovim:
    """One Neovim in a workspace, with the plug-in of this repository."""

    def __init__(
        self,
        version: str,
        workspace: Path,
        env: Mapping[str, str],
        *files: str,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        program = ROOT / "build/nvim" / version / "bin/nvim"
        assert program.exists(), "`make neovims` gets the Neovims for tests"
        self._folder = tempfile.TemporaryDirectory(prefix="nvim")
        socket = Path(self._folder.name) / "socket"
        arguments = ["--headless", "--clean", "--listen", str(socket)]
        init = Path(__file__).with_name("init.lua")
        self.process = subprocess.Popen(
            [program, *arguments, "-u", str(init), *files],
            cwd=workspace,
            env={
                **env,
                "XDG_STATE_HOME": self._folder.name,
                "XDG_CACHE_HOME": self._folder.name,
                "ABSTRACTLLM_PLUGIN": str(ROOT / "editors/nvim"),
                "ABSTRACTLLM_PYTHON": sys.executable,
                "ABSTRACTLLM_SETTINGS": json.dumps(settings or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: listens(socket), "Neovim's socket")
        self.nvim = pynvim.attach("socket", path=str(socket))

    def __enter__(self) -> Neovim:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with suppress(OSError, EOFError):  # it ends without an answer
                self.nvim.command("qall!")
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.nvim.close()
            self._folder.cleanup()

    def command(self, text: str) -> None:
        """Run an Ex command."""
        self.nvim.command(text)

    def type(self, keys: str) -> None:
        """Type keys, in Neovim's notation."""
        self.nvim.input(keys)

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua and return its value."""
        return self.nvim.exec_lua(code, *arguments)

    def reset(self) -> None:
        """Begin anew: one empty window, no session, no panel."""
        self.lua("""
            require("abstractllm.panel").close()
            vim.cmd("stopinsert | silent! tabonly! | silent! only! | enew!")
            for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
              local is_current = buffer == vim.api.nvim_get_current_buf()
              if vim.bo[buffer].buftype ~= "nofile" and not is_current then
                vim.api.nvim_buf_delete(buffer, { force = true })
              end
            end
            local session = require("abstractllm.session")
            session.state.choice = {}
            session.new()
            local prompt = require("abstractllm.prompt").buffer()
            vim.api.nvim_buf_set_lines(prompt, 0, -1, false, {})
            User.notices, User.asked, User.choices, User.words = {}, {}, {}, {}
        """)

    def lines(self, name: str = "abstractllm://chat") -> list[str]:
        """Return the lines of a buffer; those of the panel."""
        found: list[str] = self.lua(
            """
            local name, lines = ..., {}
            for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
              if vim.endswith(vim.api.nvim_buf_get_name(buffer), name) then
                vim.list_extend(lines, vim.api.nvim_buf_get_lines(buffer, 0, -1, true))
              end
            end
            return lines
            """,
            name,
        )
        return found

    def shows(self, *texts: str) -> list[str]:
        """Wait until the panel shows all texts; return its lines."""

        def found() -> bool:
            return all(text in "\n".join(self.lines()) for text in texts)

        try:
            wait_until(found, f"{texts} in the panel")
        except AssertionError as error:
            raise AssertionError(
                f"{error}; it shows {self.lines()}, notices: {self.notices}"
            ) from None
        return self.lines()

    def is_idle(self) -> bool:
        """Return whether no turn runs, nor is about to."""
        return bool(
            self.lua("""
                local state = require("abstractllm.session").state
                return not (state.turn or state.loading)
            """)
        )

    def ask(self, prompt: str, range_: str = "") -> list[str]:
        """Ask by the command, wait for the end, and return the panel's lines."""
        before = self.headings()
        self.command(f"{range_}AbstractLLM ask {prompt}")
        wait_until(lambda: self.headings() > before, "the prompt in the panel")
        wait_until(self.is_idle, "the end of the turn")
        return self.lines()

    def headings(self) -> int:
        """Return how many times somebody begins to speak."""
        return sum(line.startswith("# ") for line in self.lines())

    def choose(self, *items: str) -> None:
        """Choose the items with these texts when asked next, one for each question."""
        self.lua("User.choices = ...", list(items))

    def say(self, *words: str) -> None:
        """Give these answers when asked for words next; without any, give up."""
        self.lua("User.words = ...", list(words))

    @property
    def notices(self) -> list[str]:
        """What was told by `vim.notify`."""
        notices: list[str] = self.lua("return User.notices")
        return notices

    def told(self, text: str) -> str:
        """Wait for a notification with this text, and return it."""

        def found() -> str | None:
            return next((notice for notice in self.notices if text in notice), None)

        notice = wait_until(found, f"{text!r} among the notifications")
        assert notice is not None
        return notice

    def asked(self) -> list[str]:
        """Wait until the user was asked to choose; return the last items."""
        wait_until(lambda: self.lua("return #User.asked"), "a question")
        items: list[str] = self.lua("return User.asked[#User.asked].items")
        return items

    def window(self, name: str) -> Any:
        """Return the window that shows a buffer, `None` if there is none."""
        for window in self.nvim.current.tabpage.windows:
            if window.buffer.name.endswith(name):
                return window
        return None

    def kill_server(self) -> None:
        """Kill the server without a warning, and wait until Neovim knows."""
        (server,) = self.servers()
        os.kill(server, signal.SIGKILL)
        running = 'return require("abstractllm.client").running() ~= nil'
        wait_until(lambda: not self.lua(running), "the server's end")

    def servers(self) -> list[int]:
        """Return the ids of this Neovim's server processes (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return [child for child in children if _is_server(child)]


def _is_server(process_id: int) -> bool:
    try:
        command = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return False
    return b"abstractllm_server" in command
