"""SDK clients, kept for as long as their event loop and their provider live."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from importlib import import_module
from typing import Generic, Protocol, TypeVar

from abstractllm.providers.connection import Connection


class Closable(Protocol):
    """All that is asked of a client here."""

    async def close(self) -> None:
        """Close the client's connections."""


Client = TypeVar("Client", bound=Closable)


class Clients(Generic[Client]):
    """One client for each event loop and connection: sockets are bound to a loop.

    Each client lives in a suspended asynchronous generator. So it is closed when its
    loop shuts down, as `asyncio.run` closes all generators, or when the last reference
    to this object goes, whichever comes first.
    """

    def __init__(self) -> None:
        self._kept: dict[
            asyncio.AbstractEventLoop,
            dict[Connection, tuple[Client, AsyncGenerator[Client, None]]],
        ] = {}

    async def get(
        self, connection: Connection, make: Callable[[Connection], Client]
    ) -> Client:
        """Return this loop's client for a connection, a new one if need be."""
        self._forget_closed_loops()
        kept = self._kept.setdefault(asyncio.get_running_loop(), {})
        if connection not in kept:
            keeper = _keep(make(connection))
            kept[connection] = (await anext(keeper), keeper)
        return kept[connection][0]

    async def aclose(self) -> None:
        """Close this loop's clients."""
        kept = self._kept.pop(asyncio.get_running_loop(), {})
        for _, keeper in kept.values():
            await keeper.aclose()

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in self._kept if loop.is_closed()]:
            del self._kept[loop]


async def _keep(client: Client) -> AsyncGenerator[Client, None]:
    # It must not refer to the provider: in a cycle, the garbage collector would drop
    # the sockets before the generator can close them.
    try:
        yield client
    finally:
        await client.close()


async def load(*modules: str) -> None:
    """Import modules without holding up the event loop: an SDK takes seconds."""
    for module in modules:
        if module not in sys.modules:
            await asyncio.to_thread(import_module, module)
