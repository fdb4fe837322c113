"""The tool calls of one reply: carried out in order, and kept with their results."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import groupby

import attrs

from abstractllm.enums import MessageRole
from abstractllm.events import Event, MessageAdded
from abstractllm.finishing import finish
from abstractllm.messages import Message, MessageStatus, ToolCall
from abstractllm.session.journal import Journal
from abstractllm.session.permission import Permission
from abstractllm.session.recording import Recording
from abstractllm.session.tool_run import ToolRun
from abstractllm.tools.toolbox import Toolbox


class CallRound:
    """Carries out calls in order; those that only read run side by side."""

    def __init__(
        self,
        journal: Journal,
        toolbox: Toolbox,
        permission: Permission,
        calls: Sequence[ToolCall],
    ) -> None:
        self._journal = journal
        self._told: asyncio.Queue[Event | None] = asyncio.Queue()
        self._recording = Recording(journal, self._message)
        self._runs = [
            ToolRun(call, toolbox, permission, self._recording, self._told.put_nowait)
            for call in calls
        ]
        self._blank = Message(role=MessageRole.TOOL, parts=())

    async def run(self) -> AsyncGenerator[Event, None]:
        """Yield what happens; the last event is the `MessageAdded` of the results.

        However it ends, each call has a result in the history.
        """
        try:
            for reads, group in groupby(self._runs, key=lambda run: run.only_reads):
                runs = list(group)
                for together in [runs] if reads else [[run] for run in runs]:
                    async with aclosing(self._together(together)) as events:
                        async for event in events:
                            yield event
        except BaseException:
            await self._keep(MessageStatus.INTERRUPTED)
            raise
        yield MessageAdded(await self._keep(MessageStatus.COMPLETE))

    async def _together(self, runs: list[ToolRun]) -> AsyncGenerator[Event, None]:
        async def run_all() -> None:
            await asyncio.gather(*(run.run() for run in runs))

        running = asyncio.create_task(run_all())
        running.add_done_callback(lambda _: self._told.put_nowait(None))
        try:
            while (event := await self._told.get()) is not None:
                yield event
            await running
        finally:
            running.cancel()
            await finish(asyncio.wait([running]))

    async def _keep(self, status: MessageStatus) -> Message:
        return await self._journal.add(self._message(status))

    def _message(self, status: MessageStatus = MessageStatus.INTERRUPTED) -> Message:
        tools = {run.call.id: run.to_json() for run in self._runs}
        return attrs.evolve(
            self._blank,
            parts=tuple(run.result for run in self._runs),
            status=status,
            metadata={"tools": tools, **self._recording.metadata},
        )
