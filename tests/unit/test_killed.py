"""A process that is killed at any moment loses nothing it told, and leaves no halves.

`MOMENTS` of them here; two hundred were tried by hand.
"""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from abstractllm.session import Session, SessionManager
from abstractllm.session.compacted import compaction_of

MOMENTS = 12

WORKER = """
import asyncio, json, sys
from abstractllm.session import SessionManager
from tests.scripted import ScriptedProvider, says

def tell(kind, session):
    ids = [message.id for message in session.get_history()]
    print(json.dumps([kind, session.id, ids]), flush=True)

async def work(folder):
    manager = SessionManager(folder)
    provider = ScriptedProvider(says("answer " * 50))
    print("begins", flush=True)
    while True:
        session = await manager.create_session_async(provider=provider, title="T")
        for turn in range(3):
            await session.generate_async(f"prompt {turn} " * 400)
            tell("turn", session)
        tell("fork", await session.fork_async())
        await session.compact_async()
        tell("compaction", session)
        tell("import", await manager.import_session_async(session.export()))
        await session.regenerate_async()
        tell("again", session)

asyncio.run(work(sys.argv[1]))
"""

ROOT = Path(__file__).parents[2]

SIZES = {"T (fork)": {6}}
"""How many messages a session of such a title has, where it is not half of one."""


def told_until_killed(folder: Path, lines: int) -> list[list[object]]:
    """Return what a process told that is killed some lines after its begin."""
    command = [sys.executable, "-c", WORKER, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    return [json.loads(line) for line in told[1:] if line.endswith("\n")]


def whole(session: Session) -> None:
    """Fail where a session's history is not one from its begin to its head."""
    history = session.get_history()
    assert [m.parent_id for m in history] == [None, *(m.id for m in history)][:-1]
    ids = {message.id for message in history}
    for message in history:
        compaction = compaction_of(message)
        assert compaction is None or ids.issuperset(compaction.replaces)


@pytest.mark.parametrize("seed", range(MOMENTS))
async def test_a_killed_process_loses_nothing_and_leaves_no_halves(
    tmp_path: Path, seed: int
) -> None:
    lines = random.Random(seed).randint(1, 14)
    told = told_until_killed(tmp_path, lines)

    manager = SessionManager(tmp_path)
    for _, session_id, ids in told:
        session = await manager.get_session_async(str(session_id))
        assert session is not None
        assert isinstance(ids, list)
        known = {message.id for message in session._journal.history.tree}
        assert known.issuperset(ids)
    for info in (await manager.page_async()).sessions:
        session = await manager.get_session_async(info.id)
        assert session is not None
        assert session._journal.notices == ()
        whole(session)
        assert info.message_count == session.size
        assert info.message_count in SIZES.get(info.title or "", {info.message_count})
    await manager.close_async()
