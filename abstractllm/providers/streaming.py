"""What every streamed reply has in common, whichever wire it comes over."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias, TypeVar

from abstractllm.errors import ProviderError
from abstractllm.events import ProviderEvent, ReplyEnded, StopReason, ThinkingDelta
from abstractllm.messages import Thinking, ToolCall
from abstractllm.providers.connection import Connection
from abstractllm.providers.failures import interrupted, malformed, timed_out

T = TypeVar("T")
Chunk = TypeVar("Chunk")
ReadChunk = TypeVar("ReadChunk", contravariant=True)

Opening: TypeAlias = Awaitable[AbstractAsyncContextManager[AsyncIterator[Chunk]]]
"""A request on its way to the stream that answers it."""

Explain: TypeAlias = Callable[[Exception], ProviderError | None]
"""Returns our error for an SDK's, `None` for one that is not the vendor's doing."""

UNREADABLE = (ValueError, TypeError, AttributeError, LookupError)
"""How JSON that is broken, or of another shape, shows when it is read."""


class Reader(Protocol[ReadChunk]):
    """Turns the chunks of one reply into events; `stop_reason` is set at its end."""

    stop_reason: StopReason | None

    def read(self, chunk: ReadChunk) -> Iterable[ProviderEvent]:
        """Return the events of the next chunk."""


async def relay(
    opening: Opening[Chunk],
    reader: Reader[Chunk],
    connection: Connection,
    *,
    opening_error: Explain,
    stream_error: Explain,
) -> AsyncGenerator[ProviderEvent, None]:
    """Yield the events of one reply as they come, and `ReplyEnded` last.

    Closing this generator closes the connection. Only chunks that bring an event
    restart the idle time-out: a server's heartbeats do not, nor does the time that
    the caller takes between two events.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + connection.idle_timeout
    stream = await in_time(opening, deadline, connection, opening_error)
    async with stream as chunks:
        while True:
            pending = anext(chunks, None)
            try:
                chunk = await in_time(pending, deadline, connection, stream_error)
                if chunk is None:
                    break
                events = tuple(reader.read(chunk))
            except UNREADABLE as error:
                raise malformed(connection) from error
            for event in events:
                yield event
            if events:
                deadline = now() + connection.idle_timeout
    if reader.stop_reason is None:
        raise interrupted(connection)
    yield ReplyEnded(reader.stop_reason)


async def in_time(
    awaitable: Awaitable[T], deadline: float, connection: Connection, explain: Explain
) -> T:
    """Await something of an SDK until `deadline`, a time of the event loop.

    Raises our errors for the SDK's.
    """
    try:
        async with asyncio.timeout_at(deadline):
            return await awaitable
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
