"""Which provider a session asks, and with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from abstractllm.enums import (
    CONNECTION_PARAMETERS,
    SECRET_PARAMETERS,
    ModelParameter,
)
from abstractllm.errors import NoProvider
from abstractllm.interface import AbstractLLMInterface, Config, parameters
from abstractllm.providers.pool import ProviderPool
from abstractllm.providers.registry import parse_provider
from abstractllm.store.contract import SessionRecord

ProviderReference: TypeAlias = str | AbstractLLMInterface
"""A provider as callers give it: an instance, `"anthropic"`, `"anthropic:claude-…"`."""


@attrs.frozen
class Selection:
    """A provider, by instance or bare name, and the parameters chosen over its own."""

    provider: ProviderReference | None
    config: Config

    @classmethod
    def of(
        cls, provider: ProviderReference | None, config: Mapping[Any, Any] | None
    ) -> Selection:
        """Return the selection a caller means; a reference's model wins.

        Raises `UnknownProvider` and `InvalidParameter`.
        """
        chosen = dict(parameters(config or {}))
        if isinstance(provider, str):
            provider, model = parse_provider(provider)
            if model is not None:
                chosen[ModelParameter.MODEL] = model
        return cls(provider, chosen)

    @classmethod
    def of_record(cls, record: SessionRecord) -> Selection:
        """Return the selection that a stored session remembers.

        Parameters that this version does not know stay behind in the record, and so do
        keys and addresses, which only another program can have written there.
        """
        config = {
            name: record.provider_config[name]
            for name in ModelParameter
            if name in record.provider_config and name not in SECRET_PARAMETERS
        }
        if record.model is not None:
            config[ModelParameter.MODEL] = record.model
        return cls(record.provider, config)

    def is_stored_in(self, record: SessionRecord) -> bool:
        """Return whether the record remembers this selection."""
        return self.stored_fields == self.of_record(record).stored_fields

    @property
    def name(self) -> str | None:
        """The provider's name."""
        if isinstance(self.provider, AbstractLLMInterface):
            return self.provider.name
        return self.provider

    @property
    def model(self) -> str | None:
        """The chosen model; `None` leaves the choice to the provider."""
        if model := self.config.get(ModelParameter.MODEL):
            return str(model)
        if isinstance(self.provider, AbstractLLMInterface):
            return self.provider.model
        return None

    @property
    def stored_fields(self) -> dict[str, Any]:
        """The fields of a `SessionRecord` that remember this selection."""
        hidden = SECRET_PARAMETERS | {ModelParameter.MODEL}
        return {
            "provider": self.name,
            "model": self.model,
            "provider_config": {
                str(key): value
                for key, value in self.config.items()
                if key not in hidden
            },
        }

    def for_call(
        self, called: Selection, pool: ProviderPool
    ) -> tuple[AbstractLLMInterface, Config]:
        """Return the provider to ask and the whole configuration of one call.

        The call's parameters go over the session's, and these over the provider's.
        When the call names another provider than the session's, the session's model,
        key and base URL stay behind: they belong to its own. Raises `NoProvider`.
        """
        provider = called._instance(pool) or self._instance(pool)
        if provider is None:
            raise NoProvider(
                "No provider is chosen. Give the session or the call a provider, such "
                'as provider="openai" or provider="huggingface" for a local model.'
            )
        own = dict(self.config)
        if called.provider not in (None, self.provider):
            own = {k: v for k, v in own.items() if k not in CONNECTION_PARAMETERS}
        model = {ModelParameter.MODEL: provider.model}
        return provider, {**provider.config, **model, **own, **called.config}

    def _instance(self, pool: ProviderPool) -> AbstractLLMInterface | None:
        return (
            pool.get(self.provider) if isinstance(self.provider, str) else self.provider
        )
