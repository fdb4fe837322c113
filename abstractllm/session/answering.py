"""A conversation that any provider can continue: the turn, and who answers it."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Unpack, cast

from abstractllm.blocking import blocking
from abstractllm.enums import MessageRole
from abstractllm.errors import InvalidParameter
from abstractllm.events import Event, MessageAdded, Notice, TurnEnded
from abstractllm.messages import Message, Part
from abstractllm.providers.pool import ProviderPool
from abstractllm.session.branching import Branching
from abstractllm.session.conversation import parts_of
from abstractllm.session.journal import Journal
from abstractllm.session.selection import ProviderReference, Selection
from abstractllm.session.trust import Trust
from abstractllm.session.turn_options import (
    COMPACT_AT,
    MAX_TOOL_CALLS,
    PromptOptions,
    TurnOptions,
)
from abstractllm.tools.definition import Tool, tool_definition

if TYPE_CHECKING:
    from abstractllm.session.turn import Turn

TITLE_LENGTH = 60


class Answering(Branching):
    """The part of a `Session` that has a provider answer its prompts."""

    def __init__(
        self,
        journal: Journal,
        trust: Trust,
        selection: Selection,
        providers: ProviderPool,
        tools: Sequence[Tool],
    ) -> None:
        super().__init__(journal, trust)
        self.tools: list[Tool] = [tool_definition(tool) for tool in tools]
        self._selection = selection
        self._providers = providers
        self._notices_told: set[str] = set()

    @property
    def provider(self) -> ProviderReference | None:
        """The provider that answers unless a call names another: instance or name."""
        return self._selection.provider

    @property
    def provider_config(self) -> Mapping[str, Any]:
        """The session's own parameters, by their names."""
        return {str(key): value for key, value in self._selection.config.items()}

    @property
    def is_all_stored(self) -> bool:
        """Whether the store could give back all of this session.

        It has no tools then, no key, address or provider instance of its own, and
        nothing that the store has yet to take.
        """
        stored = Selection.of_record(self.record)
        is_ordinary = not self.tools and self._selection == stored
        return is_ordinary and self._journal.is_all_stored

    @property
    def is_stored(self) -> bool:
        """Whether a store has anything of this session."""
        return self._journal.is_stored

    async def switch_provider_async(
        self,
        provider: ProviderReference,
        provider_config: Mapping[Any, Any] | None = None,
    ) -> None:
        """Let another provider answer from the next turn on.

        `provider_config` takes the place of the session's. Raises `UnknownProvider`
        and `InvalidParameter`.
        """
        selection = Selection.of(provider, provider_config)
        async with self._changing():
            await self._journal.change(**selection.stored_fields)
            self._selection = selection

    switch_provider = blocking(switch_provider_async)

    def stream(
        self, prompt: str | Sequence[Part], **options: Unpack[PromptOptions]
    ) -> AsyncGenerator[Event, None]:
        """Answer a prompt: the one turn loop, of which `generate` is a fold.

        The first event is the prompt's `MessageAdded`, the last one `TurnEnded`, which
        holds the error if a provider failed. What is wrong before the turn begins is
        raised: `TurnRunning`, `NoProvider`, `UnknownProvider`, `InvalidParameter`,
        `UnknownSession`. Closing the generator, or cancelling the task that reads it,
        stops the turn and keeps what was said.
        """
        if not prompt or (isinstance(prompt, str) and not prompt.strip()):
            raise InvalidParameter("The prompt is empty.")

        async def begin() -> Message:
            history = self._journal.history
            parent_id = options.get("parent_id", history.head_id)
            if parent_id is not None:
                history.find(parent_id)
            message = Message(
                role=MessageRole.USER,
                parts=(*options.get("context", ()), *parts_of(prompt)),
            )
            title = self.record.title or automatic_title(message.content)
            return await self._journal.add_after(parent_id, message, title=title)

        return self._answer(begin, options)

    def stream_again(
        self, message_id: str | None = None, **options: Unpack[TurnOptions]
    ) -> AsyncGenerator[Event, None]:
        """Answer the prompt of a message anew, beside the answer it has; see `stream`.

        Without a message, the last prompt that is shown.
        """

        async def begin() -> Message:
            prompt = self._journal.history.prompt_of(message_id)
            await self._journal.show(prompt.id)
            return prompt

        return self._answer(begin, options)

    async def _answer(
        self,
        begin: Callable[[], Awaitable[Message]],
        options: TurnOptions,
    ) -> AsyncGenerator[Event, None]:
        """Answer the prompt that `begin` makes the last message of the history."""
        async with self._answering():
            await self._refresh()
            turn = self._turn(options)
            yield MessageAdded(await begin())
            async with aclosing(self._room_for(turn, options)) as events:
                async for event in events:
                    yield event
            for notice in map(Notice, self._journal.notices):
                if not self._was_told(notice):
                    yield notice
            async with aclosing(turn.run()) as events:
                async for event in events:
                    if not self._was_told(event):
                        yield event

    async def _room_for(
        self, turn: Turn, options: TurnOptions
    ) -> AsyncGenerator[Event, None]:
        """Compact the history if it leaves too little room for this turn."""
        from abstractllm.session.compactor import Compactor

        compactor = Compactor.of(self._journal, turn.provider, turn.config)
        if await compactor.is_due(options.get("compact_at", COMPACT_AT)):
            async with aclosing(compactor.make_room()) as events:
                async for event in events:
                    yield event

    async def refresh_async(self) -> None:
        """Take in what other processes wrote to the session.

        While it answers a prompt that waits: what is stored of the answer is a draft.
        Raises `UnknownSession` if one of them deleted it.
        """
        if not self.turn_running:
            await self._refresh()

    refresh = blocking(refresh_async)

    async def _refresh(self) -> None:
        before = self.record
        await super()._refresh()
        if self.record is before:
            return
        if not self._selection.is_stored_in(self.record):
            self._selection = Selection.of_record(self.record)

    def _was_told(self, event: Event) -> bool:
        """Return whether an event is a notice that comes again with every request."""
        if not isinstance(event, Notice):
            return False
        told = event.message in self._notices_told
        self._notices_told.add(event.message)
        return told

    def _turn(self, options: TurnOptions) -> Turn:
        # Loaded on first use: a server's start has no need of them.
        from abstractllm.session.permission import Permission
        from abstractllm.session.turn import Turn
        from abstractllm.tools.toolbox import Toolbox

        called = Selection.of(options.get("provider"), options.get("provider_config"))
        provider, config = self._selection.for_call(called, self._providers)
        return Turn(
            journal=self._journal,
            provider=provider,
            config=config,
            toolbox=Toolbox([*self.tools, *options.get("tools", ())]),
            permission=Permission(
                journal=self._journal,
                approver=options.get("approver"),
                trust=self._trust,
            ),
            max_tool_calls=options.get("max_tool_calls", MAX_TOOL_CALLS),
            instructions=options.get("instructions"),
        )


async def answer_of(turn: AsyncGenerator[Event, None]) -> Message:
    """Return the model's last message of a turn; raise the error that ended it."""
    async with aclosing(turn) as events:
        async for event in events:
            last = event
    ended = cast(TurnEnded, last)
    if ended.error is not None:
        raise ended.error
    return cast(Message, ended.message)


def automatic_title(prompt: str) -> str:
    """Return the title of a session that nobody gave one: its first line."""
    first_line = next(iter(prompt.strip().splitlines()), "")
    return textwrap.shorten(first_line, TITLE_LENGTH, placeholder="…")
