"""Anthropic's Messages API."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from abstractllm.enums import ModelParameter
from abstractllm.events import Notice
from abstractllm.interface import ModelInfo, ToolSpec
from abstractllm.projection import Projected
from abstractllm.projection import anthropic as projection
from abstractllm.providers.anthropic_cache import mark_for_cache
from abstractllm.providers.anthropic_reply import MessageReader
from abstractllm.providers.anthropic_thinking import settle_thinking
from abstractllm.providers.connection import Connection, Vendor
from abstractllm.providers.failures import Refusal
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body
from abstractllm.providers.stainless import StainlessProvider

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_LARGEST_PROMPT = 200_000 * 3
"""Bytes of text that fill Claude's window of 200,000 tokens, or nearly: a token of
English or of code has three to four."""

_PICTURE = re.compile(rb'"data":"[^"]*"')


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
        mark_for_cache(body)
        return settle_thinking(body, parameters)

    def _refusal(self, error: Any) -> Refusal:
        """Return what the API said; a prompt that is too long is told by its size.

        That has no status, type or code of its own: 400, `invalid_request_error`.
        """
        refusal = super()._refusal(error)
        text = _PICTURE.sub(b"", error.request.content)
        if refusal.status == 400 and len(text) >= _LARGEST_PROMPT:
            return attrs.evolve(refusal, codes=("prompt_too_long", *refusal.codes))
        return refusal

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
