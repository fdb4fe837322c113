"""Asking before a tool acts: the question, the answer, and who gives it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import attrs

from abstractllm.enums import ToolKind
from abstractllm.messages import ToolCall

if TYPE_CHECKING:
    from abstractllm.workspace.changes import WorkspaceChange


class Verdict(StrEnum):
    """What the user says to a call."""

    ONCE = "once"
    """Yes, this time."""
    SESSION = "session"
    """Yes, and to the same in this session."""
    ALWAYS = "always"
    """Yes, and to the same in this workspace from now on."""
    REJECT = "reject"


@attrs.frozen(kw_only=True)
class Decision:
    """An answer.

    `reason` is for the model to read. `hunks` are the accepted ones of the question's
    diff, from 0; `None` means all of them.
    """

    verdict: Verdict
    reason: str | None = None
    hunks: tuple[int, ...] | None = None


def rejected(reason: str) -> Decision:
    """Return the decision not to carry a call out, for the reason that is given."""
    return Decision(verdict=Verdict.REJECT, reason=reason)


@attrs.frozen(kw_only=True)
class ApprovalRequest:
    """The question whether a call may be carried out.

    `change` is what it would change, and `diff` the same for people; `command` and
    `folder` are what it would run, and where.
    """

    session_id: str
    call: ToolCall
    kind: ToolKind
    title: str
    diff: str | None = None
    command: str | None = None
    folder: str | None = None
    change: WorkspaceChange | None = None


class Approver(Protocol):
    """Whoever decides about calls: a user in his editor, or a program."""

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Decide; it may take as long as it takes.

        Cancelled when the turn is. An `AbstractLLMError` it raises rejects the call,
        and its sentence is the reason.
        """
