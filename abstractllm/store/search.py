"""Finding messages by what they say, literally, in any script.

The index holds every three characters that follow each other, so it answers whatever
has three or more. For less there are two ways: where few terms of the index begin with
it, it is rare, and these are looked up; else it is frequent, and the newest messages
are read until enough of them hold it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice

from abstractllm.enums import MessageRole
from abstractllm.errors import InvalidParameter
from abstractllm.store.contract import SearchHit, SearchPage, TitleHit
from abstractllm.store.queries import execute
from abstractllm.store.reading import Reading, json_of
from abstractllm.store.rows import PADDING, Row, searchable
from abstractllm.store.snippets import fold, snippet

MOST_TERMS = 200
"""Terms that are looked up for one or two characters."""

_HIT = """
SELECT sequence, session_id, messages.id AS id, role, messages.created_at AS created_at,
    messages.text AS text, NULL AS parts, sessions.title AS title
"""

FIND = f"""{_HIT}
FROM message_text JOIN messages ON sequence = message_text.rowid
JOIN sessions ON sessions.id = session_id
WHERE message_text MATCH :words AND message_text.rowid < :before
ORDER BY message_text.rowid DESC
"""

SCAN = f"""{_HIT}
FROM messages JOIN sessions ON sessions.id = session_id
WHERE sequence < :before AND NOT copied
ORDER BY sequence DESC
"""

_COPIED_PARTS = """
iif(messages.parts = '', first.parts, messages.parts)
"""

SCAN_SESSION = f"""
SELECT messages.sequence, messages.session_id, messages.id AS id, messages.role,
    messages.created_at AS created_at, messages.text AS text,
    iif(messages.copied, {_COPIED_PARTS}, NULL) AS parts, sessions.title AS title
FROM messages JOIN sessions ON sessions.id = messages.session_id
LEFT JOIN messages AS first
    ON first.sequence = messages.copied AND first.id = messages.id
WHERE messages.session_id = :session_id AND messages.sequence < :before
ORDER BY messages.sequence DESC
"""

TERMS = """
CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_terms
USING fts5vocab (main, message_text, row)
"""

FIND_TERMS = """
SELECT term FROM temp.message_terms WHERE term >= :first AND term < :end LIMIT :limit
"""

TITLES = """
SELECT id, title FROM sessions WHERE title IS NOT NULL
ORDER BY pinned DESC, updated_at DESC, id DESC
"""

_LAST = 1 << 62


def search(
    connection: sqlite3.Connection,
    query: str,
    limit: int,
    cursor: str | None,
    session_id: str | None,
) -> SearchPage:
    """Return messages that hold a text; see `SessionStore.search`."""
    words = fold(searchable(query))
    if not words.strip():
        raise InvalidParameter("There is nothing to search for.")
    if limit < 1:
        raise InvalidParameter("A page's limit is at least 1.")
    before = _before(cursor)
    rows = _rows(connection, words, before, session_id)
    found = list(islice(_holding(rows, words), limit + 1))
    first = cursor is None and session_id is None
    return SearchPage(
        hits=tuple(_hit(row, words) for row in found[:limit]),
        titles=tuple(islice(_titles(connection, words), limit)) if first else (),
        next_cursor=str(found[limit - 1]["sequence"]) if len(found) > limit else None,
    )


def _before(cursor: str | None) -> int:
    if cursor is None:
        return _LAST
    if cursor.isascii() and cursor.isdigit() and len(cursor) < len(str(_LAST)):
        return int(cursor)
    raise InvalidParameter(
        "This cursor is not one that a search gave. Begin again without a cursor."
    )


def _rows(
    connection: sqlite3.Connection, words: str, before: int, session_id: str | None
) -> Iterator[Row]:
    """Return what may hold the words, the newest first."""
    if session_id is not None:
        return execute(connection, SCAN_SESSION, before=before, session_id=session_id)
    if len(words) >= 3:
        phrase = _quoted(words)
        return execute(connection, FIND, words=phrase, before=before)
    terms = _terms(connection, words)
    if len(terms) > MOST_TERMS:
        return execute(connection, SCAN, before=before)
    phrase = " OR ".join(map(_quoted, terms)) or '""'
    return execute(connection, FIND, words=phrase, before=before)


def _terms(connection: sqlite3.Connection, words: str) -> list[str]:
    """Return the terms of the index that begin with one or two characters."""
    connection.execute(TERMS)
    end = words[:-1] + chr(min(ord(words[-1]) + 1, 0x10FFFF))
    found = execute(connection, FIND_TERMS, first=words, end=end, limit=MOST_TERMS + 1)
    return [row["term"] for row in found]


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _holding(rows: Iterator[Row], words: str) -> Iterator[Row]:
    """Yield the rows whose text holds the words, with the text as it was said."""
    for row in rows:
        text = row["text"]
        if row["parts"] is not None:
            text = _said(row)
        text = str(text).removesuffix(PADDING)
        if words in fold(text):
            yield {**row, "text": text}


def _said(row: Row) -> str:
    """Return what a copy says, which is not searched elsewhere."""
    fields = {"role": row["role"], "parts": json_of(row["parts"])}
    return searchable(Reading().message(fields).content)


def _hit(row: Row, words: str) -> SearchHit:
    reading = Reading()
    text, matches = snippet(row["text"], words)
    return SearchHit(
        session_id=row["session_id"],
        title=row["title"],
        message_id=row["id"],
        role=reading.word("role", row, MessageRole, MessageRole.SYSTEM),
        created_at=reading.time("created_at", row["created_at"]),
        snippet=text,
        matches=matches,
    )


def _titles(connection: sqlite3.Connection, words: str) -> Iterator[TitleHit]:
    for row in execute(connection, TITLES):
        if words in fold(str(row["title"])):
            yield TitleHit(session_id=row["id"], title=str(row["title"]))
