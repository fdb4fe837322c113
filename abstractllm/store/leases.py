"""Which process answers in a session: one at a time, for as long as it lives.

A lease is a row that names its owner. The owner shows that it lives by holding the lock
of an empty database of its own, `locks/OWNER.lock`: such a lock works on every system,
and goes when its process dies, however it does.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from abstractllm.errors import TurnRunning
from abstractllm.messages import new_id
from abstractllm.store.database import one_at_a_time, transaction
from abstractllm.store.queries import execute

OWNER_OF = "SELECT owner FROM leases WHERE session_id = :id"

TAKE = """
INSERT OR REPLACE INTO leases SELECT id, :owner FROM sessions WHERE id = :id
"""

GIVE_BACK = "DELETE FROM leases WHERE session_id = :id AND owner = :owner"

_NAME = re.compile("[0-9a-f]{32}")
"""An owner's; the database may hold any."""


class Leases:
    """The leases of one store; all methods run on the thread of its connection."""

    def __init__(self, folder: Path) -> None:
        """Keep the owners' locks in the folder of a store, from the first lease on."""
        self.owner = new_id()
        self._folder = folder
        self._locks = folder / "locks"
        self._life: sqlite3.Connection | None = None

    def take(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Take the lease of a session, from the dead too.

        Raises `TurnRunning` where another process that lives has it. A session that is
        not there has no lease.
        """
        self._show_life()
        with transaction(connection):
            self.check(connection, session_id)
            execute(connection, TAKE, id=session_id, owner=self.owner)

    def check(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Raise `TurnRunning` where another process that lives has the lease."""
        row = execute(connection, OWNER_OF, id=session_id).fetchone()
        if row is not None and self.is_elsewhere(row["owner"]):
            raise TurnRunning(
                "Another editor answers a prompt of this session right now. Wait for "
                "the end of its turn, or cancel it there."
            )

    def give_back(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Let others answer in the session."""
        execute(connection, GIVE_BACK, id=session_id, owner=self.owner)

    def is_elsewhere(self, owner: object) -> bool:
        """Return whether this is the owner of another process that lives."""
        return isinstance(owner, str) and owner != self.owner and self._lives(owner)

    def close(self) -> None:
        """Show life no more: what was not given back is free."""
        if self._life is not None:
            self._life.close()
            _remove(self._path(self.owner))
            self._life = None

    def _show_life(self) -> None:
        """Lock the owner's file, and take away those of the dead.

        One process at a time: a file that is made and not yet locked looks like a dead
        one's.
        """
        if self._life is not None and self._path(self.owner).exists():
            return
        if self._life is not None:  # its folder was deleted
            self._life.close()
        if self._locks.is_symlink():  # it came with the workspace, and leads elsewhere
            self._locks.unlink()
        self._locks.mkdir(mode=0o700, exist_ok=True)
        with one_at_a_time(self._folder):
            self._life = _locked(self._path(self.owner))
            for path in self._locks.glob("*.lock"):
                owner = path.stem
                is_ours = _NAME.fullmatch(owner) and owner != self.owner
                if is_ours and not self._lives(owner):
                    _remove(path)

    def _lives(self, owner: str) -> bool:
        """Return whether a process holds the lock of an owner."""
        if not _NAME.fullmatch(owner) or not self._path(owner).exists():
            return False
        try:
            _locked(self._path(owner)).close()
        except sqlite3.OperationalError:
            return True
        return False

    def _path(self, owner: str) -> Path:
        return self._locks / f"{owner}.lock"


def _remove(path: Path) -> None:
    """Take away a lock, and the journal that SQLite puts beside it."""
    for suffix in ("", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _locked(path: Path) -> sqlite3.Connection:
    """Return a connection that holds a lock; raises `OperationalError` if another does.

    All locking goes through SQLite: whoever opens and closes such a file otherwise
    drops, on POSIX, the locks that its own process has on it.
    """
    # Closed on another thread, where the event loop has ended before.
    lock = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            lock.close()
        raise
    return lock
