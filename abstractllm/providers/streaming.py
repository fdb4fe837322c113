"""What every streamed reply has in common, whichever wire it comes over."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import (
    AbstractAsyncContextManager,
    aclosing,
    asynccontextmanager,
    suppress,
)
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs

from abstractllm.errors import ProviderError
from abstractllm.events import ProviderEvent, ReplyEnded, StopReason, ThinkingDelta
from abstractllm.messages import Thinking, ToolCall
from abstractllm.providers.connection import Connection
from abstractllm.providers.failures import (
    RefusedInStream,
    interrupted,
    malformed,
    refused,
    timed_out,
)
from abstractllm.providers.idle_timeout import IdleTimeout
from abstractllm.providers.json_stream import DONE, Decoder

T = TypeVar("T")

Opening: TypeAlias = Awaitable[AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""A request on its way to the body that answers it."""

Explain: TypeAlias = Callable[[Exception], ProviderError | None]
"""Returns our error for an SDK's, `None` for one that is not the vendor's doing."""

UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""How JSON that is broken, or of another shape, shows when it is read."""

_DRAIN_SECONDS = 0.1


class Reader(Protocol):
    """Turns the JSON of one reply into events; `stop_reason` is set at its end."""

    stop_reason: StopReason | None

    def read(self, chunk: Any) -> Iterable[ProviderEvent]:
        """Return the events of the next piece; raises `RefusedInStream`."""


@attrs.define(kw_only=True)
class Relay:
    """One reply on its way: from the bytes of its body to events."""

    connection: Connection
    model: str
    decoder: Decoder
    reader: Reader
    opening_error: Explain
    stream_error: Explain
    _is_done: bool = attrs.field(default=False, init=False)

    async def run(self, opening: Opening) -> AsyncGenerator[ProviderEvent, None]:
        """Yield the events of the reply as they come, and `ReplyEnded` last.

        Closing this generator closes the connection. Only pieces that bring an event
        restart the idle time-out: a server's heartbeats do not, nor does the time that
        the caller takes between two events.
        """
        with IdleTimeout(self.connection.idle_timeout) as idle:
            body = await in_time(opening, idle, self.connection, self.opening_error)
            async with body as pieces:
                data: bytes | None = b""
                while data is not None and not self._is_done:
                    data = await self._next(pieces, idle)
                    brings_news = False
                    for event in self._events(data):
                        yield event
                        brings_news = True
                    if brings_news:
                        idle.restart()
                if self._is_done:
                    await self._drain(pieces, idle)
        if self.reader.stop_reason is None:
            raise interrupted(self.connection)
        yield ReplyEnded(self.reader.stop_reason)

    async def _next(
        self, pieces: AsyncIterator[bytes], idle: IdleTimeout
    ) -> bytes | None:
        pending = anext(pieces, None)
        return await in_time(pending, idle, self.connection, self.stream_error)

    async def _drain(self, pieces: AsyncIterator[bytes], idle: IdleTimeout) -> None:
        """Read to the very end: the connection can then take the next request."""
        idle.restart(_DRAIN_SECONDS)
        with suppress(ProviderError):
            await self._next(pieces, idle)

    def _events(self, data: bytes | None) -> Iterable[ProviderEvent]:
        """Yield the events that `data`, or with `None` the body's end, completes."""
        decoder = self.decoder
        try:
            for chunk in decoder.end() if data is None else decoder.decode(data):
                if chunk is DONE:
                    self._is_done = True
                    return
                yield from self.reader.read(chunk)
        except RefusedInStream as error:
            raise refused(error.refusal, self.connection, self.model) from None
        except UNREADABLE as error:
            raise malformed(self.connection) from error


@asynccontextmanager
async def body_of(response: Any) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """Hold a response of httpx, or of its successor, open while its body is read."""
    is_plain = "content-encoding" not in response.headers
    pieces = aiter(response.stream) if is_plain else response.aiter_bytes()
    try:
        async with aclosing(pieces):
            yield pieces
    finally:
        await response.aclose()


async def in_time(
    awaitable: Awaitable[T],
    idle: IdleTimeout,
    connection: Connection,
    explain: Explain,
) -> T:
    """Await something of an SDK as long as there is time.

    Raises our errors for the SDK's.
    """
    try:
        return await idle.wait(awaitable)
    except TimeoutError as error:
        raise timed_out(connection) from error
    except Exception as error:
        known = explain(error)
        if known is None:
            raise
        raise known from error


class ThinkingDraft:
    """Thinking that streams in pieces, for wires that do not seal it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, text: str) -> Iterable[ProviderEvent]:
        """Take in more of it."""
        self._pieces.append(text)
        yield ThinkingDelta(text)

    def close(self) -> Iterable[ProviderEvent]:
        """End it, if it has begun: something else follows."""
        if self._pieces:
            yield Thinking(text="".join(self._pieces))
            self._pieces.clear()


def tool_call(name: str, native_id: str | None, arguments: str) -> ToolCall:
    """Return a tool call whose arguments came as JSON text, with or without a fault.

    No text at all stands for no arguments.
    """
    if not arguments.strip():
        return ToolCall(name=name, native_id=native_id)
    try:
        parsed = json.loads(arguments)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return ToolCall(name=name, native_id=native_id, arguments=parsed)
    return ToolCall(name=name, native_id=native_id, raw=arguments)
