"""What there is to show of a session: the answer of `session.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from abstractllm.encoding import message_to_json, to_json
from abstractllm.messages import Message, MessageStatus
from abstractllm.session import Session
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments

Json = dict[str, Any]


async def shown(
    context: Context, session: Session, last: int | None, before: str | None = None
) -> Json:
    """Return the answer of `session.load`: what there is to show of a session."""
    if last is not None and last < 1:
        raise InvalidArguments("`last` must be 1 or more.")
    told = await context.told(session.id)
    messages, more = session.get_page(last, before)
    is_last, elsewhere = before is None, told["runningElsewhere"]
    answer = {
        "session": told,
        "messages": _messages(messages, being_written=is_last and elsewhere),
        "more": more,
        "siblings": session.siblings(messages),
        "changes": to_json(
            await session.changed_files_async({message.id for message in messages})
        ),
    }
    # Asked last: while the store was asked, the turn may have ended or begun.
    if turn := context.turns.get(session.id):
        answer["turn"] = {
            "turnId": turn.id,
            "nextSeq": turn.updates.next_seq,
            "updates": turn.updates.so_far,
        }
    return answer


def _messages(messages: Sequence[Message], *, being_written: bool) -> list[Json]:
    """Return messages; the draft of a turn of another server is not `interrupted`."""
    told: list[Json] = [message_to_json(message) for message in messages]
    if being_written and told and told[-1]["status"] == MessageStatus.INTERRUPTED:
        told[-1]["status"] = "streaming"
    return told
