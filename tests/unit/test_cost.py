"""What a reply cost, and how full the context is, from the price list to the sums."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from abstractllm.events import (
    ProviderEvent,
    ReplyEnded,
    StopReason,
    TextDelta,
    TurnEnded,
)
from abstractllm.interface import Config, Request
from abstractllm.messages import ContextUse, Cost, Usage, total_cost
from abstractllm.pricing import PricedModel
from abstractllm.providers.registry import create_llm
from abstractllm.session.manager import SessionManager
from tests.scripted import ScriptedProvider, says

OPENAI = "https://api.openai.com/v1"


class Sold(ScriptedProvider):
    """A scripted model that OpenAI charges for, as it does for gpt-4."""

    default_model = "gpt-4"

    def charged_at(self, config: Config) -> str | None:
        return OPENAI


class Uncounted(ScriptedProvider):
    """A model whose server does not count tokens."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        yield TextDelta("x" * 396)
        yield ReplyEnded(StopReason.END_TURN)


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[SessionManager, None]:
    manager = SessionManager(tmp_path)
    yield manager
    await manager.close_async()


async def test_a_known_model_has_a_price_and_a_window() -> None:
    model = PricedModel("gpt-4", OPENAI)

    # 30 and 60 dollars for a million, from 2023 to the end of that model.
    cost = await model.cost(Usage(input_tokens=1000, output_tokens=100))

    assert cost == Cost(36_000_000)
    assert await model.window() == 8192


@pytest.mark.parametrize(
    "model",
    [
        PricedModel("gpt-4", None),
        PricedModel("gpt-4", "http://127.0.0.1:4000/v1"),
        PricedModel("no such model", OPENAI),
    ],
)
async def test_what_is_not_known_stays_unknown(model: PricedModel) -> None:
    assert await model.cost(Usage(input_tokens=1)) is None
    assert await model.window() is None


async def test_more_cached_tokens_than_tokens_are_no_failure() -> None:
    odd = Usage(input_tokens=1, cached_tokens=5)

    assert await PricedModel("gpt-4o", OPENAI).cost(odd) is not None


async def test_a_model_of_this_machine_costs_nothing() -> None:
    assert await PricedModel("llama", "").cost(Usage(input_tokens=9)) == Cost()


@pytest.mark.parametrize(
    ("provider", "config", "address"),
    [
        ("openai", {"api_key": "k"}, OPENAI),
        ("openai", {"base_url": "http://localhost:1/v1"}, "http://localhost:1/v1"),
        ("anthropic", {"api_key": "k"}, "https://api.anthropic.com"),
        ("ollama", {}, ""),
        ("ollama", {"model": "gpt-oss:120b-cloud"}, "http://127.0.0.1:11434"),
        ("ollama", {"base_url": "https://ollama.com"}, "https://ollama.com"),
        (
            "huggingface",
            {"base_url": "https://hub/v1", "api_key": "k"},
            "https://hub/v1",
        ),
        ("huggingface", {"model": "/no/such.gguf"}, None),
    ],
)
def test_a_provider_knows_who_charges(
    provider: str,
    config: dict[str, str],
    address: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in (
        "OPENAI_BASE_URL",
        "ANTHROPIC_BASE_URL",
        "OLLAMA_HOST",
        "HF_TOKEN",
    ):
        monkeypatch.delenv(variable, raising=False)
    asked = create_llm(provider, **config)

    assert asked.charged_at({**asked.config}) == address


def test_a_sum_says_whether_all_of_it_is_known() -> None:
    assert total_cost([]) == Cost()
    assert total_cost([None]) is None
    assert total_cost([Cost(1), Cost(2)]) == Cost(3)
    assert total_cost([Cost(1), None]) == Cost(1, is_whole=False)
    assert total_cost([Cost(1, is_whole=False), Cost(2)]) == Cost(3, is_whole=False)


async def test_a_turn_is_priced_and_added_up(manager: SessionManager) -> None:
    session = await manager.create_session_async(provider=Sold(says("b")))

    *_, ended = [event async for event in session.stream("a")]

    # 3 tokens in, 2 out.
    assert isinstance(ended, TurnEnded)
    assert ended.cost == session.get_history()[-1].cost == Cost(210_000)
    assert ended.context == ContextUse(used=5, window=8192)
    info = await manager.info_async(session.id)
    assert info is not None
    assert (info.cost, info.context) == (ended.cost, ended.context)

    await session.generate_async("c", provider=ScriptedProvider())
    info = await manager.info_async(session.id)
    assert info is not None
    assert info.cost == Cost(210_000, is_whole=False)


async def test_what_nobody_counts_is_estimated_and_told_so(
    manager: SessionManager,
) -> None:
    session = await manager.create_session_async(provider=Uncounted())

    await session.generate_async("four")

    assert session.record.context == ContextUse(used=100, estimated=True)
    info = await manager.info_async(session.id)
    assert info is not None
    assert info.cost == Cost()


async def test_the_context_follows_the_branch_that_is_shown(
    manager: SessionManager,
) -> None:
    session = await manager.create_session_async(provider=Sold(says("b")))
    await session.generate_async("a")
    await session.generate_async("c", provider=Uncounted())

    await session.rewind_async(session.get_history()[1].id)

    # Which model will answer there is not known: so neither is its window.
    assert session.record.context == ContextUse(used=5)
    await session.clear_history_async()
    assert session.record.context is None


async def test_usage_is_told_by_session_and_since_a_time(
    manager: SessionManager,
) -> None:
    sold = await manager.create_session_async(provider=Sold(), title="Sold")
    other = await manager.create_session_async(provider=ScriptedProvider(), title="O")
    await manager.create_session_async(title="Silent")
    await sold.generate_async("a")
    await other.generate_async("a")

    told = await manager.usage_async()

    usage = Usage(input_tokens=3, output_tokens=2)
    assert [(used.title, used.usage, used.cost) for used in told] == [
        ("O", usage, None),
        ("Sold", usage, Cost(210_000)),
    ]
    assert await manager.usage_async(datetime.now(UTC) + timedelta(days=1)) == []
