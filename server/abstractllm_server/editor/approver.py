"""Asking the user, in his editor, before a tool acts."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from abstractllm.errors import ChangeRefused
from abstractllm.tools.approval import ApprovalRequest, Decision, Verdict, rejected
from abstractllm_server.editor.asking import Asking
from abstractllm_server.protocol import TOOL_APPROVE

LONGEST_MESSAGE = 1500
"""Characters of a diff or a command that a message box shows."""

Waiting = MutableMapping[tuple[str, str], ApprovalRequest]
"""Questions that stand, by their session and call."""

NO_ANSWER = "The editor gave an answer that is none."

_BUTTONS = {
    "Allow once": Verdict.ONCE,
    "Allow for this session": Verdict.SESSION,
    "Always allow": Verdict.ALWAYS,
    "Reject": Verdict.REJECT,
}


class EditorApprover:
    """The user, asked in the panel, or by a message where there is none."""

    def __init__(self, editor: Asking, turn_id: str, waiting: Waiting) -> None:
        """Ask for a turn; what is asked about stands in `waiting`, by its call."""
        self._editor = editor
        self._turn_id = turn_id
        self._waiting = waiting

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Ask, for as long as it takes; what is no answer rejects the call."""
        key = request.session_id, request.call.id
        self._waiting[key] = request
        try:
            if self._editor.client_capability("approvals") is True:
                return await self._by_panel(request)
            return await self._by_message(request)
        except JsonRpcException as error:
            raise ChangeRefused(
                f"The editor could not ask the user: {error.message}"
            ) from error
        finally:
            del self._waiting[key]

    async def _by_panel(self, request: ApprovalRequest) -> Decision:
        params = {
            "sessionId": request.session_id,
            "turnId": self._turn_id,
            "callId": request.call.id,
            "name": request.call.name,
            "kind": str(request.kind),
            "title": request.title,
            "arguments": dict(request.call.arguments),
        }
        for name in ("diff", "command", "folder"):
            if (value := getattr(request, name)) is not None:
                params[name] = value
        return _decision(await self._editor.ask(TOOL_APPROVE, params))

    async def _by_message(self, request: ApprovalRequest) -> Decision:
        shown = request.command or request.diff or ""
        if len(shown) > LONGEST_MESSAGE:
            shown = f"{shown[:LONGEST_MESSAGE]}\n…"
        actions = [types.MessageActionItem(title=title) for title in _BUTTONS]
        params = types.ShowMessageRequestParams(
            type=types.MessageType.Info,
            message=f"{request.title}?\n\n{shown}".strip(),
            actions=actions,
        )
        answer = await self._editor.ask(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
        if answer is None:
            return rejected("The user closed the question.")
        title = answer.title if hasattr(answer, "title") else ""
        if title not in _BUTTONS:
            return rejected(NO_ANSWER)
        return Decision(verdict=_BUTTONS[title])


def _decision(answer: Any) -> Decision:
    """Return what an editor answered; what cannot be understood is a rejection."""
    answer = answer if isinstance(answer, Mapping) else {}
    reason, hunks = answer.get("reason"), answer.get("hunks")
    try:
        verdict = Verdict(answer.get("decision"))
    except ValueError:
        return rejected(NO_ANSWER)
    if hunks is not None and not _are_numbers(hunks):
        return rejected(NO_ANSWER)
    return Decision(
        verdict=verdict,
        reason=reason.strip() or None if isinstance(reason, str) else None,
        hunks=None if hunks is None else tuple(hunks),
    )


def _are_numbers(hunks: Any) -> bool:
    return isinstance(hunks, list) and all(type(number) is int for number in hunks)
