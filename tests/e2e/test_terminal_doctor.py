"""`abstractllm doctor`: what is wrong with the sessions of a folder."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.e2e.terminal import run

Env = Mapping[str, str]


def test_it_says_that_nothing_is_wrong(workspace: Path, env: Env) -> None:
    run(workspace, env, "chat", "Hi")

    code, found, complaint = run(workspace, env, "doctor")

    first, rest = found.split("\n", 1)
    assert first.startswith("1 sessions, 2 messages, ")
    assert first.endswith(" MB, schema 3")
    assert (code, rest, complaint) == (0, "Nothing is wrong.\n", "")


def test_what_is_wrong_is_told_first_and_mended_when_asked(
    workspace: Path, env: Env
) -> None:
    run(workspace, env, "chat", "Hi")
    with closing(sqlite3.connect(workspace / ".abstractllm/sessions.db")) as database:
        database.execute("UPDATE sessions SET message_count = 77")
        database.commit()
    sentence = "- Sessions whose messages are counted wrongly: 1."

    looked, mended, again = (
        run(workspace, env, "doctor", *more) for more in ([], ["--mend"], [])
    )

    told = [found.splitlines()[1:] for _, found, _ in (looked, mended, again)]
    assert told == [
        [sentence, "`abstractllm doctor --mend` mends it."],
        [f"{sentence} Mended."],
        ["Nothing is wrong."],
    ]
    assert [code for code, *_ in (looked, mended, again)] == [1, 0, 0]


def test_a_database_without_a_header_is_mended_by_a_look(
    workspace: Path, env: Env
) -> None:
    run(workspace, env, "chat", "Hi")
    path = workspace / ".abstractllm/sessions.db"
    path.write_bytes(bytes(16) + path.read_bytes()[16:])

    code, found, _ = run(workspace, env, "doctor")

    (aside,) = path.parent.glob("sessions.db.damaged-*")
    holds, told, set_aside = found.splitlines()
    assert holds.startswith("1 sessions, 2 messages, ")
    assert told == (
        "- sessions.db was damaged. What could be read of it was brought over into a "
        "new one: 2 messages of 1 session. The damaged one was set aside as "
        f"{aside.name}."
    )
    assert set_aside.startswith(f"- {aside.name} (")
    assert code == 0
