"""The time in which the store takes nothing: told when it begins and when it ends."""

from collections.abc import Callable

THE_LIST = ""
"""Waits in the place of a session, where the list cannot be read."""


class Outage:
    """Which sessions of a manager wait for the store to take them again."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Give `tell` one sentence when the first waits, and one when none does."""
        self._tell = tell
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> frozenset[str]:
        """The sessions, by their ids."""
        return frozenset(self._waiting)

    def begin(self, session_id: str, reason: str) -> None:
        """Let a session wait; `reason` is what the store said."""
        if not self._waiting:
            self._tell(
                f"Chats are in memory alone for now: {reason} They are saved as soon "
                "as that works, and lost if the program ends before."
            )
        self._waiting.add(session_id)

    def end(self, session_id: str) -> None:
        """Let a session wait no more: it is saved."""
        if session_id in self._waiting:
            self._waiting.remove(session_id)
            if not self._waiting:
                self._tell("Sessions can be saved again, and what waited is saved.")

    def forget(self, session_id: str) -> None:
        """Let a session wait no more: it was deleted."""
        self._waiting.discard(session_id)
