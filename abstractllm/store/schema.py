"""The tables of the sessions' database.

`MIGRATIONS[n]` leads from version `n` to version `n + 1`; what was released is never
changed, only followed by another step. Triggers keep what can be derived from the
messages: a session's counts and sums, and the full-text index.

The columns a list of sessions shows stand first in their table, so that SQLite need not
walk past a long system prompt to read them.
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # One count for the whole store, so that a session which is deleted and created
        # again does not repeat a revision that another process has seen.
        "CREATE TABLE store (revision INTEGER NOT NULL)",
        "INSERT INTO store VALUES (0)",
        """
        CREATE TABLE sessions (
            id TEXT NOT NULL PRIMARY KEY,
            title TEXT,
            provider TEXT,
            model TEXT,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            message_count INTEGER NOT NULL DEFAULT 0,
            input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0,
            cached_tokens INTEGER NOT NULL DEFAULT 0,
            revision INTEGER NOT NULL,
            head_id TEXT,
            system_prompt TEXT,
            provider_config TEXT NOT NULL,
            metadata TEXT NOT NULL
        )
        """,
        "CREATE INDEX sessions_by_change ON sessions (updated_at, id)",
        """
        CREATE TABLE messages (
            sequence INTEGER PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            id TEXT NOT NULL,
            parent_id TEXT,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            provider TEXT,
            model TEXT,
            created_at TEXT NOT NULL,
            input_tokens INTEGER,
            output_tokens INTEGER,
            cached_tokens INTEGER,
            metadata TEXT NOT NULL,
            parts TEXT NOT NULL,
            text TEXT NOT NULL,
            UNIQUE (session_id, id)
        )
        """,
        # An index entry ends with the row's own key, so this one is in order.
        "CREATE INDEX messages_in_order ON messages (session_id)",
        """
        CREATE VIRTUAL TABLE message_text USING fts5 (
            text,
            content = 'messages',
            content_rowid = 'sequence',
            tokenize = 'unicode61 remove_diacritics 2'
        )
        """,
        """
        CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN
            UPDATE sessions SET
                message_count = message_count + 1,
                input_tokens = input_tokens + ifnull(new.input_tokens, 0),
                output_tokens = output_tokens + ifnull(new.output_tokens, 0),
                cached_tokens = cached_tokens + ifnull(new.cached_tokens, 0)
            WHERE id = new.session_id;
            INSERT INTO message_text (rowid, text) VALUES (new.sequence, new.text);
        END
        """,
        """
        CREATE TRIGGER message_usage_changed
        AFTER UPDATE OF input_tokens, output_tokens, cached_tokens ON messages BEGIN
            UPDATE sessions SET
                input_tokens = input_tokens
                    + ifnull(new.input_tokens, 0) - ifnull(old.input_tokens, 0),
                output_tokens = output_tokens
                    + ifnull(new.output_tokens, 0) - ifnull(old.output_tokens, 0),
                cached_tokens = cached_tokens
                    + ifnull(new.cached_tokens, 0) - ifnull(old.cached_tokens, 0)
            WHERE id = new.session_id;
        END
        """,
        """
        CREATE TRIGGER message_text_changed AFTER UPDATE OF text ON messages
        WHEN new.text IS NOT old.text BEGIN
            INSERT INTO message_text (message_text, rowid, text)
                VALUES ('delete', old.sequence, old.text);
            INSERT INTO message_text (rowid, text) VALUES (new.sequence, new.text);
        END
        """,
        # Messages are removed only with their session, so there is nothing to count.
        """
        CREATE TRIGGER message_removed AFTER DELETE ON messages BEGIN
            INSERT INTO message_text (message_text, rowid, text)
                VALUES ('delete', old.sequence, old.text);
        END
        """,
    ),
    (
        "ALTER TABLE sessions ADD COLUMN mode TEXT NOT NULL DEFAULT 'edit'",
        # What tools changed, before and after: texts by their hashes, deflated.
        """
        CREATE TABLE texts (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            hash TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (session_id, hash)
        ) WITHOUT ROWID
        """,
    ),
    (
        "DROP TRIGGER message_added",
        "DROP TRIGGER message_usage_changed",
        "DROP TRIGGER message_text_changed",
        "DROP TRIGGER message_removed",
        "DROP TABLE message_text",
        "DROP INDEX sessions_by_change",
        # Costs are billionths of a dollar. `unpriced` counts the messages whose tokens
        # have no known price.
        "ALTER TABLE sessions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN cost INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN context TEXT",
        "ALTER TABLE sessions ADD COLUMN former_heads TEXT NOT NULL DEFAULT '[]'",
        "CREATE INDEX sessions_in_order ON sessions (pinned, updated_at, id)",
        "ALTER TABLE messages ADD COLUMN cost INTEGER",
        # A fork's messages are copies: counted and found only where they were first,
        # for as long as they are there. `copied` is the sequence of the first one; what
        # that says is what a copy without parts says.
        "ALTER TABLE messages ADD COLUMN copied INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX copied_messages ON messages (copied) WHERE copied",
        """
        UPDATE sessions SET unpriced = (
            SELECT count(*) FROM messages
            WHERE session_id = sessions.id AND input_tokens IS NOT NULL
        )
        """,
        # Which process answers in a session; see `leases`.
        """
        CREATE TABLE leases (
            session_id TEXT NOT NULL PRIMARY KEY
                REFERENCES sessions (id) ON DELETE CASCADE,
            owner TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        # Of three characters each, as many scripts have no blanks between words.
        """
        CREATE VIRTUAL TABLE message_text USING fts5 (
            text,
            content = 'messages',
            content_rowid = 'sequence',
            tokenize = 'trigram'
        )
        """,
        # Ends each text, so that its last characters begin three, too.
        "UPDATE messages SET text = text || char(65535, 65535)",
        "INSERT INTO message_text (message_text) VALUES ('rebuild')",
        """
        CREATE TRIGGER message_added AFTER INSERT ON messages
        WHEN NOT new.copied BEGIN
            UPDATE sessions SET
                message_count = message_count + 1,
                input_tokens = input_tokens + ifnull(new.input_tokens, 0),
                output_tokens = output_tokens + ifnull(new.output_tokens, 0),
                cached_tokens = cached_tokens + ifnull(new.cached_tokens, 0),
                cost = cost + ifnull(new.cost, 0),
                unpriced = unpriced
                    + (new.input_tokens IS NOT NULL AND new.cost IS NULL)
            WHERE id = new.session_id;
            INSERT INTO message_text (rowid, text) VALUES (new.sequence, new.text);
        END
        """,
        """
        CREATE TRIGGER message_usage_changed
        AFTER UPDATE OF input_tokens, output_tokens, cached_tokens, cost ON messages
        WHEN NOT new.copied BEGIN
            UPDATE sessions SET
                input_tokens = input_tokens
                    + ifnull(new.input_tokens, 0) - ifnull(old.input_tokens, 0),
                output_tokens = output_tokens
                    + ifnull(new.output_tokens, 0) - ifnull(old.output_tokens, 0),
                cached_tokens = cached_tokens
                    + ifnull(new.cached_tokens, 0) - ifnull(old.cached_tokens, 0),
                cost = cost + ifnull(new.cost, 0) - ifnull(old.cost, 0),
                unpriced = unpriced
                    + (new.input_tokens IS NOT NULL AND new.cost IS NULL)
                    - (old.input_tokens IS NOT NULL AND old.cost IS NULL)
            WHERE id = new.session_id;
        END
        """,
        """
        CREATE TRIGGER message_text_changed AFTER UPDATE OF text ON messages
        WHEN NOT old.copied AND NOT new.copied AND new.text IS NOT old.text BEGIN
            INSERT INTO message_text (message_text, rowid, text)
                VALUES ('delete', old.sequence, old.text);
            INSERT INTO message_text (rowid, text) VALUES (new.sequence, new.text);
        END
        """,
        # Where the first one is gone, a copy takes its place.
        """
        CREATE TRIGGER message_inherited AFTER UPDATE OF copied ON messages
        WHEN old.copied AND NOT new.copied BEGIN
            UPDATE sessions SET
                input_tokens = input_tokens + ifnull(new.input_tokens, 0),
                output_tokens = output_tokens + ifnull(new.output_tokens, 0),
                cached_tokens = cached_tokens + ifnull(new.cached_tokens, 0),
                cost = cost + ifnull(new.cost, 0),
                unpriced = unpriced
                    + (new.input_tokens IS NOT NULL AND new.cost IS NULL)
            WHERE id = new.session_id;
            INSERT INTO message_text (rowid, text) VALUES (new.sequence, new.text);
        END
        """,
        # Messages are removed only with their session, so there is nothing to count.
        """
        CREATE TRIGGER message_removed AFTER DELETE ON messages
        WHEN NOT old.copied BEGIN
            INSERT INTO message_text (message_text, rowid, text)
                VALUES ('delete', old.sequence, old.text);
        END
        """,
    ),
)
