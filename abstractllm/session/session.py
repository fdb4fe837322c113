"""Sessions: a conversation that any provider can continue."""

from __future__ import annotations

import asyncio
import os
import textwrap
from collections.abc import (
    AsyncGenerator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast, overload

from abstractllm.blocking import blocking, iterate, run
from abstractllm.enums import MessageRole, SessionMode
from abstractllm.errors import InvalidParameter
from abstractllm.events import Event, MessageAdded, Notice, TextDelta, TurnEnded
from abstractllm.messages import Message, Part, new_id
from abstractllm.providers.pool import ProviderPool
from abstractllm.session.conversation import Conversation, parts_of
from abstractllm.session.journal import Journal
from abstractllm.session.selection import ProviderReference, Selection
from abstractllm.session.session_file import read_session_file
from abstractllm.session.trust import Trust, mode_of
from abstractllm.session.turn_options import MAX_TOOL_CALLS, TurnOptions
from abstractllm.store.contract import SessionRecord
from abstractllm.tools.definition import Tool, tool_definition
from abstractllm.tools.remembered import RememberedApprovals

if TYPE_CHECKING:
    from abstractllm.session.turn import Turn

TITLE_LENGTH = 60


class Session(Conversation):
    """A session for interacting with LLMs.

    Sessions maintain conversation history and can be persisted and loaded. What waits
    has two names for one implementation: `generate` blocks, `await generate_async`
    does not. A session answers one prompt at a time; until the turn ends, whatever
    would change its history raises `TurnRunning`.
    """

    def __init__(
        self,
        system_prompt: str | None = None,
        provider: ProviderReference | None = None,
        provider_config: Mapping[Any, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tools: Sequence[Tool] | None = None,
        *,
        mode: SessionMode | str = SessionMode.EDIT,
        journal: Journal | None = None,
        providers: ProviderPool | None = None,
        approvals: RememberedApprovals | None = None,
    ) -> None:
        """Initialize a session.

        `provider` is an instance, a name, or `"name:model"`. `provider_config` goes
        over the provider's own and under a call's; its keys are `ModelParameter`s or
        their strings. `tools` are functions, dictionaries or `ToolDefinition`s, offered
        to the model in every turn. `mode` says how freely tools may act. `journal` and
        `providers` are for whoever opens sessions that exist: the journal to continue,
        without the first four, and the providers to share. `approvals` are those given
        for always.
        """
        self.tools: list[Tool] = [tool_definition(tool) for tool in tools or ()]
        self._selection = Selection.of(provider, provider_config)
        if journal and provider is None:
            self._selection = Selection.of_record(journal.record)
        self._providers = providers or ProviderPool()
        record = SessionRecord(
            id=new_id(),
            system_prompt=system_prompt,
            metadata=dict(metadata or {}),
            mode=mode_of(mode),
            **self._selection.stored_fields,
        )
        trust = Trust(approvals)
        if journal is None:
            trust.grant_mode(record.id, record.mode)
        super().__init__(journal or Journal(record), trust)
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

        It has no tools then, and no key, address or provider instance of its own.
        """
        stored = Selection.of_record(self.record)
        return not self.tools and self._selection == stored

    def get_messages_for_provider(self, provider: str) -> list[dict[str, Any]]:
        """Return the history as the provider of this name is sent it.

        Raises `UnknownProvider`.
        """
        # Loaded on first use: it is a fiftieth of the server's start.
        from abstractllm.projection import Target, wire_of

        own = provider == self._selection.name
        target = Target(
            provider=provider, model=(self._selection.model if own else None) or ""
        )
        projected = wire_of(provider).project(
            self.get_history(), target=target, system_prompt=self.system_prompt
        )
        return projected.messages

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
        with self._changing():
            await self._journal.change(**selection.stored_fields)
            self._selection = selection

    switch_provider = blocking(switch_provider_async)

    async def stream(
        self, prompt: str | Sequence[Part], **options: Unpack[TurnOptions]
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
        with self._changing():
            await self._refresh()
            turn = self._turn(**options)
            prompt_message = Message(
                role=MessageRole.USER,
                parts=(*options.get("context", ()), *parts_of(prompt)),
            )
            title = self.record.title or _title(prompt_message.content)
            added = await self._journal.add(prompt_message, title=title)
            yield MessageAdded(added)
            for notice in map(Notice, self._journal.notices):
                if not self._was_told(notice):
                    yield notice
            async with aclosing(turn.run()) as events:
                async for event in events:
                    if not self._was_told(event):
                        yield event

    async def generate_with_tools_async(
        self, prompt: str | Sequence[Part], **options: Unpack[TurnOptions]
    ) -> Message:
        """Answer a prompt and return the model's last message.

        Raises what `stream` raises, and the `ProviderError` that ended the turn.
        """
        async with aclosing(self.stream(prompt, **options)) as events:
            async for event in events:
                last = event
        ended = cast(TurnEnded, last)
        if ended.error is not None:
            raise ended.error
        return cast(Message, ended.message)

    generate_with_tools = blocking(generate_with_tools_async)

    async def generate_async(
        self, prompt: str | Sequence[Part], **options: Unpack[TurnOptions]
    ) -> str:
        """Answer a prompt and return the text of the model's last message.

        Raises what `generate_with_tools` raises.
        """
        return (await self.generate_with_tools_async(prompt, **options)).content

    async def stream_text(
        self, prompt: str | Sequence[Part], **options: Unpack[TurnOptions]
    ) -> AsyncGenerator[str, None]:
        """Answer a prompt and yield the text as it comes.

        Raises what `generate_with_tools` raises.
        """
        async with aclosing(self.stream(prompt, **options)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield event.text
                elif isinstance(event, TurnEnded) and event.error:
                    raise event.error

    @overload
    def generate(
        self,
        prompt: str | Sequence[Part],
        *,
        stream: Literal[False] = False,
        **options: Unpack[TurnOptions],
    ) -> str: ...

    @overload
    def generate(
        self,
        prompt: str | Sequence[Part],
        *,
        stream: Literal[True],
        **options: Unpack[TurnOptions],
    ) -> Iterator[str]: ...

    def generate(
        self,
        prompt: str | Sequence[Part],
        *,
        stream: bool = False,
        **options: Unpack[TurnOptions],
    ) -> str | Iterator[str]:
        """Answer a prompt: `generate_async`, or `stream_text` with `stream=True`."""
        if stream:
            return iterate(self.stream_text(prompt, **options))
        return run(self.generate_async(prompt, **options))

    @classmethod
    async def load_async(
        cls,
        path: str | os.PathLike[str],
        provider: ProviderReference | None = None,
        tools: Sequence[Tool] | None = None,
    ) -> Session:
        """Return the session that `save` wrote, to go on with `provider`.

        Without `provider` it goes on with its own, by name. Raises
        `InvalidSessionFile` and `OSError`.
        """
        stored, document = await asyncio.to_thread(read_session_file, Path(path))
        journal = Journal.of_file(stored, document)
        return cls(provider=provider, tools=tools, journal=journal)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        provider: ProviderReference | None = None,
        tools: Sequence[Tool] | None = None,
    ) -> Session:
        """Return the session that `save` wrote: `load_async`, blocking."""
        return run(cls.load_async(path, provider, tools))

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
        await self._journal.refresh()
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

    def _turn(self, **options: Unpack[TurnOptions]) -> Turn:
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


def _title(prompt: str) -> str:
    first_line = next(iter(prompt.strip().splitlines()), "")
    return textwrap.shorten(first_line, TITLE_LENGTH, placeholder="…")
