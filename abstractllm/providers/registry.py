"""Providers by name; a provider's code is loaded when it is first asked for."""

from importlib import import_module
from typing import Any, cast

from abstractllm.errors import UnknownProvider
from abstractllm.interface import AbstractLLMInterface

_CLASSES = {
    "openai": "abstractllm.providers.openai:OpenAIProvider",
    "anthropic": "abstractllm.providers.anthropic:AnthropicProvider",
    "huggingface": "abstractllm.providers.huggingface:HuggingFaceProvider",
    "ollama": "abstractllm.providers.ollama:OllamaProvider",
}

PROVIDERS: tuple[str, ...] = tuple(_CLASSES)
"""The names of all providers; who has no preference gets the first that is ready.

Ollama is the last of them: whether it runs can only be told by asking it.
"""


def create_llm(provider: str, **config: Any) -> AbstractLLMInterface:
    """Return a provider by its name, or by name and model: `"ollama:llama3:8b"`.

    The keys of `config` are those of `ModelParameter`; a `model` among them beats the
    one in `provider`. Nothing is contacted, and no key is needed yet. Raises
    `UnknownProvider`, and `InvalidParameter` for a key that is none.
    """
    name, model = parse_provider(provider)
    module, _, class_name = _CLASSES[name].partition(":")
    provider_class = getattr(import_module(module), class_name)
    named = {"model": model} if model else {}
    return cast(AbstractLLMInterface, provider_class({**named, **config}))


def parse_provider(reference: str) -> tuple[str, str | None]:
    """Split `"provider:model"` at its first colon; without one, the model is `None`.

    Raises `UnknownProvider`.
    """
    name, _, model = reference.partition(":")
    if name not in _CLASSES:
        names = ", ".join(PROVIDERS)
        raise UnknownProvider(f"There is no provider {name!r}. Use one of: {names}.")
    return name, model or None
