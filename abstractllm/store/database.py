"""A connection to the sessions' database: private, migrated and guarded."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from abstractllm.errors import StoreError
from abstractllm.messages import now
from abstractllm.store import guard
from abstractllm.store.reading import text_of
from abstractllm.store.schema import MIGRATIONS

DATABASE_NAME = "sessions.db"

BUSY_TIMEOUT = 10.0
"""How many seconds to wait for another process's lock."""

CACHE_KIBIBYTES = 512
"""Of each connection. Sessions that are used are in memory, so that little is read."""

REBUILD_INDEX = "INSERT INTO message_text (message_text) VALUES ('rebuild')"

_logger = logging.getLogger(__name__)

_DAMAGE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full, so sessions cannot be saved. "
    "Free some space and try again.",
    sqlite3.SQLITE_READONLY: "The session store is read-only. "
    "Make its folder and its files writable and try again.",
    sqlite3.SQLITE_CANTOPEN: "The session store cannot be opened. "
    "Check that its folder exists and is yours to write.",
    sqlite3.SQLITE_BUSY: "Another process keeps the session store locked. "
    "Try again, or end that process.",
    sqlite3.SQLITE_IOERR: "The disk failed while the session store was in use. "
    "Check the disk and try again.",
    sqlite3.SQLITE_NOTADB: "The session store is damaged. "
    "Try again: what is left of it is set aside if it cannot be used.",
    sqlite3.SQLITE_AUTH: "The session store held a trigger or a view of another "
    "program, which was not run. Try again: it is taken out.",
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_CORRUPT] = _SENTENCES[sqlite3.SQLITE_NOTADB]


class Damaged(sqlite3.DatabaseError):
    """What is stored contradicts itself."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether SQLite says that the file is no sound database."""
    return _primary_code(error) in _DAMAGE


def is_refusal(error: sqlite3.Error) -> bool:
    """Return whether a statement would have run what is not ours."""
    return _primary_code(error) == sqlite3.SQLITE_AUTH


def is_lock(error: sqlite3.Error) -> bool:
    """Return whether another process kept the database locked for too long."""
    return _primary_code(error) in _LOCKED


def store_error(error: sqlite3.Error | OSError) -> StoreError:
    """Return the error to raise for one of SQLite's or of the file system's."""
    if isinstance(error, OSError):
        return StoreError(
            f"The session store cannot be used: {error.strerror}. "
            "Check that its folder exists and is yours to write."
        )
    sentence = _SENTENCES.get(_primary_code(error))
    return StoreError(sentence or f"The session store failed: {error}. Try again.")


def _primary_code(error: sqlite3.Error) -> int:
    # Errors that Python's module raises by itself carry no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


@contextlib.contextmanager
def transaction(
    connection: sqlite3.Connection,
    kind: Literal["DEFERRED", "IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE",
) -> Iterator[None]:
    """Commit what the block does, or nothing of it if it raises."""
    connection.execute(f"BEGIN {kind}")
    with connection:
        yield


def empty_database() -> sqlite3.Connection:
    """Return a database in memory that holds nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def create_private(path: Path, content: bytes = b"") -> None:
    """Create a file for its owner alone; leave one that is there as it is."""

    def private(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    with (
        contextlib.suppress(FileExistsError),
        open(path, "xb", opener=private) as file,
    ):
        file.write(content)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other processes from opening the database at the same time.

    Two that switch a new database to WAL, or set a damaged one aside, get in each
    other's way. The lock is that of an empty database: it works on every system, and it
    goes when its process dies.
    """
    path = folder / "sessions.lock"
    lock = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
    with contextlib.closing(lock):
        path.chmod(
            0o600
        )  # `create_private` closes the file, which on POSIX drops its locks
        lock.execute("BEGIN EXCLUSIVE")
        yield


def connect(
    path: Path, tell: Callable[[str], None], *, check: bool = False
) -> sqlite3.Connection:
    """Open a database, or make it; see `open_database`, which calls this."""
    # SQLite gives the files it puts beside the database the database's own mode.
    create_private(path)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
    try:
        guard.harden(connection)
        _refuse_newer(connection)
        _configure(connection)
        _migrate(connection)
        _keep_out(connection, path, tell)
        guard.distrust_schema(connection)
        if check:
            _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _refuse_newer(connection: sqlite3.Connection) -> None:
    if _version(connection) > len(MIGRATIONS):
        raise StoreError(
            f"{DATABASE_NAME} was written by a newer version of this program. "
            "Update this one to use it."
        )


def _configure(connection: sqlite3.Connection) -> None:
    connection.text_factory = text_of
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    connection.execute("PRAGMA synchronous = FULL")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        _logger.warning(
            "%s has no write-ahead log, as its file system allows none: "
            "processes that use it at once wait for each other more often.",
            DATABASE_NAME,
        )


def _migrate(connection: sqlite3.Connection) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    with transaction(connection, "EXCLUSIVE"):
        for statements in MIGRATIONS[_version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise Damaged(verdict)
    # The check does not look into the text index, which can be made again.
    connection.execute(REBUILD_INDEX)


def _keep_out(
    connection: sqlite3.Connection, path: Path, tell: Callable[[str], None]
) -> None:
    """Take out what is not ours and could run; its text is kept in a file."""
    guard.check_tables(connection)
    if not guard.foreign(connection):
        return
    kept = Path(f"{path}.removed-{now():%Y%m%dT%H%M%S%fZ}.sql")
    with transaction(connection):
        found = guard.foreign(connection)
        create_private(kept, "".join(f"{sql};\n" for sql in found.values()).encode())
        guard.take_out(connection, list(found))
    names = ", ".join(found)
    _logger.error("%s held foreign code: %s. It is in %s.", path, names, kept)
    tell(
        f"{DATABASE_NAME} held triggers or views of another program: {names}. "
        f"They were not run. They were taken out, and are kept in {kept.name}."
    )
