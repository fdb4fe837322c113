"""The real VS Code: code-server with the built extension in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

REPOSITORY = Path(__file__).parents[3]
BUILD = REPOSITORY / "build"
NODE = BUILD / "vscode" / "node" / "node"
CODE_SERVER = BUILD / "vscode" / "code-server" / "node_modules" / "code-server"
EXTENSION = BUILD / "abstractllm.vsix"

SERVER = Path(sys.executable).with_name("abstractllm-ls")

START_SECONDS = 60

_SETTINGS: dict[str, Any] = {
    "abstractllm.trace.server": "verbose",
    "chat.disableAIFeatures": True,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "remote.autoForwardPorts": False,
    "security.workspace.trust.startupPrompt": "always",
    "telemetry.telemetryLevel": "off",
    "window.commandCenter": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}


class CodeServer:
    """A VS Code that serves its windows to a browser, at `url`."""

    def __init__(self, home: Path, env: Mapping[str, str]) -> None:
        """Use `home` for settings and extensions; give `env` to all it starts."""
        self._home = home
        self._env = dict(env)

    def start(self) -> CodeServer:
        """Install the extension and begin to serve."""
        self._write_settings("User", _SETTINGS)
        self.set_server(SERVER)
        subprocess.run(
            self._command("--install-extension", str(EXTENSION)),
            env=self._env,
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
        )
        self._process = subprocess.Popen(
            self._command("--bind-addr", "127.0.0.1:0", "--auth", "none"),
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = _address(self._process.stdout)
        # Read on, or it would stop to speak and then to work.
        self._reader = threading.Thread(target=self._process.stdout.read, daemon=True)
        self._reader.start()
        return self

    def set_server(self, path: Path) -> None:
        """Set where the extension finds the language server."""
        self._write_settings("Machine", {"abstractllm.serverPath": str(path)})

    def logs(self) -> bytes:
        """Return all that VS Code, its extensions and their output channels logged."""
        files = (self._home / "user" / "logs").rglob("*.log")
        return b"".join(path.read_bytes() for path in files)

    def stop(self) -> None:
        """End it, and all it started."""
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _write_settings(self, scope: str, settings: dict[str, Any]) -> None:
        folder = self._home / "user" / scope
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")

    def _command(self, *arguments: str) -> list[str]:
        return [
            str(NODE),
            str(CODE_SERVER),
            "--user-data-dir",
            str(self._home / "user"),
            "--extensions-dir",
            str(self._home / "extensions"),
            "--config",
            str(self._home / "config.yaml"),
            "--reconnection-grace-time",  # seconds: a closed window does not come back
            "1",
            "--disable-telemetry",
            "--disable-update-check",
            "--disable-getting-started-override",
            *arguments,
        ]


def _address(output: IO[str]) -> str:
    for line in output:
        if found := re.search(r"listening on (http://127\.0\.0\.1:\d+)", line):
            return found[1]
    raise RuntimeError("code-server has ended without listening")
