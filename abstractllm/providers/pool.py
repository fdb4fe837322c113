"""Providers that are made once and shared by many sessions."""

from collections.abc import Mapping
from typing import Any

from abstractllm.interface import AbstractLLMInterface
from abstractllm.providers.registry import PROVIDERS, create_llm


class ProviderPool:
    """One instance of each provider, made on first use with its own configuration."""

    def __init__(self, configs: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._configs = dict(configs or {})
        self._providers: dict[str, AbstractLLMInterface] = {}

    def get(self, name: str) -> AbstractLLMInterface:
        """Return the provider of this name; raises `UnknownProvider`."""
        provider = self._providers.get(name)
        if provider is None:
            made = create_llm(name, **self._configs.get(name, {}))
            provider = self._providers.setdefault(name, made)
        return provider

    def first_ready(self) -> AbstractLLMInterface | None:
        """Return the first provider that can be asked as things are, or `None`."""
        providers = map(self.get, PROVIDERS)
        return next((p for p in providers if p.obstacle() is None), None)

    async def configure(self, configs: Mapping[str, Mapping[str, Any]]) -> None:
        """Take new configurations, and make the providers they concern anew.

        Turns under way go on with the provider they have.
        """
        before, self._configs = self._configs, dict(configs)
        old = [n for n in list(self._providers) if configs.get(n) != before.get(n)]
        # All at once: while one is retired, none of the others may be used any more.
        for provider in [self._providers.pop(name) for name in old]:
            await provider.retire()

    async def aclose(self) -> None:
        """End what the providers keep running. They can be used again afterwards."""
        for provider in list(self._providers.values()):
            await provider.aclose()
