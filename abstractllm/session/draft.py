"""The assistant's message while it is being written."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs

from abstractllm.enums import MessageRole
from abstractllm.errors import AbstractLLMError
from abstractllm.events import ProviderEvent
from abstractllm.finishing import finish
from abstractllm.messages import Message, MessageStatus, new_id, now
from abstractllm.pricing import PricedModel
from abstractllm.session.context_use import context_use
from abstractllm.session.journal import Journal
from abstractllm.session.reply import Reply

AUTOSAVE_SECONDS = 1.0
"""At most this much of a streaming reply is lost when the process is killed."""


class Draft:
    """A reply on its way into the journal."""

    def __init__(
        self, journal: Journal, provider: str, model: str, priced: PricedModel
    ) -> None:
        self.reply = Reply()
        self._journal = journal
        self._provider = provider
        self._model = model
        self._priced = priced
        self._id = new_id()
        self._created_at = now()
        self._saved_events = self._events = 0

    def add(self, event: ProviderEvent) -> None:
        """Take in the next event of the stream."""
        if not self._events:  # prices are loaded while the reply comes, and not before
            self._pricing = asyncio.create_task(self._priced.window())
        self.reply.add(event)
        self._events += 1

    async def keep(
        self, status: MessageStatus, error: AbstractLLMError | None = None
    ) -> Message:
        """Add what there is of the reply to the history, and return it."""
        return await finish(self._keep(self._message(status, error)))

    async def _keep(self, message: Message) -> Message:
        if message.usage is not None:
            message = attrs.evolve(message, cost=await self._priced.cost(message.usage))
        context = context_use(
            [*self._journal.history, message], await self._priced.window()
        )
        return await self._journal.add(message, context=context)

    @asynccontextmanager
    async def autosaved(self) -> AsyncGenerator[None, None]:
        """Keep the growing reply in the store about once a second."""
        saving = asyncio.create_task(self._autosave())
        try:
            yield
        finally:
            saving.cancel()

    async def _autosave(self) -> None:
        while True:
            await asyncio.sleep(AUTOSAVE_SECONDS)
            if self._events != self._saved_events:
                self._saved_events = self._events
                await self._journal.keep_draft(self._message(MessageStatus.INTERRUPTED))

    def _message(
        self, status: MessageStatus, error: AbstractLLMError | None = None
    ) -> Message:
        return Message(
            id=self._id,
            role=MessageRole.ASSISTANT,
            parts=self.reply.parts,
            provider=self._provider,
            model=self._model,
            usage=self.reply.usage,
            created_at=self._created_at,
            status=status,
            metadata=error_metadata(error) if error else {},
        )


def error_metadata(error: AbstractLLMError) -> dict[str, object]:
    """Return how a message remembers the error that ended it."""
    return {"error": {"kind": error.kind, "message": str(error)}}
