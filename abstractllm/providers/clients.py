"""SDK clients, kept for as long as their event loop and their provider live."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from importlib import import_module
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from abstractllm.providers.connection import Connection


class Closable(Protocol):
    """All that is asked of a client here."""

    async def close(self) -> None:
        """Close the client's connections."""


Client = TypeVar("Client", bound=Closable)


class Clients(Generic[Client]):
    """One client for each event loop and connection: sockets are bound to a loop.

    Each client lives in a suspended asynchronous generator. So it is closed when its
    loop shuts down (`asyncio.run` closes all generators), or when its provider is
    forgotten, whichever comes first.
    """

    def __init__(self, make: Callable[[Connection], Client]) -> None:
        self._make = make
        self._keepers: WeakKeyDictionary[
            asyncio.AbstractEventLoop,
            dict[Connection, tuple[Client, AsyncGenerator[Client, None]]],
        ] = WeakKeyDictionary()

    async def get(self, connection: Connection) -> Client:
        """Return this loop's client for a connection, a new one if need be."""
        kept = self._keepers.setdefault(asyncio.get_running_loop(), {})
        if connection not in kept:
            keeper = self._keep(connection)
            kept[connection] = (await anext(keeper), keeper)
        return kept[connection][0]

    async def aclose(self) -> None:
        """Close this loop's clients."""
        kept = self._keepers.pop(asyncio.get_running_loop(), {})
        for _, keeper in kept.values():
            await keeper.aclose()

    async def _keep(self, connection: Connection) -> AsyncGenerator[Client, None]:
        client = self._make(connection)
        try:
            yield client
        finally:
            # The client knows its loop: holding on to it would keep the weak key alive.
            kept = self._keepers.get(asyncio.get_running_loop(), {})
            kept.pop(connection, None)
            await client.close()


async def load(*modules: str) -> None:
    """Import modules without holding up the event loop: an SDK takes seconds."""
    for module in modules:
        if module not in sys.modules:
            await asyncio.to_thread(import_module, module)
