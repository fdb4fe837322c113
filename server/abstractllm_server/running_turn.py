"""A turn in a task of its own, told to the editor as it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import aclosing

from abstractllm.enums import MessageRole
from abstractllm.errors import AbstractLLMError
from abstractllm.events import (
    ChangedFile,
    Event,
    MessageAdded,
    StopReason,
    TurnEnded,
)
from abstractllm.messages import Message, Usage, new_id, total_cost
from abstractllm.session import Session
from abstractllm_server.errors import INTERNAL_MESSAGE, InternalError
from abstractllm_server.updates import Update, UpdateStream

logger = logging.getLogger(__name__)


class RunningTurn:
    """Answers one prompt; its last update, and no other, is `turnEnded`."""

    def __init__(
        self,
        session: Session,
        send: Callable[[str, int, Update], None],
        running: MutableMapping[str, RunningTurn],
    ) -> None:
        """Send each update with the turn's id and the update's number by `send`.

        From its begin to its end the turn stands in `running`, by its session's id.
        """
        self.id = new_id()
        self.updates = UpdateStream(
            lambda seq, update: send(self.id, seq, update), session.siblings
        )
        self._session = session
        self._running = running
        self._watchers: list[Callable[[Event], None]] = [self.updates.add]
        self._answers_prompt = False
        self._task: asyncio.Task[None] | None = None

    def watch(self, watcher: Callable[[Event], None]) -> None:
        """Have `watcher` told the events of the turn too, `TurnEnded` last."""
        self._watchers.append(watcher)

    async def start(self, events: AsyncGenerator[Event, None]) -> None:
        """Begin the turn with its first event, and return once the prompt is kept.

        Raises what `Session.stream` raises before a turn begins.
        """
        began = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(events, began))
        await began

    def stop(self) -> None:
        """Stop the turn; it ends soon, however often it is told to."""
        if self._task is not None and not self._task.cancelling():
            self._task.cancel()

    async def cancel(self) -> None:
        """Stop the turn; when this returns it has ended and is kept."""
        self.stop()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(
        self, events: AsyncGenerator[Event, None], began: asyncio.Future[None]
    ) -> None:
        try:
            ended = await self._relay(events, began)
        except asyncio.CancelledError:
            ended = await self._ended(StopReason.CANCELLED)
        except Exception as error:
            if not began.done():
                began.set_exception(error)
                return
            logger.exception("a turn broke")
            failed = InternalError(INTERNAL_MESSAGE)
            ended = await self._ended(StopReason.ERROR, failed)
        del self._running[self._session.id]
        self._tell(ended)

    async def _relay(
        self, events: AsyncGenerator[Event, None], began: asyncio.Future[None]
    ) -> TurnEnded:
        # `turnEnded` is held back until the session is free for the next prompt.
        async with aclosing(events):
            async for event in events:
                if not began.done():
                    self._answers_prompt = isinstance(event, MessageAdded)
                    self._running[self._session.id] = self
                    began.set_result(None)
                if isinstance(event, TurnEnded):
                    ended = event
                else:
                    self._tell(event)
        return ended

    def _tell(self, event: Event) -> None:
        for watcher in self._watchers:
            watcher(event)

    async def _ended(
        self, stop_reason: StopReason, error: InternalError | None = None
    ) -> TurnEnded:
        """Return the end of a turn that did not live to tell it."""
        answers: list[Message] = []
        history = self._session.get_history() if self._answers_prompt else []
        for message in reversed(history):
            if message.role is MessageRole.USER:
                break
            if message.role is MessageRole.ASSISTANT:
                answers.append(message)
        return TurnEnded(
            stop_reason=stop_reason,
            usage=sum((m.usage for m in answers if m.usage), Usage()),
            cost=total_cost(m.cost for m in answers if m.usage),
            context=self._session.record.context,
            message=answers[0] if answers else None,
            error=error,
            changes=await self._changes(answers[0]) if answers else (),
        )

    async def _changes(self, answer: Message) -> tuple[ChangedFile, ...]:
        try:
            changed = await self._session.changed_files_async([answer.id])
        except AbstractLLMError:  # the turn ends, whatever is wrong
            logger.warning("what a turn changed cannot be told", exc_info=True)
            return ()
        return changed.get(answer.id, ())
