"""From a turn's events to the updates an editor is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from abstractllm.encoding import cost_to_json, message_to_json, to_json
from abstractllm.enums import MessageRole
from abstractllm.events import (
    CallDetails,
    Event,
    MessageAdded,
    Notice,
    TextDelta,
    ThinkingDelta,
    ToolOutput,
    ToolProposed,
    ToolRejected,
    ToolStarted,
    TurnEnded,
    UsageReported,
)
from abstractllm.messages import Message, ToolCall, ToolResult
from abstractllm_server.errors import error_to_json

Update = dict[str, Any]

DELTA_SECONDS = 1 / 30
"""The shortest time between two delta updates of one turn."""


class UpdateStream:
    """Numbers a turn's updates, joins deltas that come fast, and remembers them.

    The first delta is sent at once, so that an answer appears without delay; the ones
    that follow within `DELTA_SECONDS` are joined into one update.
    """

    def __init__(
        self,
        send: Callable[[int, Update], None],
        siblings: Callable[[list[Message]], dict[str, list[str]]] = lambda messages: {},
    ) -> None:
        """Send each update with its number, from 0, by `send`.

        `siblings` tells what lies beside messages in the tree of the history.
        """
        self._send = send
        self._siblings = siblings
        self._messages: list[Message] = []
        self._seq = 0
        self._sent: list[Update] = []
        self._waiting: Update | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._calls: dict[str, ToolCall] = {}
        self._detailed: set[str] = set()
        self._rejected: set[str] = set()

    @property
    def so_far(self) -> list[Update]:
        """What was sent, in order, with adjacent deltas of one kind joined."""
        return [dict(update) for update in self._sent]

    @property
    def next_seq(self) -> int:
        """The number of the update that comes next."""
        return self._seq

    def add(self, event: Event) -> None:
        """Take in the next event of the turn."""
        match event:
            case TextDelta(text):
                self._add_delta({"kind": "textDelta", "text": text})
            case ThinkingDelta(text):
                self._add_delta({"kind": "thinkingDelta", "text": text})
            case ToolOutput(call_id, text):
                self._add_delta({"kind": "toolOutput", "callId": call_id, "text": text})
            case _:
                for update in self._updates_of(event):
                    self._flush()
                    self._emit(update)

    def _updates_of(self, event: Event) -> list[Update]:
        match event:
            case MessageAdded(message) if message.role is MessageRole.USER:
                update = {"kind": "userMessage", "message": message_to_json(message)}
                return [update | self._siblings_of([message])]
            case MessageAdded(message) if message.role is MessageRole.SYSTEM:
                return [{"kind": "compacted", "message": message_to_json(message)}]
            case MessageAdded(message):
                self._messages.append(message)
                return []
            case ToolCall():
                self._calls[event.id] = event
                return [self._tool_call(event, "pending")]
            case ToolProposed(call, details):
                return [self._tool_call(call, "awaitingApproval", details)]
            case ToolStarted(call, details):
                return [self._tool_call(call, "running", details)]
            case ToolRejected(call_id):
                self._rejected.add(call_id)
                return []
            case ToolResult():
                return self._result(event)
            case UsageReported(usage):
                return [{"kind": "usage", "usage": to_json(usage)}]
            case Notice(message, level):
                return [{"kind": "notice", "message": message, "level": str(level)}]
            case TurnEnded():
                last = [event.message] if event.message else []
                told = self._siblings_of(self._messages + last)
                return [_turn_ended(event) | told]
            case _:
                return []

    def _siblings_of(self, messages: list[Message]) -> Update:
        """Return `siblings` as `session.load` has it, if there are any."""
        siblings = self._siblings(messages)
        return {"siblings": siblings} if siblings else {}

    def _result(self, result: ToolResult) -> list[Update]:
        status = "failed" if result.is_error else "done"
        if result.call_id in self._rejected:
            status = "rejected"
        call = self._calls[result.call_id]
        return [_tool_result(result), self._tool_call(call, status)]

    def _tool_call(
        self, call: ToolCall, status: str, details: CallDetails | None = None
    ) -> Update:
        """Return what is new of a call; details are told once."""
        update = {
            "kind": "toolCall",
            "callId": call.id,
            "name": call.name,
            "arguments": dict(call.arguments),
            "status": status,
        }
        if details is None or call.id in self._detailed:
            return update
        self._detailed.add(call.id)
        told = {
            "toolKind": details.kind and str(details.kind),
            "title": details.title,
            "diff": details.diff,
            "command": details.command,
            "folder": details.folder,
        }
        return update | {key: value for key, value in told.items() if value}

    def _add_delta(self, delta: Update) -> None:
        if self._waiting and _goes_on(self._waiting, delta):
            self._waiting["text"] += delta["text"]
        elif self._timer is None:
            self._emit(delta)
            self._start_timer()
        else:
            self._emit_waiting()
            self._waiting = delta

    def _start_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(DELTA_SECONDS, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._waiting:
            self._emit_waiting()
            self._start_timer()

    def _flush(self) -> None:
        self._emit_waiting()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _emit_waiting(self) -> None:
        if self._waiting:
            self._emit(self._waiting)
            self._waiting = None

    def _emit(self, update: Update) -> None:
        self._send(self._seq, update)
        self._seq += 1
        last = self._sent[-1] if self._sent else {}
        if "text" in update and _goes_on(last, update):
            last["text"] += update["text"]
        else:
            self._sent.append(dict(update))


def _tool_result(result: ToolResult) -> Update:
    return {
        "kind": "toolResult",
        "callId": result.call_id,
        "content": result.content,
        "isError": result.is_error,
    }


def _turn_ended(ended: TurnEnded) -> Update:
    update: Update = {
        "kind": "turnEnded",
        "stopReason": str(ended.stop_reason),
        "messageId": ended.message.id if ended.message else None,
        "usage": to_json(ended.usage),
        "cost": ended.cost and cost_to_json(ended.cost),
        "context": ended.context and to_json(ended.context),
    }
    if ended.changes:
        update["changes"] = to_json(ended.changes)
    if ended.error is not None:
        update["error"] = error_to_json(ended.error)
    return update


def _goes_on(delta: Update, following: Update) -> bool:
    """Return whether a delta and the one that follows it can be told as one."""
    return all(delta.get(key) == following.get(key) for key in ("kind", "callId"))
