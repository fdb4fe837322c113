"""OpenAI's Chat Completions, and the many servers that speak the same wire."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abstractllm.enums import ModelParameter
from abstractllm.errors import ProviderError
from abstractllm.events import Notice
from abstractllm.interface import ModelInfo, Request
from abstractllm.projection import openai_chat
from abstractllm.providers.connection import Connection, Vendor
from abstractllm.providers.failures import (
    Refusal,
    interrupted,
    refused,
    sentence_of,
    timed_out,
    unreachable,
)
from abstractllm.providers.families import (
    gpt_refuses_effort_beside_tools,
    gpt_refuses_tools_unless_told_not_to_reason,
    is_openai_reasoning,
)
from abstractllm.providers.openai_reply import CompletionReader
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body, SDKProvider, client_arguments
from abstractllm.providers.streaming import Opening

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionChunk

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


class OpenAIProvider(SDKProvider["AsyncOpenAI"]):
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

    def _make_client(self, connection: Connection) -> "AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            base_url=connection.base_url, **client_arguments(openai, connection)
        )

    def _body(
        self, request: Request, parameters: Parameters, connection: Connection
    ) -> tuple[Body, list[Notice]]:
        projected = openai_chat.project(
            request.messages,
            target=self._target(request),
            system_prompt=request.system_prompt,
        )
        notices = [Notice(sentence) for sentence in projected.notices]
        body: Body = {
            "model": request.model,
            "messages": projected.messages,
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            body["tools"] = openai_chat.tools(request.tools)
            notices += _settle_effort(body, request.model, parameters)
        body |= parameters.take_all(_words(request.model, connection))
        return body, notices + parameters.left_out(request.model)

    def _open(
        self, client: "AsyncOpenAI", body: Body
    ) -> "Opening[ChatCompletionChunk]":
        return client.chat.completions.create(stream=True, **body)

    def _reader(self) -> CompletionReader:
        return CompletionReader()

    async def _list(self, client: "AsyncOpenAI") -> list[ModelInfo]:
        return [
            ModelInfo(id=model.id, context_window=_context_window(model.model_extra))
            async for model in client.models.list()
        ]

    def _error(
        self,
        error: Exception,
        *,
        connection: Connection,
        model: str | None,
        streaming: bool,
    ) -> ProviderError | None:
        import openai

        match error:
            case openai.APITimeoutError():
                return timed_out(connection)
            case openai.APIConnectionError():
                return (interrupted if streaming else unreachable)(connection)
            case openai.APIStatusError():
                refusal = Refusal(
                    status=error.status_code,
                    codes=(error.code, error.type),
                    sentence=sentence_of(error.body),
                    headers=error.response.headers,
                )
                return refused(refusal, connection, model)
            case openai.APIError():
                refusal = Refusal(
                    codes=(error.code, error.type), sentence=sentence_of(error.body)
                )
                return refused(refusal, connection, model)
        return None


def _words(model: str, connection: Connection) -> dict[ModelParameter, str]:
    """Return the wire's word for each parameter that this model takes here."""
    # Only OpenAI itself has renamed `max_tokens`.
    max_tokens = "max_completion_tokens" if connection.is_own else "max_tokens"
    sampling = {} if is_openai_reasoning(model) else _SAMPLING_WORDS
    return {**_WORDS, **sampling, ModelParameter.MAX_TOKENS: max_tokens}


def _settle_effort(body: Body, model: str, parameters: Parameters) -> list[Notice]:
    """Do without reasoning where this API does not give it beside tools."""
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
