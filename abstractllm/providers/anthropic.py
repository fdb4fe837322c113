"""Anthropic's Messages API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from abstractllm.enums import ModelParameter
from abstractllm.errors import ProviderError
from abstractllm.events import Notice
from abstractllm.interface import ModelInfo, Request, ToolSpec
from abstractllm.projection import anthropic as projection
from abstractllm.providers.anthropic_reply import MessageReader
from abstractllm.providers.connection import Connection, Vendor
from abstractllm.providers.failures import (
    Refusal,
    interrupted,
    refused,
    sentence_of,
    timed_out,
    unreachable,
)
from abstractllm.providers.families import claude_is_adaptive
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body, SDKProvider, client_arguments
from abstractllm.providers.streaming import Opening

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import RawMessageStreamEvent

_DEFAULT_MAX_TOKENS = 8192
"""For the answer; thinking within a budget comes on top."""

_SAMPLING_WORDS = {
    ModelParameter.TEMPERATURE: "temperature",
    ModelParameter.TOP_P: "top_p",
    ModelParameter.TOP_K: "top_k",
}


class AnthropicProvider(SDKProvider["AsyncAnthropic"]):
    """Anthropic, or with a `base_url` any server that speaks its Messages API."""

    name = "anthropic"
    default_model = "claude-sonnet-5"
    vendor = Vendor(
        title="Anthropic",
        base_url="https://api.anthropic.com",
        key_variable="ANTHROPIC_API_KEY",
        url_variable="ANTHROPIC_BASE_URL",
    )
    sdk = ("anthropic", "anthropic.resources.messages", "anthropic.resources.models")

    def _make_client(self, connection: Connection) -> "AsyncAnthropic":
        import anthropic

        return anthropic.AsyncAnthropic(
            base_url=connection.base_url.removesuffix("/v1"),
            **client_arguments(anthropic, connection),
        )

    def _body(
        self, request: Request, parameters: Parameters, connection: Connection
    ) -> tuple[Body, list[Notice]]:
        projected = projection.project(
            request.messages,
            target=self._target(request),
            system_prompt=request.system_prompt,
        )
        notices = [Notice(sentence) for sentence in projected.notices]
        body: Body = {
            "model": request.model,
            "messages": projected.messages,
            **_tools(request.tools, projected.messages),
        }
        if projected.system:
            body["system"] = projected.system
        if stop := parameters.take(ModelParameter.STOP):
            body["stop_sequences"] = stop
        if effort := parameters.take(ModelParameter.REASONING_EFFORT):
            body["output_config"] = {"effort": effort}
        notices += _settle_thinking(body, parameters)
        return body, notices + parameters.left_out(request.model)

    def _open(
        self, client: "AsyncAnthropic", body: Body
    ) -> "Opening[RawMessageStreamEvent]":
        # Not `messages.stream()`: it builds the message up as well, at 2.5 times the
        # cost of a token.
        return client.messages.create(stream=True, **body)

    def _reader(self) -> MessageReader:
        return MessageReader()

    async def _list(self, client: "AsyncAnthropic") -> list[ModelInfo]:
        return [
            ModelInfo(
                id=model.id,
                name=model.display_name,
                context_window=model.max_input_tokens,
            )
            async for model in client.models.list(limit=1000)
        ]

    def _error(
        self,
        error: Exception,
        *,
        connection: Connection,
        model: str | None,
        streaming: bool,
    ) -> ProviderError | None:
        import anthropic
        import httpx2  # the SDK's transport, whose errors its streams let through

        match error:
            case anthropic.APITimeoutError() | httpx2.TimeoutException():
                return timed_out(connection)
            case anthropic.APIConnectionError() | httpx2.RequestError():
                return (interrupted if streaming else unreachable)(connection)
            case anthropic.APIStatusError():
                refusal = Refusal(
                    status=error.status_code,
                    codes=(error.error_code, error.type),
                    sentence=sentence_of(_inner(error.body)),
                    headers=error.response.headers,
                )
                return refused(refusal, connection, model)
        return None


def _tools(
    specs: tuple[ToolSpec, ...], messages: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the tools of a request, which the API wants wherever they were called."""
    if specs:
        return {"tools": projection.tools(specs)}
    called = tuple(ToolSpec(name=name) for name in dict.fromkeys(_called(messages)))
    if not called:
        return {}
    return {"tools": projection.tools(called), "tool_choice": {"type": "none"}}


def _called(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the names of the tools that were called in a history."""
    for message in messages:
        for block in message["content"]:
            if block["type"] == "tool_use":
                yield block["name"]


def _settle_thinking(body: Body, parameters: Parameters) -> list[Notice]:
    """Set thinking, and what depends on it: tokens and sampling parameters."""
    model = body["model"]
    budget = parameters.take(ModelParameter.THINKING_BUDGET)
    thinking, notices = _thinking(model, budget)
    body |= thinking
    body["max_tokens"] = parameters.take(ModelParameter.MAX_TOKENS) or (
        _DEFAULT_MAX_TOKENS + (budget or 0)
    )
    if not thinking and not claude_is_adaptive(model):
        # The SDK has no keywords for them since 1.0 (simonw/llm-anthropic#84).
        body["extra_body"] = parameters.take_all(_SAMPLING_WORDS)
    return notices


def _thinking(model: str, budget: int | None) -> tuple[dict[str, Any], list[Notice]]:
    """Return how much a model is to think; without a budget it is left to the model."""
    if budget is None:
        return {}, []
    if not claude_is_adaptive(model):
        # These do not think unless they are told to.
        enabled = {"thinking": {"type": "enabled", "budget_tokens": budget}}
        return (enabled if budget else {}), []
    if budget == 0:
        return {"thinking": {"type": "disabled"}}, []
    notice = Notice(
        f"{model} decides itself how much it thinks: thinking_budget only switches "
        "thinking on. Use reasoning_effort for more or less."
    )
    return {"thinking": {"type": "adaptive", "display": "summarized"}}, [notice]


def _inner(body: object) -> object:
    return body.get("error", body) if isinstance(body, dict) else body
