"""The turn loop: from a prompt in the history to the end of the model's answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

import attrs

from abstractllm.errors import AbstractLLMError, StreamInterrupted
from abstractllm.events import (
    ChangedFile,
    Event,
    MessageAdded,
    Notice,
    NoticeLevel,
    ReplyEnded,
    StopReason,
    TurnEnded,
)
from abstractllm.interface import AbstractLLMInterface, Config, Request
from abstractllm.messages import (
    Cost,
    Message,
    MessageStatus,
    Thinking,
    ToolCall,
    Usage,
    total_cost,
)
from abstractllm.pricing import PricedModel
from abstractllm.session.call_round import CallRound
from abstractllm.session.checkpoints import Checkpoints
from abstractllm.session.compacted import as_sent
from abstractllm.session.draft import Draft
from abstractllm.session.journal import Journal
from abstractllm.session.permission import Permission
from abstractllm.tools.toolbox import Toolbox

if TYPE_CHECKING:  # what looks at files is loaded once somebody does
    from abstractllm.workspace.instructions import Instructions


@attrs.define(kw_only=True)
class Turn:
    """One answer: replies and tool calls until the model has nothing to add.

    Cancelling the task that runs it, or closing `run`, closes the connection and keeps
    what was said, marked `interrupted`.
    """

    journal: Journal
    provider: AbstractLLMInterface
    config: Config
    toolbox: Toolbox
    permission: Permission
    max_tool_calls: int
    instructions: Instructions | None = None
    usage: Usage = attrs.field(factory=Usage, init=False)
    stop_reason: StopReason | None = attrs.field(default=None, init=False)
    last_message: Message | None = attrs.field(default=None, init=False)
    _costs: list[Cost | None] = attrs.field(factory=list, init=False)
    _calls_made: int = attrs.field(default=0, init=False)

    async def run(self) -> AsyncGenerator[Event, None]:
        """Yield the events of the turn; an error of the library ends it as an event."""
        error = None
        try:
            while self.stop_reason is None:
                async with aclosing(self._round()) as events:
                    async for event in events:
                        yield event
        except AbstractLLMError as raised:
            self.stop_reason, error = StopReason.ERROR, raised
        yield TurnEnded(
            stop_reason=self.stop_reason,
            usage=self.usage,
            message=self.last_message,
            error=error,
            changes=await self._changes(),
            cost=total_cost(self._costs),
            context=self.journal.record.context,
        )

    async def _changes(self) -> tuple[ChangedFile, ...]:
        if self.last_message is None:
            return ()
        turn_id = self.last_message.id
        changed = await Checkpoints(self.journal).changed({turn_id})
        return changed.get(turn_id, ())

    async def _round(self) -> AsyncGenerator[Event, None]:
        """Yield one reply, then its tools' results if it calls any."""
        prompt = self.journal.record.system_prompt
        if self.instructions is not None:
            joined = await self.instructions.joined(prompt, self.journal.history)
            prompt = joined.prompt
            for name in joined.names:
                yield Notice(f"{name} joins the instructions.", NoticeLevel.INFO)
        request = self._request(prompt)
        address = self.provider.charged_at(self.config)
        priced = PricedModel(request.model, address)
        draft = Draft(self.journal, self.provider.name, request.model, priced)
        async with aclosing(self._reply(draft, request)) as events:
            async for event in events:
                yield event
        calls = [part for part in draft.reply.parts if isinstance(part, ToolCall)]
        self._calls_made += len(calls)
        if not calls:
            self.stop_reason = draft.reply.stop_reason
        elif self._calls_made > self.max_tool_calls:
            self.stop_reason = StopReason.MAX_TOOL_CALLS
        else:
            calling = CallRound(self.journal, self.toolbox, self.permission, calls)
            async with aclosing(calling.run()) as events:
                async for event in events:
                    yield event

    async def _reply(
        self, draft: Draft, request: Request
    ) -> AsyncGenerator[Event, None]:
        try:
            async with (
                draft.autosaved(),
                aclosing(self.provider.stream(request)) as events,
            ):
                async for event in events:
                    draft.add(event)
                    if not isinstance(event, Thinking | ReplyEnded):
                        yield event
            if draft.reply.stop_reason is None:
                raise StreamInterrupted(
                    "The reply ended before it was finished. Try again."
                )
        except AbstractLLMError as error:
            yield await self._keep(draft, MessageStatus.ERROR, error)
            raise
        except BaseException:
            await self._keep(draft, MessageStatus.INTERRUPTED)
            raise
        yield await self._keep(draft, MessageStatus.COMPLETE)

    async def _keep(
        self,
        draft: Draft,
        status: MessageStatus,
        error: AbstractLLMError | None = None,
    ) -> MessageAdded:
        self.usage += draft.reply.usage or Usage()
        self.last_message = await draft.keep(status, error)
        if self.last_message.usage is not None:
            self._costs.append(self.last_message.cost)
        return MessageAdded(self.last_message)

    def _request(self, system_prompt: str | None) -> Request:
        return Request(
            messages=tuple(as_sent(self.journal.history.branch)),
            system_prompt=system_prompt,
            tools=tuple(t for t in self.toolbox if self.permission.offers(t)),
            config=self.config,
        )
