"""One tool call: proposed, approved, carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from abstractllm.enums import ToolKind
from abstractllm.events import (
    CallDetails,
    Event,
    ToolOutput,
    ToolProposed,
    ToolRejected,
    ToolStarted,
)
from abstractllm.finishing import finish
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.session.permission import Permission
from abstractllm.session.recording import Door, Recording
from abstractllm.tools.approval import Decision, Verdict
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.proposal import Proposal
from abstractllm.tools.toolbox import Toolbox, failure

if TYPE_CHECKING:
    from abstractllm.workspace.changes import WorkspaceChange

LONGEST_DIFF = 60_000
"""Characters of a diff that are kept with a message, for panels to show again."""

_ONLY_LOOK = (
    "This session is in the mode `ask`: nothing may be changed or run. Tell the user "
    "what you would do."
)
_STOPPED = "The user stopped the turn before this was done."
_STOPPED_AFTER = "This was done. Then the user stopped the turn."


class ToolRun:
    """Carries out one call; to the tool that acts, it is its `Performance`."""

    def __init__(
        self,
        call: ToolCall,
        toolbox: Toolbox,
        permission: Permission,
        recording: Recording,
        tell: Callable[[Event], None],
    ) -> None:
        """Tell what happens by `tell`, the result last."""
        self.call = call
        self.tool = toolbox.find(call)
        self.hunks: tuple[int, ...] | None = None
        self._toolbox = toolbox
        self._permission = permission
        self._recording = recording
        self._tell = tell
        self._details = CallDetails(kind=self.tool.kind if self.tool else None)
        self._status = "failed"
        self._result = failure(call, _STOPPED)

    @property
    def result(self) -> ToolResult:
        """What the call came to; before it is done, that it was stopped."""
        return self._result

    @property
    def only_reads(self) -> bool:
        """Whether it may run beside others."""
        return self._details.kind is ToolKind.READ

    async def run(self) -> None:
        """Carry the call out; what goes wrong is its result."""
        if self.tool is None or self._permission.offers(self.tool):
            result = await self._outcome()
        else:
            result = failure(self.call, _ONLY_LOOK)
        if not result.is_error:
            self._status = "done"
        self._result = result
        self._tell(result)

    def to_json(self) -> dict[str, Any]:
        """Return what a message remembers of the call, for panels."""
        details = attrs.asdict(self._details)
        diff = self._details.diff
        if diff and len(diff) > LONGEST_DIFF:
            cut = diff.rindex("\n", 0, LONGEST_DIFF) + 1
            details["diff"] = f"{diff[:cut]}… (the diff is longer)\n"
        told = {name: str(value) for name, value in details.items() if value}
        return {**told, "status": self._status}

    def tell(self, text: str) -> None:
        """Show the user more of the output."""
        self._tell(ToolOutput(self.call.id, text))

    async def apply(self, change: WorkspaceChange, door: Door) -> WorkspaceChange:
        """Have a change applied and kept; who is cancelled waits for the end of it."""

        async def apply() -> WorkspaceChange:
            made = await self._recording.apply(self.call.id, change, door)
            self._result = failure(self.call, _STOPPED_AFTER)
            return made

        return await finish(apply())

    async def _outcome(self) -> ToolResult:
        if self._details.kind in (None, ToolKind.READ):
            await self._start()
        outcome = await self._toolbox.call(self.call)
        if isinstance(outcome, ToolResult):
            return outcome
        assert self.tool is not None, "only a tool makes a proposal"
        return await self._act(self.tool, outcome)

    async def _act(self, tool: ToolDefinition, proposal: Proposal) -> ToolResult:
        self._details = CallDetails(
            kind=tool.kind,
            title=proposal.title,
            diff=proposal.diff,
            command=proposal.command,
            folder=proposal.folder,
        )
        decision = Decision(verdict=Verdict.ONCE)
        if not await self._permission.is_given(tool, proposal):
            self._tell(ToolProposed(self.call, self._details))
            decision = await self._permission.ask(self.call, tool, proposal)
        if decision.verdict is Verdict.REJECT:
            return self._rejected(decision.reason)
        await self._start()
        self.hunks = decision.hunks
        result = await self._toolbox.perform(self.call, lambda: proposal.perform(self))
        return _with_reason(result, decision.reason)

    async def _start(self) -> None:
        self._tell(ToolStarted(self.call, self._details))
        await asyncio.sleep(0)  # it is told before it happens

    def _rejected(self, reason: str | None) -> ToolResult:
        self._status = "rejected"
        self._tell(ToolRejected(self.call.id))
        sentence = "This was not approved, so nothing was done."
        return failure(self.call, f"{sentence} {reason}" if reason else sentence)


def _with_reason(result: ToolResult, reason: str | None) -> ToolResult:
    if not reason:
        return result
    return attrs.evolve(result, content=f"{result.content}\nThe user adds: {reason}")
