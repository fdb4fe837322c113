"""SDK clients, shared by all providers of an event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from typing import Any, Protocol, TypeVar


class Closable(Protocol):
    """All that is asked of a client here."""

    async def close(self) -> None:
        """Close the client's connections."""


Client = TypeVar("Client", bound=Closable)


class Clients:
    """One client for each event loop and key: its sockets are bound to the loop.

    A client lives in a suspended asynchronous generator. A loop that shuts down closes
    those (`asyncio.run` sees to it), so no socket outlives its loop.
    """

    def __init__(self) -> None:
        self._kept: dict[
            asyncio.AbstractEventLoop,
            dict[Hashable, tuple[Any, AsyncGenerator[Any, None]]],
        ] = {}

    async def get(self, key: Hashable, make: Callable[[], Client]) -> Client:
        """Return this loop's client for `key`, a new one if there is none."""
        loop = asyncio.get_running_loop()
        if loop not in self._kept:
            self._forget_closed_loops()
        kept = self._kept.setdefault(loop, {})
        if key not in kept:
            keeper = _keep(make())
            kept[key] = (await anext(keeper), keeper)
        client: Client = kept[key][0]
        return client

    def _forget_closed_loops(self) -> None:
        for loop in list(self._kept):  # other threads add their loops meanwhile
            if loop.is_closed():
                self._kept.pop(loop, None)


async def _keep(client: Client) -> AsyncGenerator[Client, None]:
    try:
        yield client
    finally:
        await client.close()
