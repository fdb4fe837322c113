"""OpenAI's Chat Completions, and the many servers that speak the same wire."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abstractllm.enums import ModelParameter
from abstractllm.events import Notice
from abstractllm.interface import ModelInfo
from abstractllm.projection import Projected
from abstractllm.providers.connection import Connection, Vendor
from abstractllm.providers.families import (
    gpt_refuses_effort_beside_tools,
    gpt_refuses_tools_unless_told_not_to_reason,
    is_openai_reasoning,
)
from abstractllm.providers.openai_reply import CompletionReader
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body
from abstractllm.providers.stainless import StainlessProvider

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_WORDS = {
    ModelParameter.STOP: "stop",
    ModelParameter.SEED: "seed",
    ModelParameter.REASONING_EFFORT: "reasoning_effort",
}

_SAMPLING_WORDS = {
    ModelParameter.TEMPERATURE: "temperature",
    ModelParameter.TOP_P: "top_p",
    ModelParameter.FREQUENCY_PENALTY: "frequency_penalty",
    ModelParameter.PRESENCE_PENALTY: "presence_penalty",
}


class OpenAIProvider(StainlessProvider["AsyncOpenAI"]):
    """OpenAI, or with a `base_url` any server that speaks its Chat Completions."""

    name = "openai"
    default_model = "gpt-5.4-mini"
    vendor = Vendor(
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        key_variable="OPENAI_API_KEY",
        url_variable="OPENAI_BASE_URL",
    )
    sdk = ("openai", "openai.resources.chat", "openai.resources.models")
    path = "/chat/completions"

    def _sdk(self) -> Any:
        import openai

        return openai

    def _make_client(self, connection: Connection) -> "AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            base_url=connection.base_url, **self._client_arguments(connection)
        )

    def _complete(
        self,
        body: Body,
        projected: Projected,
        parameters: Parameters,
        connection: Connection,
    ) -> list[Notice]:
        model = body["model"]
        body["stream_options"] = {"include_usage": True}
        notices = _settle_effort(body, parameters) if "tools" in body else []
        body |= parameters.take_all(_words(model, connection))
        return notices

    def _reader(self) -> CompletionReader:
        return CompletionReader()

    async def _list(self, client: "AsyncOpenAI") -> list[ModelInfo]:
        return [
            ModelInfo(id=model.id, context_window=_context_window(model.model_extra))
            async for model in client.models.list()
        ]


def _words(model: str, connection: Connection) -> dict[ModelParameter, str]:
    """Return the wire's word for each parameter that this model takes here."""
    # Only OpenAI itself has renamed `max_tokens`.
    max_tokens = "max_completion_tokens" if connection.is_own else "max_tokens"
    sampling = {} if is_openai_reasoning(model) else _SAMPLING_WORDS
    return {**_WORDS, **sampling, ModelParameter.MAX_TOKENS: max_tokens}


def _settle_effort(body: Body, parameters: Parameters) -> list[Notice]:
    """Do without reasoning where this API does not give it beside tools."""
    model = body["model"]
    if not gpt_refuses_effort_beside_tools(model):
        return []
    if gpt_refuses_tools_unless_told_not_to_reason(model):
        body["reasoning_effort"] = "none"
    if parameters.take(ModelParameter.REASONING_EFFORT) in (None, "none"):
        return []
    return [
        Notice(
            f"{model} does not reason while tools are offered to it, at this API: "
            "reasoning_effort left out of the request."
        )
    ]


def _context_window(extra: Mapping[str, Any] | None) -> int | None:
    """Return what servers add to OpenAI's model, each in a place of its own."""
    extra = extra or {}
    meta = extra.get("meta") or {}
    hosts = extra.get("providers") or ()
    found = (
        extra.get("context_length"),  # OpenRouter
        extra.get("max_model_len"),  # vLLM
        meta.get("n_ctx") or meta.get("n_ctx_train"),  # llama.cpp
        max((host.get("context_length") or 0 for host in hosts), default=0),  # HF
    )
    return next((size for size in found if size), None)
