"""Looks at a store: what it holds, what is wrong with it, and mends that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from abstractllm.store.contract import Examination, Finding
from abstractllm.store.database import (
    DATABASE_NAME,
    REBUILD_INDEX,
    Damaged,
    is_damage,
    transaction,
)
from abstractllm.store.queries import execute, read
from abstractllm.store.salvage import (
    COUNT_AGAIN,
    LET_COPIES_STAND_ALONE,
    LONE,
    give_sessions,
)

COUNTS = """
SELECT (SELECT count(*) FROM sessions) AS sessions,
    (SELECT count(*) FROM messages) AS messages
"""

CHECK_INDEX = "INSERT INTO message_text (message_text) VALUES ('integrity-check')"

NOT_FOUND = """
SELECT count(*) AS number FROM messages
WHERE NOT copied AND sequence NOT IN (SELECT id FROM message_text_docsize)
"""

_ORPHANS = "FROM messages WHERE session_id NOT IN (SELECT id FROM sessions)"

_LONE_COPIES = f"FROM messages WHERE {LONE}"

_LOST_HEADS = """
FROM sessions WHERE head_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messages WHERE session_id = sessions.id AND messages.id = head_id
)
"""

SHOW_LAST = """
UPDATE sessions SET head_id = (
    SELECT id FROM messages WHERE session_id = sessions.id
    ORDER BY sequence DESC LIMIT 1
) WHERE id IN (SELECT id {lost})
"""

_WRONG_COUNTS = """
FROM sessions WHERE message_count IS NOT (
    SELECT count(*) FROM messages WHERE session_id = sessions.id
)
"""


def examine(connection: sqlite3.Connection, folder: Path, mend: bool) -> Examination:
    """Return what a store holds and what is wrong; see `SessionStore.examine`.

    Raises `Damaged`, which has whoever asks mend the file and ask again.
    """
    findings = [_damage(connection, mend)]
    if findings == [None]:  # a further look at what is damaged has it mended
        findings.append(_text_index(connection, mend))
        findings += [_rows(connection, *rule, mend) for rule in _RULES]
        findings.append(_odd(connection))
    findings += _set_aside(folder)
    files = [folder / f"{DATABASE_NAME}{suffix}" for suffix in ("", "-wal")]
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (counts,) = execute(connection, COUNTS).fetchall()
    return Examination(
        **counts,
        schema=version,
        bytes=sum(path.stat().st_size for path in files if path.exists()),
        findings=tuple(finding for finding in findings if finding),
    )


def _damage(connection: sqlite3.Connection, mend: bool) -> Finding | None:
    verdicts = [row[0] for row in connection.execute("PRAGMA integrity_check(100)")]
    if verdicts == ["ok"]:
        return None
    if mend:
        raise Damaged(verdicts[0])
    number = f"{len(verdicts)} places" if len(verdicts) > 1 else "one place"
    return Finding("damage", f"{DATABASE_NAME} is damaged in {number}.")


def _text_index(connection: sqlite3.Connection, mend: bool) -> Finding | None:
    try:
        connection.execute(CHECK_INDEX)
        (row,) = execute(connection, NOT_FOUND).fetchall()
        if not row["number"]:
            return None
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    if mend:
        connection.execute(REBUILD_INDEX)
    sentence = "The index of the search does not fit the messages."
    return Finding("textIndex", sentence, mended=mend)


def _rows(
    connection: sqlite3.Connection,
    kind: str,
    sentence: str,
    where: str,
    mending: Callable[[sqlite3.Connection], object],
    mend: bool,
) -> Finding | None:
    """Return how many rows are wrong in one way."""
    (row,) = execute(connection, f"SELECT count(*) AS number {where}").fetchall()
    if not row["number"]:
        return None
    if mend:
        with transaction(connection):
            mending(connection)
    return Finding(kind, sentence.format(number=row["number"]), mended=mend)


_RULES: tuple[tuple[str, str, str, Callable[[sqlite3.Connection], object]], ...] = (
    (
        "orphans",
        "Messages without a session: {number}.",
        _ORPHANS,
        give_sessions,
    ),
    (
        "copies",
        "Messages of forks whose text is lost: {number}.",
        _LONE_COPIES,
        lambda connection: connection.execute(LET_COPIES_STAND_ALONE),
    ),
    (
        "heads",
        "Sessions whose shown end is lost: {number}.",
        _LOST_HEADS,
        lambda connection: connection.execute(SHOW_LAST.format(lost=_LOST_HEADS)),
    ),
    (
        "counts",
        "Sessions whose messages are counted wrongly: {number}.",
        _WRONG_COUNTS,
        lambda connection: connection.execute(COUNT_AGAIN),
    ),
)


def _set_aside(folder: Path) -> Iterator[Finding]:
    """Yield the databases that were damaged; what can be read of them was kept."""
    for path in sorted(folder.glob(f"{DATABASE_NAME}.damaged-*Z")):
        size = f"{path.stat().st_size / 1e6:.1f} MB"
        yield Finding(
            "setAside",
            f"{path.name} ({size}) was damaged once. Delete it if you miss nothing.",
        )


def _odd(connection: sqlite3.Connection) -> Finding | None:
    """Return how many sessions hold what cannot be read; it stays as it is."""
    ids = [row["id"] for row in execute(connection, "SELECT id FROM sessions")]
    stored = (read(connection, session_id) for session_id in ids)
    number = sum(bool(session and session.notices) for session in stored)
    if not number:
        return None
    return Finding(
        "odd",
        f"Sessions with something in them that cannot be read: {number}. It is kept.",
    )
