"""The sessions of a manager that are in memory."""

from collections import OrderedDict
from weakref import WeakValueDictionary

from abstractllm.session.session import Session

KEPT = 128
"""How many sessions stay in memory though nobody holds them, the last used ones."""

MESSAGES_KEPT = 50_000
"""How many messages these may hold together: about 30 MB of ordinary ones."""


class OpenSessions:
    """Finds a session by its id, as long as anyone holds it: there are never two.

    Sessions take memory in proportion to their histories, so that what the store can
    give back is let go. What it cannot, such as a key or tools, is kept.
    """

    def __init__(self) -> None:
        self._alive: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._kept: OrderedDict[str, Session] = OrderedDict()

    def get(self, session_id: str) -> Session | None:
        """Return the session of this id, if it is in memory."""
        session = self._alive.get(session_id)
        return session and self.keep(session)

    def keep(self, session: Session) -> Session:
        """Keep a session, and return it, or the one that is there already."""
        session = self._alive.setdefault(session.id, session)
        self._kept[session.id] = session
        self._kept.move_to_end(session.id)
        self._let_go()
        return session

    def drop(self, session_id: str) -> None:
        """Forget a session that was deleted."""
        self._alive.pop(session_id, None)
        self._kept.pop(session_id, None)

    def _let_go(self) -> None:
        messages = sum(session.size for session in self._kept.values())
        if len(self._kept) <= KEPT and messages <= MESSAGES_KEPT:
            return
        oldest = next(iter(self._kept.values()))
        if oldest.is_all_stored:
            del self._kept[oldest.id]
        else:
            self._kept.move_to_end(oldest.id)
