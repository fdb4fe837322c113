"""Anthropic's Messages API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from abstractllm.enums import ModelParameter
from abstractllm.events import Notice
from abstractllm.interface import ModelInfo, ToolSpec
from abstractllm.projection import Projected
from abstractllm.projection import anthropic as projection
from abstractllm.providers.anthropic_reply import MessageReader
from abstractllm.providers.connection import Connection, Vendor
from abstractllm.providers.families import claude_is_adaptive
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body
from abstractllm.providers.stainless import StainlessProvider

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_DEFAULT_MAX_TOKENS = 8192
"""For the answer; thinking within a budget comes on top."""

_SAMPLING_WORDS = {
    ModelParameter.TEMPERATURE: "temperature",
    ModelParameter.TOP_P: "top_p",
    ModelParameter.TOP_K: "top_k",
}


class AnthropicProvider(StainlessProvider["AsyncAnthropic"]):
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
    path = "/v1/messages"

    def _sdk(self) -> Any:
        import anthropic

        return anthropic

    def _make_client(self, connection: Connection) -> "AsyncAnthropic":
        import anthropic

        return anthropic.AsyncAnthropic(
            base_url=connection.base_url.removesuffix("/v1"),
            **self._client_arguments(connection),
        )

    def _complete(
        self,
        body: Body,
        projected: Projected,
        parameters: Parameters,
        connection: Connection,
    ) -> list[Notice]:
        if "tools" not in body:
            body |= _called_tools(projected.messages)
        if projected.system:
            body["system"] = projected.system
        if stop := parameters.take(ModelParameter.STOP):
            body["stop_sequences"] = stop
        if effort := parameters.take(ModelParameter.REASONING_EFFORT):
            body["output_config"] = {"effort": effort}
        return _settle_thinking(body, parameters)

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


def _called_tools(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tools of a history: the API wants them wherever they were called."""
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
        body |= parameters.take_all(_SAMPLING_WORDS)
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
