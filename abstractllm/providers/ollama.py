"""Ollama's native chat API, `/api/chat`.

Its OpenAI-compatible door is not used: it does not take the size of the context.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from abstractllm.enums import ModelParameter
from abstractllm.errors import ProviderError
from abstractllm.events import Notice
from abstractllm.interface import Config, ModelInfo, Request
from abstractllm.projection import Projected
from abstractllm.providers.connection import Connection, Vendor, is_loopback
from abstractllm.providers.failures import (
    Refusal,
    interrupted,
    refusal_of,
    refused,
    timed_out,
    unreachable,
)
from abstractllm.providers.json_stream import JSONLines
from abstractllm.providers.ollama_reply import ChatReader
from abstractllm.providers.parameters import Parameters
from abstractllm.providers.sdk import Body, SDKProvider, to_bytes
from abstractllm.providers.streaming import body_of

if TYPE_CHECKING:
    import httpx
    from ollama import AsyncClient

_SMALLEST_CONTEXT = 8192
_OUTPUT_RESERVE = 4096
"""Tokens kept free for the answer where `max_tokens` does not say how many."""
_IMAGE_TOKENS = 1024

_EFFORTS = {"none": False, "minimal": "low", "xhigh": "high"}
"""Ollama's words where they differ; it knows low, medium and high itself."""

_OPTIONS = {
    ModelParameter.TEMPERATURE: "temperature",
    ModelParameter.TOP_P: "top_p",
    ModelParameter.TOP_K: "top_k",
    ModelParameter.MAX_TOKENS: "num_predict",
    ModelParameter.STOP: "stop",
    ModelParameter.SEED: "seed",
    ModelParameter.FREQUENCY_PENALTY: "frequency_penalty",
    ModelParameter.PRESENCE_PENALTY: "presence_penalty",
    ModelParameter.CONTEXT_LENGTH: "num_ctx",
}


class OllamaProvider(SDKProvider["AsyncClient"]):
    """An Ollama server: the one on this machine, `OLLAMA_HOST` or `base_url`."""

    name = "ollama"
    default_model = "llama3.2"
    vendor = Vendor(
        title="Ollama",
        base_url="http://127.0.0.1:11434",
        key_variable="OLLAMA_API_KEY",
        url_variable="OLLAMA_HOST",
        needs_key=False,
        advice="Start it with `ollama serve`, or check OLLAMA_HOST and base_url.",
    )
    sdk = ("ollama",)

    def charged_at(self, config: Config) -> str | None:
        """Return the server's address; empty for a model that runs on this machine."""
        address = super().charged_at(config)
        is_elsewhere = str(config.get(ModelParameter.MODEL)).endswith("cloud")
        here = not is_elsewhere and address is not None and is_loopback(address)
        return "" if here else address

    def _make_client(self, connection: Connection) -> "AsyncClient":
        import httpx
        import ollama

        key = connection.api_key
        return ollama.AsyncClient(
            host=connection.base_url.removesuffix("/v1"),
            headers={"authorization": f"Bearer {key}"} if key else None,
            timeout=httpx.Timeout(
                connection.idle_timeout, connect=connection.connect_timeout
            ),
            trust_env=not connection.is_loopback,
        )

    def _body(
        self, request: Request, parameters: Parameters, connection: Connection
    ) -> tuple[Body, list[Notice]]:
        body, notices = super()._body(request, parameters, connection)
        if connection.max_retries:
            notices.append(Notice("Ollama's client never retries: max_retries unused."))
        return body, notices

    def _complete(
        self,
        body: Body,
        projected: Projected,
        parameters: Parameters,
        connection: Connection,
    ) -> list[Notice]:
        # Without these, Ollama cuts the oldest messages off and says nothing.
        body |= {"truncate": False, "shift": False}
        if effort := parameters.take(ModelParameter.REASONING_EFFORT):
            body["think"] = _EFFORTS.get(effort, effort)
        options = parameters.take_all(_OPTIONS)
        options.setdefault("num_ctx", _context_length(body, options))
        body["options"] = options
        return []

    async def _open(
        self, client: "AsyncClient", body: Body
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        # Not `chat()`: it makes an object of every message and every piece, and the
        # types of its arguments drop what they do not know, such as the nested parts
        # of a tool's schema. What is left of it is this client.
        http = client._client
        request = http.build_request("POST", "/api/chat", content=to_bytes(body))
        response = await http.send(request, stream=True)
        if response.is_error:
            await response.aread()
            response.raise_for_status()
        return body_of(response)

    def _decoder(self) -> JSONLines:
        return JSONLines()

    def _reader(self) -> ChatReader:
        return ChatReader()

    async def _list(self, client: "AsyncClient") -> list[ModelInfo]:
        listed = await client.list()
        names = [model.model for model in listed.models if model.model]
        windows = await asyncio.gather(
            *(_context_window(client, name) for name in names)
        )
        return [
            ModelInfo(id=name, context_window=window)
            for name, window in zip(names, windows, strict=True)
        ]

    def _error(
        self,
        error: Exception,
        *,
        connection: Connection,
        model: str | None,
        streaming: bool,
    ) -> ProviderError | None:
        import httpx
        import ollama

        match error:
            case httpx.TimeoutException():
                return timed_out(connection)
            case ConnectionError() | httpx.ConnectError():
                return unreachable(connection)
            case httpx.TransportError():
                return (interrupted if streaming else unreachable)(connection)
            case httpx.HTTPStatusError(response=response):
                return refused(_refusal(response), connection, model)
            case ollama.ResponseError(__context__=httpx.HTTPStatusError() as cause):
                return refused(_refusal(cause.response), connection, model)
        return None


def _context_length(body: Body, options: dict[str, Any]) -> int:
    """Return a context that holds what is sent and what is to come.

    A power of two, because Ollama loads the model anew whenever this changes. Three
    bytes to a token is on the safe side.
    """
    sent: Iterable[dict[str, Any]] = [*body["messages"], *body.get("tools", ())]
    needed = options.get("num_predict", _OUTPUT_RESERVE) + sum(map(_tokens, sent))
    return max(_SMALLEST_CONTEXT, int(1 << (needed - 1).bit_length()))


def _tokens(sent: dict[str, Any]) -> int:
    """Return about how many tokens a message or a tool takes."""
    size = sum(_size(value) for key, value in sent.items() if key != "images")
    return size // 3 + _IMAGE_TOKENS * len(sent.get("images", ()))


def _size(value: Any) -> int:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return len(text.encode())


async def _context_window(client: "AsyncClient", model: str) -> int | None:
    """Return the window a model was trained for: `llama.context_length` and such."""
    import ollama

    try:
        shown = await client.show(model)
    except ollama.ResponseError:
        return None
    for key, value in (shown.modelinfo or {}).items():
        if key.endswith(".context_length"):
            return int(value)
    return None


def _refusal(response: "httpx.Response") -> Refusal:
    try:
        body = response.json()
    except ValueError:
        body = response.text
    return refusal_of(body, response.status_code, response.headers)
