"""The contract between a session and a provider."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

import attrs

from abstractllm.enums import ModelParameter
from abstractllm.errors import AbstractLLMError, InvalidParameter
from abstractllm.events import ProviderEvent
from abstractllm.messages import Message

Config = Mapping[ModelParameter, Any]
"""Parameters of a provider, a session or a call."""


@attrs.frozen(kw_only=True)
class ToolSpec:
    """A tool as a model sees it; `parameters` is a JSON schema of type object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = attrs.field(
        factory=lambda: {"type": "object", "properties": {}}
    )


@attrs.frozen(kw_only=True)
class Request:
    """One request to a model: the whole history, every time.

    `config` is complete: the call's parameters over the session's over the
    provider's, with `MODEL` set.
    """

    messages: tuple[Message, ...]
    system_prompt: str | None = None
    tools: tuple[ToolSpec, ...] = ()
    config: Config = attrs.field(factory=dict)

    @property
    def model(self) -> str:
        """The model that is asked."""
        return str(self.config[ModelParameter.MODEL])


@attrs.frozen(kw_only=True)
class ModelInfo:
    """A model a provider offers; `context_window` is in tokens."""

    id: str
    name: str | None = None
    context_window: int | None = None


class AbstractLLMInterface(ABC):
    """A provider of language models.

    An instance holds a configuration and, once used, open connections. It may serve
    many sessions at once, from any event loop.
    """

    name: ClassVar[str]
    """The provider's name in `create_llm` and on the wire."""

    default_model: ClassVar[str]
    """The model used where nobody names one."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config: Config = parameters(config or {})

    @property
    def model(self) -> str:
        """The model this provider uses unless a session or a call says otherwise."""
        return str(self.config.get(ModelParameter.MODEL) or self.default_model)

    @abstractmethod
    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """Ask the model and yield its reply, ending with `ReplyEnded`.

        Closing the generator, or cancelling the task that reads it, closes the
        connection. Raises a `ProviderError`.
        """

    @abstractmethod
    async def models(self) -> list[ModelInfo]:
        """Return the models this provider offers; raises a `ProviderError`."""

    def charged_at(self, config: Config) -> str | None:
        """Return the address of who charges for a request with this configuration.

        It is empty where nobody does, and `None` where that is not known.
        """
        return None

    def obstacle(self) -> AbstractLLMError | None:
        """Return what would keep a turn from being asked, as far as known from here.

        A missing key, or a local model that is not installed; nothing is contacted.
        """
        return None

    async def aclose(self) -> None:  # noqa: B027 - most providers have nothing to end
        """End what the provider keeps running, such as a local model's process."""

    async def retire(self) -> None:
        """Do what `aclose` does, but let the replies under way come to their end.

        Whoever takes another provider in the place of this one calls it.
        """
        await self.aclose()


def parameters(config: Mapping[Any, Any]) -> Config:
    """Return `config` with its keys, strings or enum members, as `ModelParameter`.

    Raises `InvalidParameter` for a key that is none.
    """
    known = {}
    for key, value in config.items():
        try:
            known[ModelParameter(key)] = value
        except ValueError:
            names = ", ".join(sorted(ModelParameter))
            raise InvalidParameter(
                f"There is no parameter {str(key)!r}. Use one of: {names}."
            ) from None
    return known
