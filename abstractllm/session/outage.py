"""The time in which the store takes nothing: told when it begins and when it ends."""

from collections.abc import Callable


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
                f"{reason} Meanwhile you can go on: what is said is kept in memory and "
                "saved as soon as that works, but lost if the program ends before."
            )
        self._waiting.add(session_id)

    def end(self, session_id: str) -> None:
        """Let a session wait no more: it is saved."""
        if session_id in self._waiting:
            self._waiting.remove(session_id)
            if not self._waiting:
                self._tell("What could not be saved before is saved now.")

    def forget(self, session_id: str) -> None:
        """Let a session wait no more: it was deleted."""
        self._waiting.discard(session_id)
