"""The sessions that wait until the store takes what it refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from abstractllm.errors import UnknownSession
from abstractllm.messages import Usage, total_cost
from abstractllm.store.contract import SessionInfo, SessionPage

if TYPE_CHECKING:
    from abstractllm.session.open_sessions import OpenSessions
    from abstractllm.session.outage import Outage
    from abstractllm.session.session import Session


class WaitingSessions:
    """Saves the open sessions that wait, and lists them as they are in memory."""

    def __init__(self, sessions: OpenSessions, outage: Outage) -> None:
        self._sessions = sessions
        self._outage = outage

    def __bool__(self) -> bool:
        return bool(self._outage.waiting)

    def info(self, session_id: str) -> SessionInfo | None:
        """Return what a list shows of a session, if it waits."""
        if session_id not in self._outage.waiting:
            return None
        session = self._sessions.get(session_id)
        return None if session is None else _info(session)

    def shown_in(self, page: SessionPage, *, first: bool) -> SessionPage:
        """Return a page of a list with the sessions that wait: on the first one."""
        waiting = [info for name in self._outage.waiting if (info := self.info(name))]
        ids = {info.id for info in waiting}
        shown = [info for info in page.sessions if info.id not in ids]
        if first:
            shown = sorted([*shown, *waiting], key=_place, reverse=True)
        return attrs.evolve(page, sessions=tuple(shown))

    async def save(self) -> None:
        """Have the store take what it takes now."""
        for session_id in self._outage.waiting:
            session = self._sessions.get(session_id)
            try:
                if session is not None:
                    await session.refresh_async()
            except UnknownSession:  # deleted elsewhere
                self.forget(session_id)

    def forget(self, session_id: str) -> None:
        """Let a session that was deleted wait no more."""
        self._outage.forget(session_id)


def _place(info: SessionInfo) -> tuple[object, ...]:
    """Return what sessions are listed by, the last one first."""
    return info.pinned, info.updated_at, info.id


def _info(session: Session) -> SessionInfo:
    record, messages = session.record, session.get_tree()
    used = [message for message in messages if message.usage is not None]
    return SessionInfo(
        id=record.id,
        title=record.title,
        provider=record.provider,
        model=record.model,
        created_at=record.created_at,
        updated_at=record.updated_at,
        message_count=len(messages),
        usage=sum((message.usage for message in used if message.usage), Usage()),
        cost=total_cost(message.cost for message in used),
        context=record.context,
        mode=record.mode,
        pinned=record.pinned,
    )
