"""Keeps code that another hand put into the database from running.

The database may come with a cloned folder, and SQLite runs the triggers and views it
finds in one. Ours are known by name and text. CHECKs, generated columns and indexes on
expressions are left alone: they cannot write, and call SQLite's own functions alone.
"""

import sqlite3
import sys

from abstractllm.store.schema import MIGRATIONS

TABLES = frozenset({"store", "sessions", "messages", "texts", "leases"})


def _plain(statement: str) -> str:
    return " ".join(statement.split())


_OWN = {
    statement.split()[2]: _plain(statement)
    for step in MIGRATIONS
    for statement in step
    if statement.split()[:2] == ["CREATE", "TRIGGER"]
}

_DONE_BY_OURS = {
    (sqlite3.SQLITE_UPDATE, "sessions"),
    (sqlite3.SQLITE_INSERT, "message_text"),
}

_LOOKING = {sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION}


class ForeignTable(sqlite3.DatabaseError):
    """A table of ours is missing, or is a view or a virtual table."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def harden(connection: sqlite3.Connection) -> None:
    """Let nothing run on this connection but what it is asked and our triggers.

    A statement that would run anything else fails with `SQLITE_AUTH`, whenever that
    came into the database. To SQLite a common table expression is a view, so our own
    statements have none. https://sqlite.org/security.html
    """
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.set_authorizer(_authorize)


def distrust_schema(connection: sqlite3.Connection) -> None:
    """Keep functions and virtual tables with side effects out of the schema.

    Once our tables are there: to an older SQLite, such as 3.40, even its own text index
    is not harmless, and our triggers must write to that.
    """
    connection.execute("PRAGMA trusted_schema = OFF")
    try:
        connection.execute("EXPLAIN DELETE FROM messages")
    except sqlite3.DatabaseError:  # or the index is damaged, which its use will tell
        connection.execute("PRAGMA trusted_schema = ON")


def check_tables(connection: sqlite3.Connection) -> None:
    """Raise `ForeignTable` unless our tables are there and are tables."""
    rows = connection.execute(
        "SELECT name FROM sqlite_schema "
        "WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    )
    if TABLES - {name for (name,) in rows}:
        raise ForeignTable("a table is missing")


def foreign(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the triggers and views that are not ours: their SQL by their names."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    )
    return {name: sql for name, sql in rows if _plain(str(sql)) != _OWN.get(name)}


def take_out(connection: sqlite3.Connection, names: list[str]) -> None:
    """Drop triggers and views; make anew those that have the name of one of ours."""
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        kind = "SELECT type FROM sqlite_schema WHERE name = ?"
        for (found,) in connection.execute(kind, (name,)).fetchall():
            connection.execute(f"DROP {found} {quoted}")
        if name in _OWN:
            connection.execute(_OWN[name])


def _authorize(
    action: int,
    first: str | None,
    second: str | None,
    database: str | None,
    source: str | None,
) -> int:
    """Allow what no trigger or view does, and what ours do."""
    if source is None or (
        source in _OWN and (action in _LOOKING or (action, first) in _DONE_BY_OURS)
    ):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
