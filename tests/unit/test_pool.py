"""The pool of providers while their configurations change."""

import asyncio
from typing import Any

import pytest

from abstractllm.enums import ModelParameter
from abstractllm.providers import pool as pool_module
from abstractllm.providers.pool import ProviderPool


class SlowToEnd:
    """A provider that takes a moment to let go of what it keeps running."""

    def __init__(self, name: str, **config: Any) -> None:
        self.name = name
        self.config = config

    async def retire(self) -> None:
        await asyncio.sleep(0)


def keys(pool: ProviderPool) -> dict[str, Any]:
    providers = [pool.get(name) for name in ("openai", "anthropic")]
    return {one.name: one.config[ModelParameter.API_KEY] for one in providers}


def configs(key: str) -> dict[str, dict[str, str]]:
    return {name: {"api_key": key} for name in ("openai", "anthropic")}


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> ProviderPool:
    monkeypatch.setattr(pool_module, "create_llm", SlowToEnd)
    pool = ProviderPool(configs("one"))
    assert keys(pool) == {"openai": "one", "anthropic": "one"}
    return pool


async def test_the_last_of_two_changes_at_once_is_used(pool: ProviderPool) -> None:
    await asyncio.gather(
        pool.configure(configs("two")), pool.configure(configs("three"))
    )

    assert keys(pool) == {"openai": "three", "anthropic": "three"}


async def test_no_provider_is_used_that_a_change_has_made_old(
    pool: ProviderPool,
) -> None:
    change = asyncio.create_task(pool.configure(configs("two")))
    await asyncio.sleep(0)  # the first of them is being ended now

    assert keys(pool) == {"openai": "two", "anthropic": "two"}
    await change
