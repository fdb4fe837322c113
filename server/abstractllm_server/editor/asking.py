"""What this room needs of the server: asking the editor things."""

from typing import Any, Protocol

from lsprotocol.types import ClientCapabilities


class Asking(Protocol):
    """Sends requests to the editor."""

    async def ask(self, method: str, params: Any) -> Any:
        """Ask, for as long as it takes; raises `JsonRpcException`.

        Cancelled, it takes the question back.
        """

    def client_capability(self, name: str) -> Any:
        """Return what `initializationOptions.capabilities` say; `None` if nothing."""

    @property
    def client_capabilities(self) -> ClientCapabilities:
        """What the editor said of itself."""
