"""Connections: when they close, whom they serve, and which key they carry."""

import asyncio
import gc
import subprocess
import sys
import threading
from contextlib import aclosing

import pytest

from abstractllm.events import ProviderEvent, TextDelta
from abstractllm.interface import AbstractLLMInterface
from abstractllm.providers.registry import create_llm
from tests.vendors import Held, Stall, VendorServer
from tests.vendors.server import KEY
from tests.wire.asking import PROVIDERS, ask, request

EVERY = pytest.mark.parametrize("provider", PROVIDERS)


@EVERY
async def test_closing_the_stream_closes_the_connection_at_once(
    vendors: VendorServer, provider: str
) -> None:
    vendors.will(Held(gate=threading.Event()))
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    async with aclosing(llm.stream(request(llm))) as events:
        await _first_text(events)

    assert vendors.wait_for_disconnect(timeout=1)


@EVERY
@pytest.mark.parametrize("after", [0, 1])
async def test_cancelling_the_reader_closes_the_connection_at_once(
    vendors: VendorServer, provider: str, after: int
) -> None:
    vendors.will(Stall(after=after))
    llm = create_llm(provider, **vendors.config(provider, model="m"))
    reading = asyncio.create_task(ask(llm))
    assert await asyncio.to_thread(vendors.wait_for_request)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert vendors.wait_for_disconnect(timeout=1)


@EVERY
def test_a_provider_outlives_the_event_loop_but_its_sockets_do_not(
    vendors: VendorServer, provider: str
) -> None:
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    first = asyncio.run(_ask_twice_at_once(llm))
    second = asyncio.run(_ask_twice_at_once(llm))

    assert first == second
    assert vendors.connections == 4
    gc.collect()  # a socket left open would warn now, and warnings are errors


@EVERY
async def test_providers_with_the_same_settings_share_a_connection(
    vendors: VendorServer, provider: str
) -> None:
    config = vendors.config(provider, model="m")

    await ask(create_llm(provider, **config))
    await ask(create_llm(provider, **config))
    assert vendors.connections == 1

    await ask(create_llm(provider, **{**config, "api_key": "another"}))
    assert vendors.connections == 2


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("ollama", "OLLAMA_API_KEY"),
        ("huggingface", "HF_TOKEN"),
    ],
)
async def test_the_callers_key_beats_the_environments(
    vendors: VendorServer,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, "key-of-the-environment\n")
    config = vendors.config(provider, model="m")

    await ask(create_llm(provider, **config))
    await ask(create_llm(provider, **{**config, "api_key": None}))

    assert [received.headers["authorization"] for received in vendors.requests] == [
        f"Bearer {KEY}",
        "Bearer key-of-the-environment",
    ]


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_BASE_URL"),
        ("anthropic", "ANTHROPIC_BASE_URL"),
        ("ollama", "OLLAMA_HOST"),
    ],
)
async def test_the_environment_may_name_the_server(
    vendors: VendorServer,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, vendors.config(provider)["base_url"])

    assert TextDelta("You said: ") in await ask(create_llm(provider, model="m"))


@EVERY
async def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    vendors: VendorServer, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    llm = create_llm(provider, **vendors.config(provider, model="m"))

    assert TextDelta("You said: ") in await ask(llm)


def test_no_sdk_is_loaded_before_it_is_needed() -> None:
    program = """
import sys
from abstractllm.providers.registry import PROVIDERS, create_llm
for name in PROVIDERS:
    create_llm(name)
heavy = {"openai", "anthropic", "ollama", "httpx", "httpx2", "pydantic"}
assert not heavy & {*sys.modules}, heavy & {*sys.modules}
"""
    subprocess.run([sys.executable, "-c", program], check=True)


async def _first_text(events: object) -> None:
    async for event in events:  # type: ignore[attr-defined]
        if isinstance(event, TextDelta):
            return


async def _ask_twice_at_once(
    llm: AbstractLLMInterface,
) -> tuple[list[ProviderEvent], ...]:
    return await asyncio.gather(ask(llm), ask(llm))
