"""What the workspace's sessions used, and what that cost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from abstractllm.encoding import cost_to_json, to_json
from abstractllm.messages import Cost, Usage, total_cost
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import UsageSince

Json = dict[str, Any]


async def usage(context: Context, params: UsageSince) -> Json:
    """Return what was used since a time, or in all, and by which sessions."""
    used = await context.sessions.usage_async(_time(params.since))
    total = sum((session.usage for session in used), Usage())
    return {
        "total": _told(total, total_cost(session.cost for session in used)),
        "sessions": [
            {
                "sessionId": session.session_id,
                "title": session.title,
                **_told(session.usage, session.cost),
            }
            for session in used
        ],
    }


def _told(usage: Usage, cost: Cost | None) -> Mapping[str, Any]:
    return {**to_json(usage), "cost": cost and cost_to_json(cost)}


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        raise InvalidArguments(
            "`since` must be a time, such as 2026-01-31T00:00:00Z."
        ) from None
