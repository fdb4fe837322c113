"""Whether a call may be carried out: the mode, what was said before, and the user."""

from __future__ import annotations

import attrs

from abstractllm.enums import SessionMode, ToolKind
from abstractllm.errors import AbstractLLMError
from abstractllm.messages import ToolCall
from abstractllm.session.journal import Journal
from abstractllm.session.trust import Trust
from abstractllm.tools.approval import (
    ApprovalRequest,
    Approver,
    Decision,
    Verdict,
    rejected,
)
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.proposal import Proposal


@attrs.define(kw_only=True)
class Permission:
    """Decides about what tools propose; asks only where that is not decided yet."""

    journal: Journal
    approver: Approver | None
    trust: Trust

    def offers(self, tool: ToolDefinition) -> bool:
        """Return whether a tool is offered in the mode of the session."""
        only_looks = tool.kind in (None, ToolKind.READ)
        return only_looks or self.journal.record.mode is not SessionMode.ASK

    async def is_given(self, tool: ToolDefinition, proposal: Proposal) -> bool:
        """Return whether a proposal needs no asking."""
        if proposal.sensitive:
            return False
        mode = self.trust.mode(self.journal.record)
        if tool.kind is ToolKind.EDIT and mode is SessionMode.AUTO:
            return True
        return await self.trust.has(tool.name, proposal.scope)

    async def ask(
        self, call: ToolCall, tool: ToolDefinition, proposal: Proposal
    ) -> Decision:
        """Ask about a proposal, and remember what is to be remembered."""
        if self.approver is None:
            return rejected("Nobody is here who could approve it.")
        request = ApprovalRequest(
            session_id=self.journal.record.id,
            call=call,
            kind=tool.kind or ToolKind.OTHER,
            title=proposal.title,
            diff=proposal.diff,
            command=proposal.command,
            folder=proposal.folder,
            change=proposal.change,
        )
        try:
            decision = await self.approver.approve(request)
        except AbstractLLMError as error:
            return rejected(str(error))
        decision = _checked(decision, proposal)
        if decision.verdict in (Verdict.SESSION, Verdict.ALWAYS):
            always = decision.verdict is Verdict.ALWAYS
            await self.trust.grant(tool.name, proposal.scope, always=always)
        return decision


def _checked(decision: Decision, proposal: Proposal) -> Decision:
    """Return a decision about parts that there are; none accepted is a rejection."""
    if decision.hunks is None or decision.verdict is Verdict.REJECT:
        return decision
    if proposal.change is None or not decision.hunks:
        return rejected(decision.reason or "No part of it was accepted.")
    if not set(decision.hunks) <= set(range(proposal.change.hunk_count)):
        return rejected("The answer names parts that there are not.")
    return decision
