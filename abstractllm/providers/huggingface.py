"""Hugging Face: a model of the hub, run on this machine or by the hub's router."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import attrs

from abstractllm.enums import ModelParameter
from abstractllm.errors import (
    ConnectionFailed,
    LocalModelError,
    MissingKey,
    ProviderTimeout,
)
from abstractllm.events import ModelLoading, Notice, ProviderEvent
from abstractllm.interface import Config, ModelInfo, Request
from abstractllm.projection import Projected, Target
from abstractllm.providers.connection import (
    Connection,
    Vendor,
    connect,
    key_advice,
)
from abstractllm.providers.local_model import (
    BUNDLED_MODEL,
    LocalModel,
    find_model,
    local_models,
    require_runtime,
)
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


_BUNDLED_PROMPT = "You are a helpful assistant."
_BUNDLED_DEFAULTS: Config = {
    ModelParameter.MAX_TOKENS: 512,
    ModelParameter.TEMPERATURE: 0,
}


class HuggingFaceProvider(OpenAIProvider):
    """A GGUF model on this machine, or any model of the hub through its router.

    Without a `base_url`, a model that is here - the bundled one, the absolute path of
    a `.gguf` file, a name in the hub's cache - runs in a process of our own and needs
    no key; any other is asked for at the router, which needs one.
    """

    name = "huggingface"
    default_model = BUNDLED_MODEL
    vendor = Vendor(
        title="Hugging Face",
        base_url="https://router.huggingface.co/v1",
        key_variable="HF_TOKEN",
    )

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        super().__init__(config)
        self._local: dict[tuple[Path, int | None], LocalModel] = {}
        self._replies = 0
        self._is_retired = False

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

    def charged_at(self, config: Config) -> str | None:
        """Return the router's address; empty for a model that runs on this machine."""
        try:
            here = _local_path(config) is not None
        except LocalModelError:
            return None
        return "" if here else super().charged_at(config)

    def _require(self, config: Config) -> None:
        if _local_path(config) is None:
            self._remote(config)
        else:
            require_runtime()

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """Ask the model and yield its reply; first of all, that it must be loaded."""
        self._replies += 1
        try:
            local_model = self._local_model(checked(request.config))
            if local_model is not None and not local_model.is_running:
                yield ModelLoading(Path(request.model).name)
            async with aclosing(super().stream(request)) as events:
                async for event in events:
                    yield event
        finally:
            self._replies -= 1
            await self._end_if_retired()

    async def aclose(self) -> None:
        """End the processes of local models."""
        while self._local:
            _, model = self._local.popitem()
            await asyncio.to_thread(model.stop)

    async def retire(self) -> None:
        """End the processes of local models once the replies under way have ended."""
        self._is_retired = True
        await self._end_if_retired()

    async def _end_if_retired(self) -> None:
        if self._is_retired and not self._replies:
            await self.aclose()

    async def _connect(self, config: Config) -> Connection:
        local_model = self._local_model(config)
        if local_model is None:
            return self._remote(config)
        endpoint = await local_model.start()
        local = {
            ModelParameter.BASE_URL: endpoint.base_url,
            ModelParameter.API_KEY: endpoint.api_key,
        }
        return connect(_LOCAL, {**config, **local})

    def _local_model(self, config: Config) -> LocalModel | None:
        """Return the model that runs here, `None` where the hub is to run it."""
        path = _local_path(config)
        if path is None:
            return None
        key = path, config.get(ModelParameter.CONTEXT_LENGTH)
        return self._local.get(key) or self._local.setdefault(key, LocalModel(*key))

    def _remote(self, config: Config) -> Connection:
        try:
            return connect(self.vendor, config)
        except MissingKey:
            model = _model(config)
            raise MissingKey(
                f"{model} is not on this machine, and Hugging Face needs a token to "
                "run it. Install abstractllm-ls[local] and name the absolute path of a "
                f".gguf file as the model, or use the hub: {key_advice(self.vendor)}"
            ) from None

    def _adapted(self, request: Request, connection: Connection) -> Request:
        """Return a request that the model answers as well as it can.

        So small a model as the bundled one cannot call tools, and answers worse where
        some are offered to it. With the prompt of its own template, or at a
        temperature, it slips into French when asked for the capital of France. What it
        says beyond some length repeats itself.
        """
        if not _is_bundled(request.model):
            return request
        return attrs.evolve(
            request,
            tools=(),
            system_prompt=request.system_prompt or _BUNDLED_PROMPT,
            config={**_BUNDLED_DEFAULTS, **checked(request.config)},
        )

    def _target(self, request: Request, connection: Connection) -> Target:
        # The projector that would let a model of ours see is not loaded.
        return Target(
            provider=self.name,
            model=request.model,
            takes_images=connection.vendor is not _LOCAL
            and not _is_bundled(request.model),
        )

    def _complete(
        self,
        body: Body,
        projected: Projected,
        parameters: Parameters,
        connection: Connection,
    ) -> list[Notice]:
        if connection.vendor is _LOCAL:
            parameters.take(ModelParameter.CONTEXT_LENGTH)  # its process has it
        return super()._complete(body, projected, parameters, connection)


def _model(config: Config) -> str:
    return str(config.get(ModelParameter.MODEL, BUNDLED_MODEL))


def _is_bundled(model: str) -> bool:
    return model.casefold() == BUNDLED_MODEL.casefold()


def _local_path(config: Config) -> Path | None:
    """Return the file of the model to run here, `None` where the hub is to run it.

    Raises `LocalModelError` for a model that is not here and that the hub cannot run.
    """
    if ModelParameter.BASE_URL in config:
        return None
    model = _model(config)
    path = find_model(model)
    if path is None and (model == BUNDLED_MODEL or model.endswith(".gguf")):
        raise LocalModelError(
            f"{model} is not on this machine. Install abstractllm-ls[local] with its "
            "model, name the absolute path of another .gguf file, or choose a model of "
            f"the hub and set {HuggingFaceProvider.vendor.key_variable}."
        )
    return path
