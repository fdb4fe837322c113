"""Providers and models: what there is to choose from."""

from typing import Any

from abstractllm.encoding import to_json
from abstractllm.errors import NoProvider
from abstractllm.providers.registry import PROVIDERS, parse_provider
from abstractllm_server.context import Context
from abstractllm_server.errors import error_to_json
from abstractllm_server.protocol import ListModels, NoArguments


async def list_providers(context: Context, _: NoArguments) -> dict[str, Any]:
    """Return every provider, its model unless told another, and what it lacks."""
    return {
        "providers": [_provider(context, name) for name in PROVIDERS],
        "default": context.default_provider(),
    }


async def list_models(context: Context, params: ListModels) -> dict[str, Any]:
    """Return the models that a provider offers now; it is asked."""
    chosen = params.provider or context.default_provider()
    if chosen is None:
        raise NoProvider("No provider is ready. Name one with `provider`.")
    provider = context.providers.get(parse_provider(chosen)[0])
    models = await provider.models()
    return {"provider": provider.name, "models": [to_json(model) for model in models]}


def _provider(context: Context, name: str) -> dict[str, Any]:
    provider = context.providers.get(name)
    obstacle = provider.obstacle()
    return {
        "name": name,
        "model": provider.model,
        "ready": obstacle is None,
        "obstacle": error_to_json(obstacle) if obstacle else None,
    }
