"""What a projection is made for, and what it yields."""

from typing import Any

import attrs

from abstractllm.messages import Message


@attrs.frozen(kw_only=True)
class Target:
    """Who will read the projection: a provider's name and a model of it."""

    provider: str
    model: str
    takes_images: bool = True

    def wrote(self, message: Message) -> bool:
        """Return whether `message` is this very model's own."""
        return (message.provider, message.model) == (self.provider, self.model)


@attrs.frozen(kw_only=True)
class Projected:
    """A history as one wire's messages.

    `messages` is the wire's own JSON. `system` is set only where the wire takes the
    system prompt apart. `notices` are sentences for the user about what was left out;
    they say the same for the same history, so tell them once.
    """

    messages: list[dict[str, Any]]
    system: str | None = None
    notices: tuple[str, ...] = ()
