"""What OpenAI's and Anthropic's SDKs share: one generator, Stainless, made both.

The SDK brings the connection, the key, retries and errors. The request is handed over
past its typed methods, which walk every message, and the body of the answer is read as
bytes: see `docs/benchmarks.md`.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from abstractllm.errors import ProviderError
from abstractllm.providers.clients import Client
from abstractllm.providers.connection import Connection
from abstractllm.providers.failures import (
    Refusal,
    interrupted,
    refusal_of,
    refused,
    timed_out,
    unreachable,
)
from abstractllm.providers.json_stream import ServerSentEvents
from abstractllm.providers.sdk import Body, SDKProvider, to_bytes
from abstractllm.providers.streaming import body_of

_NO_KEY = "none"
"""What is sent to a server that wants no key: OpenAI's SDK insists on one, and
Anthropic's would look for one on disk."""


class StainlessProvider(SDKProvider[Client]):
    """A provider whose SDK is one of Stainless's, which go over httpx2."""

    path: ClassVar[str]
    """Where a prompt is posted, below the client's base URL."""

    @abstractmethod
    def _sdk(self) -> Any:
        """Return the SDK's module, which is loaded."""

    def _client_arguments(self, connection: Connection) -> Body:
        """Return what the clients of all these SDKs take alike."""
        import httpx2

        sdk, retries = self._sdk(), connection.max_retries
        # No proxy of the environment may stand between two programs of one machine.
        direct = httpx2.AsyncClient(trust_env=False) if connection.is_loopback else None
        return {
            "api_key": connection.api_key or _NO_KEY,
            "timeout": sdk.Timeout(
                connection.idle_timeout, connect=connection.connect_timeout
            ),
            "max_retries": sdk.DEFAULT_MAX_RETRIES if retries is None else retries,
            "http_client": direct,
        }

    async def _open(
        self, client: Any, body: Body
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        import httpx2

        # As bytes: of `body` Anthropic's SDK would make a deep copy.
        response = await client.post(
            self.path, cast_to=httpx2.Response, content=to_bytes(body), stream=True
        )
        return body_of(response)

    def _decoder(self) -> ServerSentEvents:
        return ServerSentEvents()

    def _error(
        self,
        error: Exception,
        *,
        connection: Connection,
        model: str | None,
        streaming: bool,
    ) -> ProviderError | None:
        import httpx2  # the SDK's transport, whose errors a body lets through

        sdk = self._sdk()
        match error:
            case sdk.APITimeoutError() | httpx2.TimeoutException():
                return timed_out(connection)
            case sdk.APIConnectionError() | httpx2.RequestError():
                return (interrupted if streaming else unreachable)(connection)
            case sdk.APIStatusError():
                return refused(self._refusal(error), connection, model)
        return None

    def _refusal(self, error: Any) -> Refusal:
        """Return what the server said with an error's status."""
        return refusal_of(error.body, error.status_code, error.response.headers)
