"""How long `session.load` takes for a history of 20,000 messages.

Reading is an open session's history made JSON, as the server answers. The reference is
the way of commit 0723416: a walk back from the head, cattrs for every message, then
pygls's converter over all of them, then Python's own JSON.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from pygls.protocol import JsonRPCResponseMessage

from abstractllm.encoding import message_to_json, to_json
from abstractllm.enums import MessageRole
from abstractllm.messages import Message, Text, Usage
from abstractllm.session import Session, SessionManager
from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore
from abstractllm_server.jsonrpc import plain_converter
from tests.bench.rows import Row, median, say

_CONVERTER = plain_converter()

MESSAGES = 20_000
PAGE = 100
ROUNDS = 5


def history() -> Iterator[Message]:
    """Yield prompts and replies of forty words, each after the one before."""
    parent = None
    for number in range(MESSAGES):
        reply = number % 2 == 1
        message = Message(
            role=MessageRole.ASSISTANT if reply else MessageRole.USER,
            parts=(Text("word " * 40),),
            parent_id=parent,
            usage=Usage(input_tokens=3, output_tokens=40) if reply else None,
        )
        parent = message.id
        yield message


@asynccontextmanager
async def open_session() -> AsyncIterator[Session]:
    """Yield a session with the whole history, read from a store."""
    with tempfile.TemporaryDirectory() as folder:
        messages = list(history())
        store = SQLiteStore(Path(folder))
        await store.create(SessionRecord(id="long"))
        record = SessionRecord(id="long", head_id=messages[-1].id)
        await store.save(record, *messages)
        manager = SessionManager(store=store)
        session = await manager.get_session_async("long")
        assert session is not None
        yield session
        await manager.close_async()


def answered(session: Session, last: int | None = None) -> int:
    """Return the bytes of what the server answers."""
    page, _ = session.get_page(last)
    return len(orjson.dumps([message_to_json(message) for message in page]))


def answered_before(session: Session) -> int:
    """Return the same, made and written as it was at commit 0723416."""
    response = JsonRPCResponseMessage(id=1, jsonrpc="2.0", result=before(session))
    return len(json.dumps(_CONVERTER.unstructure(response)["result"]))


def before(session: Session) -> list[dict[str, object]]:
    messages = {message.id: message for message in session.get_history()}
    back, seen = [], set()
    message: Message | None = session.get_history()[-1]
    while message and message.id not in seen:
        seen.add(message.id)
        back.append(message)
        message = messages.get(message.parent_id or "")
    told = [{**to_json(each), "content": each.content} for each in reversed(back)]
    for each in told:
        del each["cost"]  # there was none
    return told


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


async def measured() -> list[Row]:
    """Return both figures, ours and the reference by turns."""
    async with open_session() as session:
        assert answered(session) == len(orjson.dumps(before(session)))
        pairs = [
            (
                seconds(lambda: answered(session)),
                seconds(lambda: answered_before(session)),
            )
            for _ in range(ROUNDS)
        ]
        pages = [seconds(lambda: answered(session, PAGE)) for _ in range(ROUNDS)]
    ours, reference = zip(*pairs, strict=True)
    return [
        Row(
            what=f"load {MESSAGES:,} messages",
            unit="ms",
            ours=median(ours) * 1000,
            against="commit 0723416",
            reference=median(reference) * 1000,
            budget=0.5,
        ),
        Row(
            what=f"load the last {PAGE} of them",
            unit="ms",
            ours=median(pages) * 1000,
            budget=20,
        ),
    ]


if __name__ == "__main__":
    say(asyncio.run(measured()))
