"""The synchronous face of the asynchronous library: one private loop in one thread.

Everything is written once, asynchronously. A blocking call hands its coroutine to the
private loop and waits; so it also works where the caller has a running loop himself
(a notebook), and connections stay open between calls.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="abstractllm", daemon=True).start()
    return loop


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine; interrupting the wait (Ctrl-C) cancels it."""
    future = asyncio.run_coroutine_threadsafe(coroutine, _loop())
    try:
        return future.result()
    finally:
        future.cancel()


def blocking(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Return the blocking form of an asynchronous function or method."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(method(*args, **kwargs))

    return call


def iterate(stream: AsyncGenerator[T, None]) -> Iterator[T]:
    """Yield what an asynchronous generator yields; leaving early closes it."""
    arrived: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()

    async def pump() -> None:
        try:
            async with aclosing(stream):
                async for item in stream:
                    arrived.put((item,))
        finally:
            arrived.put(None)

    future = asyncio.run_coroutine_threadsafe(pump(), _loop())
    ended = False
    try:
        while box := arrived.get():
            yield box[0]
        ended = True
        future.result()
    finally:
        future.cancel()
        while not ended:
            ended = arrived.get() is None
