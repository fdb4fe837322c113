"""A conversation that is compacted when the user says so, and back again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Unpack

from abstractllm.blocking import blocking
from abstractllm.errors import ProviderError
from abstractllm.events import Event, MessageAdded, StopReason, TurnEnded
from abstractllm.messages import Message, Usage, total_cost
from abstractllm.session.answering import Answering, answer_of
from abstractllm.session.context_use import context_use
from abstractllm.session.turn_options import TurnOptions


class Compacting(Answering):
    """The part of a `Session` that puts a summary in the place of old messages.

    Nothing is lost by it: what is shown, searched and exported is everything.
    """

    async def stream_compaction(
        self, **options: Unpack[TurnOptions]
    ) -> AsyncGenerator[Event, None]:
        """Have the session's model summarize all but the newest turns.

        Notices come first, then the summary's `MessageAdded`, and last `TurnEnded`,
        which holds the error if a provider failed. Raises what `stream` raises, and
        `InvalidParameter` where there is nothing to compact.
        """
        from abstractllm.session.compactor import Compactor

        async with self._answering():
            await self._refresh()
            turn = self._turn(options)
            compactor = Compactor.of(self._journal, turn.provider, turn.config)
            summary: Message | None = None
            error = None
            try:
                async with aclosing(compactor.summarize()) as events:
                    async for event in events:
                        if isinstance(event, MessageAdded):
                            summary = event.message
                        yield event
            except ProviderError as raised:
                error = raised
            used = summary.usage if summary else None
            yield TurnEnded(
                stop_reason=StopReason.ERROR if error else StopReason.END_TURN,
                usage=used or Usage(),
                message=summary,
                error=error,
                cost=total_cost([summary.cost] if summary else []),
                context=self.record.context,
            )

    async def compact_async(self, **options: Unpack[TurnOptions]) -> Message:
        """Summarize all but the newest turns, and return the message that does.

        Raises what `stream_compaction` raises, and the error that ended it.
        """
        async with aclosing(self.stream_compaction(**options)) as events:
            return await answer_of(events)

    compact = blocking(compact_async)

    async def uncompact_async(self, message_id: str) -> None:
        """Send again what the summary of this id stands for, and not the summary.

        Raises `InvalidParameter` for a message that is no summary.
        """
        from abstractllm.session.compactor import undone

        async with self._changing():
            await self._refresh()
            history = self._journal.history
            message = undone(history.find(message_id))
            branch = [message if m.id == message_id else m for m in history.branch]
            before = self.record.context
            context = context_use(branch, before.window if before else None)
            await self._journal.change(message, context=context)

    uncompact = blocking(uncompact_async)
