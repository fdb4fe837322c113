"""What the providers that go through a vendor's SDK share: all but their wire."""

import json
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from functools import partial
from typing import Any, ClassVar, Generic

import orjson

from abstractllm.errors import AbstractLLMError, ProviderError
from abstractllm.events import Notice, ProviderEvent
from abstractllm.interface import (
    AbstractLLMInterface,
    Config,
    ModelInfo,
    Request,
)
from abstractllm.loading import load
from abstractllm.projection import Projected, Target, wire_of
from abstractllm.providers.clients import Client, Clients
from abstractllm.providers.connection import Connection, Vendor, connect
from abstractllm.providers.failures import malformed
from abstractllm.providers.idle_timeout import IdleTimeout
from abstractllm.providers.json_stream import Decoder
from abstractllm.providers.parameters import Parameters, checked
from abstractllm.providers.streaming import UNREADABLE, Reader, Relay, in_time

_CLIENTS = Clients()

Body = dict[str, Any]
"""A request, or the arguments of an SDK's client, in the vendor's own words."""


def to_bytes(body: Body) -> bytes:
    """Return a request as it is sent: JSON without spaces, in UTF-8."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:  # a call with a whole number of more than 64 bits
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class SDKProvider(AbstractLLMInterface, Generic[Client]):
    """A provider whose requests a vendor's SDK sends."""

    vendor: ClassVar[Vendor]
    sdk: ClassVar[tuple[str, ...]]
    """The modules that a first request would otherwise import on the event loop."""

    async def load_sdk(self) -> None:
        """Import the SDK ahead of the first request, which it would make wait."""
        await load(*self.sdk)

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """Ask the model and yield its reply.

        What the history or the configuration held that the model cannot take is
        reported first, as notices. Raises `InvalidParameter` before anything is sent.
        """
        connection = await self._connect(checked(request.config))
        request = self._adapted(request, connection)
        parameters = Parameters(checked(request.config))
        body, notices = self._body(request, parameters, connection)
        for notice in notices:
            yield notice
        client = await self._client(connection)
        explain = partial(self._error, connection=connection, model=request.model)
        relay = Relay(
            connection=connection,
            model=request.model,
            decoder=self._decoder(),
            reader=self._reader(),
            opening_error=partial(explain, streaming=False),
            stream_error=partial(explain, streaming=True),
        )
        async with aclosing(relay.run(self._open(client, body))) as events:
            async for event in events:
                yield event

    def obstacle(self) -> AbstractLLMError | None:
        """Return what is missing or wrong in the configuration."""
        try:
            self._require(checked(self.config))
        except AbstractLLMError as error:
            return error
        return None

    def charged_at(self, config: Config) -> str | None:
        """Return the address of the server that is asked."""
        try:
            return connect(self.vendor, checked(config)).base_url
        except AbstractLLMError:
            return None

    async def models(self) -> list[ModelInfo]:
        """Return the models that the configured server offers."""
        return await self._models_at(await self._connect(checked(self.config)))

    async def _models_at(self, connection: Connection) -> list[ModelInfo]:
        client = await self._client(connection)
        explain = partial(
            self._error, connection=connection, model=None, streaming=False
        )
        try:
            with IdleTimeout(connection.idle_timeout) as idle:
                return await in_time(self._list(client), idle, connection, explain)
        except UNREADABLE as error:
            raise malformed(connection) from error

    async def _client(self, connection: Connection) -> Client:
        await self.load_sdk()
        key = type(self), connection
        return await _CLIENTS.get(key, partial(self._make_client, connection))

    def _require(self, config: Config) -> None:
        """Raise what `_connect` would, as far as it can be told beforehand."""
        connect(self.vendor, config)

    async def _connect(self, config: Config) -> Connection:
        """Return the server for a checked configuration."""
        return connect(self.vendor, config)

    def _adapted(self, request: Request, connection: Connection) -> Request:
        """Return the request as it suits the model, where that is less than asked."""
        return request

    def _target(self, request: Request, connection: Connection) -> Target:
        """Return who will read the history."""
        return Target(provider=self.name, model=request.model)

    def _body(
        self, request: Request, parameters: Parameters, connection: Connection
    ) -> tuple[Body, list[Notice]]:
        """Return the request in the wire's words, and what it had to leave out."""
        wire = wire_of(self.name)
        projected = wire.project(
            request.messages,
            target=self._target(request, connection),
            system_prompt=request.system_prompt,
        )
        body: Body = {
            "model": request.model,
            "messages": projected.messages,
            "stream": True,
        }
        if request.tools:
            body["tools"] = wire.tools(request.tools)
        return body, [
            *map(Notice, projected.notices),
            *self._complete(body, projected, parameters, connection),
            *parameters.left_out(request.model),
        ]

    @abstractmethod
    def _complete(
        self,
        body: Body,
        projected: Projected,
        parameters: Parameters,
        connection: Connection,
    ) -> list[Notice]:
        """Add what only this wire says, and take the parameters it can say."""

    @abstractmethod
    def _make_client(self, connection: Connection) -> Client:
        """Return a new client of the SDK."""

    @abstractmethod
    async def _open(
        self, client: Client, body: Body
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send a request and return the body of the answer, which may go on."""

    @abstractmethod
    def _decoder(self) -> Decoder:
        """Return what finds the JSON in the body of one reply."""

    @abstractmethod
    def _reader(self) -> Reader:
        """Return the reader of one reply."""

    @abstractmethod
    async def _list(self, client: Client) -> list[ModelInfo]:
        """Ask for the models."""

    @abstractmethod
    def _error(
        self,
        error: Exception,
        *,
        connection: Connection,
        model: str | None,
        streaming: bool,
    ) -> ProviderError | None:
        """Return our error for one of the SDK's, `None` for any other.

        `streaming` tells whether the reply had begun.
        """
