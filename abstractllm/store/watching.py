"""What other processes changed in the store since one last looked."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from abstractllm.store.leases import Leases
from abstractllm.store.queries import execute

# Grows with every commit of another connection, and costs nothing to ask.
VERSION = "PRAGMA data_version"

STATES = """
SELECT sessions.id, revision, owner FROM sessions
LEFT JOIN leases ON leases.session_id = sessions.id
"""


class _State(NamedTuple):
    revision: object
    owner: str | None
    """Of another process that lives and answers there."""


class Watch:
    """Tells sessions that changed elsewhere.

    Runs on the thread of the connection that writes, whose own commits do not count.
    """

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._connection: sqlite3.Connection | None = None
        self._version: object = None
        self._known: dict[str, _State] | None = None
        self._own: dict[str, int | None] = {}

    def wrote(self, session_id: str, revision: int | None) -> None:
        """Remember what this store did itself; `None` means that it deleted it."""
        self._own[session_id] = revision

    def changed(self, connection: sqlite3.Connection) -> list[str]:
        """Return sessions that others made, changed or deleted since the last time.

        A turn that begins or ends elsewhere is a change too. The first time returns
        none.
        """
        if not self._may_have_changed(connection):
            return []
        states = {row["id"]: self._state(row) for row in execute(connection, STATES)}
        known, self._known = self._known, states
        if known is None:
            return []
        ids = [name for name in states if known.get(name) != states[name]]
        ids += [name for name in known if name not in states]
        own, self._own = self._own, {}
        return [name for name in ids if not _is_own(name, states, known, own)]

    def _may_have_changed(self, connection: sqlite3.Connection) -> bool:
        (version,) = connection.execute(VERSION).fetchone()
        before = (self._connection, self._version)
        self._connection, self._version = connection, version
        known = (self._known or {}).values()
        # Nothing is written when a process is killed.
        dead = any(s.owner and not self._leases.is_elsewhere(s.owner) for s in known)
        return dead or before != (connection, version)

    def _state(self, row: dict[str, object]) -> _State:
        owner = row["owner"]
        elsewhere = isinstance(owner, str) and self._leases.is_elsewhere(owner)
        return _State(row["revision"], str(owner) if elsewhere else None)


def _is_own(
    name: str,
    states: dict[str, _State],
    known: dict[str, _State],
    own: dict[str, int | None],
) -> bool:
    """Return whether what is new of a session is what this store wrote last."""
    if name not in own:
        return False
    if name not in states:
        return own[name] is None
    before = known.get(name)
    same_owner = states[name].owner == (before.owner if before else None)
    return states[name].revision == own[name] and same_owner
