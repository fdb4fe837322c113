"""Making room in a model's context: old tool results go first, then a summary comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import attrs

from abstractllm.enums import MessageRole, ModelParameter
from abstractllm.errors import InvalidParameter, ProviderError
from abstractllm.events import Event, MessageAdded, Notice, NoticeLevel
from abstractllm.interface import AbstractLLMInterface, Config
from abstractllm.messages import Message, Text
from abstractllm.pricing import PricedModel
from abstractllm.session.compacted import (
    METADATA_KEY,
    Compaction,
    as_sent,
    compaction_of,
    slots,
)
from abstractllm.session.context_use import context_use, estimated_tokens
from abstractllm.session.journal import Journal
from abstractllm.session.summarizing import Summarizer

ROOM = 0.5
"""The share of the window that is to be left when only tool results go."""

ALWAYS_ROOM = 2000
"""Tokens: with fewer, a turn need not wait for the list of windows."""

TAIL = 0.2
"""The share of the window that the newest turns may take to be kept verbatim."""

TAIL_TOKENS = 4000
"""The same, where the window is not known."""

NOTHING_TO_COMPACT = (
    "There is nothing to compact yet: the last prompt and its answer stay as they are."
)


@attrs.define(kw_only=True)
class Compactor:
    """Compacts the history that is shown, by the provider that answers there."""

    journal: Journal
    provider: AbstractLLMInterface
    config: Config
    priced: PricedModel

    @classmethod
    def of(
        cls, journal: Journal, provider: AbstractLLMInterface, config: Config
    ) -> Compactor:
        """Return what compacts with the model that this configuration names."""
        model = str(config[ModelParameter.MODEL])
        priced = PricedModel(model, provider.charged_at(config))
        return cls(journal=journal, provider=provider, config=config, priced=priced)

    async def is_due(self, share: float | None) -> bool:
        """Return whether the history fills more than a share of the model's window."""
        used = self._used()
        if not share or used < ALWAYS_ROOM:
            return False
        window = await self.priced.window()
        return window is not None and used > share * window

    async def make_room(self) -> AsyncGenerator[Event, None]:
        """Make room for the turn that has begun; what goes wrong is only told."""
        window = await self.priced.window()
        try:
            results = self._without_results(window)
            if results is not None:
                yield MessageAdded(await self.journal.add(results))
                yield Notice(
                    "Old results of tools are no longer sent.", NoticeLevel.INFO
                )
                return
            async for event in self.summarize():
                yield event
        except InvalidParameter:  # all of it is the last turn
            return
        except ProviderError as error:
            yield Notice(f"The history could not be compacted: {error}")

    async def summarize(self) -> AsyncGenerator[Event, None]:
        """Put a summary in the place of all but the newest turns.

        Raises `InvalidParameter` where there is nothing to compact, and a
        `ProviderError`. Nothing is changed then, or if it is cancelled.
        """
        window = await self.priced.window()
        branch = self.journal.history.branch
        first, end = _head(branch, window)
        head = [message for message in slots(branch)[first:end] if message is not None]
        yield Notice(f"{end - first} messages are summarized.", NoticeLevel.INFO)
        summarizer = Summarizer(
            provider=self.provider, config=self.config, window=window
        )
        text = await summarizer.summary(head)
        before = self._used()
        after = max(0, before - estimated_tokens(head)) + len(text) // 4
        compaction = Compaction(
            replaces=(branch[first].id, branch[end - 1].id),
            tokens_before=before,
            tokens_after=after,
        )
        message = Message(
            role=MessageRole.SYSTEM,
            parts=(Text(text),),
            provider=self.provider.name,
            model=self.priced.name,
            usage=summarizer.usage,
            cost=await self.priced.cost(summarizer.usage),
            metadata={METADATA_KEY: compaction.to_json()},
        )
        context = context_use([*branch, message], window)
        yield MessageAdded(await self.journal.add(message, context=context))

    def _without_results(self, window: int | None) -> Message | None:
        """Return what leaves old tool results out, if that makes enough room."""
        branch = self.journal.history.branch
        first, end = _head(branch, window)
        before = self._used()
        compaction = Compaction(
            replaces=(branch[first].id, branch[end - 1].id),
            tokens_before=before,
            tokens_after=0,
            tool_results_only=True,
        )
        message = Message(
            role=MessageRole.SYSTEM,
            parts=(),
            metadata={METADATA_KEY: compaction.to_json()},
        )
        saved = estimated_tokens(as_sent(branch)) - estimated_tokens(
            as_sent([*branch, message])
        )
        compaction = attrs.evolve(compaction, tokens_after=max(0, before - saved))
        if not window or compaction.tokens_after > ROOM * window:
            return None
        return attrs.evolve(message, metadata={METADATA_KEY: compaction.to_json()})

    def _used(self) -> int:
        used = context_use(self.journal.history.branch, None)
        return used.used if used else 0


def _head(branch: Sequence[Message], window: int | None) -> tuple[int, int]:
    """Return where what may be summarized begins, and where the tail does.

    Instructions that open the history stay before it. The tail begins with a prompt,
    so that no call is parted from its result.
    """
    sent = slots(branch)
    first = 0
    while first < len(branch) and branch[first].role is MessageRole.SYSTEM:
        first += 1
    limit = TAIL_TOKENS if window is None else int(TAIL * window)
    prompts = [
        place
        for place, message in enumerate(branch)
        if message.role is MessageRole.USER and sent[place] is message
    ]
    if len(prompts) < 2:
        raise InvalidParameter(NOTHING_TO_COMPACT)
    end, size = prompts[-1], 0
    last = len(branch)
    for place in reversed(prompts[1:]):
        size += estimated_tokens(m for m in sent[place:last] if m is not None)
        if size > limit and last < len(branch):
            break
        end, last = place, place
    if not any(sent[place] is branch[place] for place in range(first, end)):
        raise InvalidParameter(NOTHING_TO_COMPACT)
    return first, end


def undone(message: Message) -> Message:
    """Return the message of a compaction as one that no longer holds.

    Raises `InvalidParameter` for any other message.
    """
    compaction = compaction_of(message)
    if compaction is None:
        raise InvalidParameter(f"The message {message.id!r} is no summary.")
    told = attrs.evolve(compaction, undone=True).to_json()
    return attrs.evolve(message, metadata={**message.metadata, METADATA_KEY: told})
