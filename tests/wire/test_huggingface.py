"""Hugging Face: what runs on this machine, and what the hub's router is asked for."""

import threading
from pathlib import Path

import pytest

from abstractllm.enums import MessageRole
from abstractllm.errors import LocalModelError, MissingKey, ProviderUnavailable
from abstractllm.events import ModelLoading, Notice, TextDelta
from abstractllm.interface import ModelInfo
from abstractllm.messages import Image, Message, Text
from abstractllm.providers import huggingface
from abstractllm.providers.local_model import BUNDLED_MODEL, Endpoint
from abstractllm.providers.pool import ProviderPool
from abstractllm.providers.registry import create_llm
from tests.vendors import Failure, Held, Reply, VendorServer
from tests.wire.asking import ask, request
from tests.wire.histories import PNG

HERE = Path("/models/here.gguf")


class FakeLocalModel:
    """A local model whose process is the vendors' server."""

    made: list["FakeLocalModel"]
    vendors: VendorServer

    def __init__(self, path: Path, context_length: int | None = None) -> None:
        self.path, self.context_length = path, context_length
        self.starts = self.stops = 0
        self.made.append(self)

    @property
    def is_running(self) -> bool:
        return self.starts > self.stops

    async def start(self) -> Endpoint:
        self.starts += 1
        return Endpoint(base_url=f"{self.vendors.url}/v1", api_key="of-the-child")

    def stop(self) -> None:
        self.stops += 1


@pytest.fixture
def local(
    vendors: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> list[FakeLocalModel]:
    """Put one model on this machine; return those that were made to run."""
    made: list[FakeLocalModel] = []
    monkeypatch.setattr(FakeLocalModel, "made", made, raising=False)
    monkeypatch.setattr(FakeLocalModel, "vendors", vendors, raising=False)
    monkeypatch.setattr(huggingface, "LocalModel", FakeLocalModel)
    names = {BUNDLED_MODEL: HERE, str(HERE): HERE}
    monkeypatch.setattr(huggingface, "find_model", names.get)
    infos = [ModelInfo(id=BUNDLED_MODEL)]
    monkeypatch.setattr(huggingface, "local_models", infos.copy)
    return made


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface, "find_model", lambda name: None)
    monkeypatch.setattr(huggingface, "local_models", list)


async def test_the_bundled_model_answers_without_a_key(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    llm = create_llm("huggingface")

    events = await ask(llm)

    assert TextDelta("You said: ") in events
    assert vendors.requests[-1].headers["authorization"] == "Bearer of-the-child"
    assert [model.path for model in local] == [HERE]


async def test_it_tells_first_of_all_that_a_model_must_be_loaded(
    local: list[FakeLocalModel],
) -> None:
    llm = create_llm("huggingface", model=str(HERE))

    first, second = await ask(llm), await ask(llm)

    assert first == [ModelLoading(HERE.name), *second]


async def test_one_process_serves_all_turns_and_ends_with_the_provider(
    local: list[FakeLocalModel],
) -> None:
    llm = create_llm("huggingface", model=str(HERE))

    await ask(llm)
    await ask(llm)
    await llm.aclose()

    assert [(model.starts, model.stops) for model in local] == [(2, 1)]


async def test_the_context_length_is_the_processs_not_the_requests(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    llm = create_llm("huggingface", context_length=2048)

    await ask(llm)

    assert [model.context_length for model in local] == [2048]
    assert "context_length" not in str(vendors.requests[-1].body)


async def test_a_base_url_is_asked_even_for_a_model_that_is_here(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    await ask(create_llm("huggingface", **vendors.config("huggingface")))

    assert local == []


async def test_a_model_of_the_hub_goes_to_the_router_with_the_token(
    local: list[FakeLocalModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    llm = huggingface.HuggingFaceProvider({"model": "org/model"})

    connection = await llm._connect(request(llm).config)

    assert connection.base_url == "https://router.huggingface.co/v1"
    assert connection.api_key == "hf_token"


@pytest.mark.usefixtures("nothing_here")
async def test_both_ways_are_told_where_neither_is_open() -> None:
    with pytest.raises(MissingKey) as missing:
        await ask(create_llm("huggingface", model="org/model"))
    with pytest.raises(LocalModelError) as bundled:
        await ask(create_llm("huggingface"))
    with pytest.raises(LocalModelError) as path:
        await ask(create_llm("huggingface", model="/no/such.gguf", api_key="hf_x"))

    for caught in (missing, bundled, path):
        assert "HF_TOKEN" in str(caught.value)
        assert ".gguf" in str(caught.value)


async def test_models_are_those_here_and_those_of_the_router(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    here = ModelInfo(id=BUNDLED_MODEL)
    there = ModelInfo(id="model-1", context_window=32768)

    assert await create_llm("huggingface").models() == [here]
    with_router = create_llm("huggingface", **vendors.config("huggingface"))
    assert await with_router.models() == [here, there]
    assert local == []


@pytest.mark.usefixtures("nothing_here")
async def test_without_models_here_the_routers_failure_is_told() -> None:
    with pytest.raises(MissingKey):
        await create_llm("huggingface").models()


async def test_a_refusal_of_the_local_server_is_a_refusal(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    vendors.will(Failure(status=503))

    with pytest.raises(ProviderUnavailable) as caught:
        await ask(create_llm("huggingface", max_retries=0))

    assert str(caught.value).startswith("The local model (127.0.0.1:")


async def test_the_bundled_model_cannot_see_and_is_sent_no_picture(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    picture = Message(role=MessageRole.USER, parts=(Image(data=PNG), Text("What?")))

    events = await ask(create_llm("huggingface"), picture)

    assert vendors.requests[-1].body["messages"][-1] == {
        "role": "user",
        "content": "(an image was left out here)\n\nWhat?",
    }
    assert events[1] == Notice(f"An image was left out: {BUNDLED_MODEL} cannot see.")


async def test_new_settings_do_not_end_the_model_of_a_reply_under_way(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, reply=Reply(text=["One ", "two"])))
    pool = ProviderPool()
    llm = pool.get("huggingface")
    events = llm.stream(request(llm))
    assert await anext(events) == ModelLoading(BUNDLED_MODEL)
    assert await anext(events) == TextDelta("One ")

    await pool.configure({"huggingface": {"temperature": 0.5}})
    stops_meanwhile = local[0].stops
    gate.set()
    rest = [event async for event in events]

    assert stops_meanwhile == 0
    assert rest[0] == TextDelta("two")
    assert local[0].stops == 1
    assert pool.get("huggingface") is not llm


async def test_new_settings_end_a_model_that_nobody_uses(
    vendors: VendorServer, local: list[FakeLocalModel]
) -> None:
    pool = ProviderPool()
    await ask(pool.get("huggingface"))

    await pool.configure({"huggingface": {"temperature": 0.5}})

    assert local[0].stops == 1
