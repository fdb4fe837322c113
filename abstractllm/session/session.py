"""Sessions: a conversation that any provider can continue."""

from __future__ import annotations

import asyncio
import os
from collections.abc import (
    AsyncGenerator,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal, Unpack, overload

import attrs

from abstractllm.blocking import blocking, iterate, run
from abstractllm.enums import SessionMode
from abstractllm.events import TextDelta, TurnEnded
from abstractllm.messages import Message, Part, new_id, now
from abstractllm.providers.pool import ProviderPool
from abstractllm.session.answering import answer_of
from abstractllm.session.compacted import as_sent
from abstractllm.session.journal import Journal
from abstractllm.session.selection import ProviderReference, Selection
from abstractllm.session.session_file import read_session_file, session_text
from abstractllm.session.titling import Titling
from abstractllm.session.trust import Trust, mode_of
from abstractllm.session.turn_options import (
    PromptOptions,
    TurnOptions,
)
from abstractllm.store.contract import SessionRecord
from abstractllm.tools.definition import Tool
from abstractllm.tools.remembered import RememberedApprovals


class Session(Titling):
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
        keep: Callable[[Session], Session] = lambda session: session,
    ) -> None:
        """Initialize a session.

        `provider` is an instance, a name, or `"name:model"`. `provider_config` goes
        over the provider's own and under a call's; its keys are `ModelParameter`s or
        their strings. `tools` are functions, dictionaries or `ToolDefinition`s, offered
        to the model in every turn. `mode` says how freely tools may act. `journal` and
        `providers` are for whoever opens sessions that exist: the journal to continue,
        without the first four, and the providers to share. `approvals` are those given
        for always, and `keep` is told of the sessions that are forked off.
        """
        selection = Selection.of(provider, provider_config)
        if journal and provider is None:
            selection = Selection.of_record(journal.record)
        record = SessionRecord(
            id=new_id(),
            system_prompt=system_prompt,
            metadata=dict(metadata or {}),
            mode=mode_of(mode),
            **selection.stored_fields,
        )
        trust = Trust(approvals)
        if journal is None:
            trust.grant_mode(record.id, record.mode)
        super().__init__(
            journal or Journal(record),
            trust,
            selection,
            providers or ProviderPool(),
            tools or (),
        )
        self._approvals = approvals
        self._keep = keep

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
            as_sent(self.get_history()), target=target, system_prompt=self.system_prompt
        )
        return projected.messages

    async def fork_async(
        self, message_id: str | None = None, title: str | None = None
    ) -> Session:
        """Return a new session that begins with the history up to a message.

        Without a message, with all that is shown. It goes on with the same provider,
        parameters and tools. Raises `InvalidParameter` where there is no such message.
        """
        await self.refresh_async()
        history = self._journal.history
        branch = history.path(history.head_id)
        if message_id is not None:
            branch = history.path(history.find(message_id).id)
        if title is None and self.record.title is not None:
            title = f"{self.record.title} (fork)"
        record = attrs.evolve(
            self.record,
            id=new_id(),
            title=title,
            mode=self.mode,
            former_heads=(),
            pinned=False,
            created_at=now(),
            updated_at=now(),
        )
        forked = Session(
            tools=self.tools,
            journal=await self._journal.fork(record, branch),
            providers=self._providers,
            approvals=self._approvals,
            keep=self._keep,
        )
        forked._selection = self._selection
        if record.mode is SessionMode.AUTO:
            await forked.set_mode_async(record.mode)
        return self._keep(forked)

    fork = blocking(fork_async)

    async def generate_with_tools_async(
        self, prompt: str | Sequence[Part], **options: Unpack[PromptOptions]
    ) -> Message:
        """Answer a prompt and return the model's last message.

        Raises what `stream` raises, and the `ProviderError` that ended the turn.
        """
        return await answer_of(self.stream(prompt, **options))

    generate_with_tools = blocking(generate_with_tools_async)

    async def generate_async(
        self, prompt: str | Sequence[Part], **options: Unpack[PromptOptions]
    ) -> str:
        """Answer a prompt and return the text of the model's last message.

        Raises what `generate_with_tools` raises.
        """
        return (await self.generate_with_tools_async(prompt, **options)).content

    async def regenerate_async(
        self, message_id: str | None = None, **options: Unpack[TurnOptions]
    ) -> str:
        """Answer the prompt of a message anew: a fold of `stream_again`.

        Raises what `generate_with_tools` raises.
        """
        return (await answer_of(self.stream_again(message_id, **options))).content

    regenerate = blocking(regenerate_async)

    async def stream_text(
        self, prompt: str | Sequence[Part], **options: Unpack[PromptOptions]
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
        **options: Unpack[PromptOptions],
    ) -> str: ...

    @overload
    def generate(
        self,
        prompt: str | Sequence[Part],
        *,
        stream: Literal[True],
        **options: Unpack[PromptOptions],
    ) -> Iterator[str]: ...

    def generate(
        self,
        prompt: str | Sequence[Part],
        *,
        stream: bool = False,
        **options: Unpack[PromptOptions],
    ) -> str | Iterator[str]:
        """Answer a prompt: `generate_async`, or `stream_text` with `stream=True`."""
        if stream:
            return iterate(self.stream_text(prompt, **options))
        return run(self.generate_async(prompt, **options))

    def export(self, form: Literal["json", "markdown"] = "json") -> str:
        """Return the session as a text, without keys.

        JSON holds all branches, for `SessionManager.import_session`; Markdown what is
        shown, for people.
        """
        journal = self._journal
        if form == "json":
            return session_text(journal.record, journal.history, journal.document)
        from abstractllm.session.markdown import to_markdown

        return to_markdown(journal.record, journal.history.branch)

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
