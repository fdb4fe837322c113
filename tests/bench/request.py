"""From a prompt to its request at the model's server, beside the SDK's own call."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic_ns
from typing import Any

import attrs

from abstractllm import MessageRole, Session, SessionManager, create_llm
from abstractllm.messages import Message, Text
from tests.bench.rows import Row, median, say
from tests.bench.upstream import Upstream, upstream

ROUNDS = 11
SHORT, LONG = 10, 2000
BUDGETS = {"openai": 0.2, "anthropic": 1.0, "ollama": 1.0}

SENTENCE = "What is said in one message of a session, which is about this long. " * 4


async def session_of(
    folder: Path, provider: str, server: Upstream, messages: int
) -> Session:
    """Return a stored session whose history has so many messages."""
    manager = SessionManager(folder)
    llm = create_llm(provider, **server.config(provider))
    session = await manager.create_session_async(provider=llm)
    said: list[Message] = []
    for number in range(messages):
        role = (MessageRole.USER, MessageRole.ASSISTANT)[number % 2]
        parent = said[-1].id if said else None
        text = Text(f"{number}: {SENTENCE}")
        said.append(Message(role=role, parts=(text,), parent_id=parent))
    await session._journal.change(*said, head_id=said[-1].id)
    return session


async def ours(session: Session, server: Upstream) -> float:
    """Return the milliseconds from a prompt to its request."""
    began = monotonic_ns()
    async for _ in session.stream("Hi"):
        pass
    return (server.arrival() - began) / 1e6


Ask = Callable[[list[dict[str, Any]]], Awaitable[Any]]


def openai(server: Upstream) -> Ask:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none")
    create: Any = client.chat.completions.create
    return lambda messages: create(model="model-1", messages=messages, stream=True)


def anthropic(server: Upstream) -> Ask:
    from anthropic import AsyncAnthropic

    client = AsyncAnthropic(base_url=server.url, api_key="none")
    create: Any = client.messages.create
    return lambda messages: create(
        model="model-1", max_tokens=8192, messages=messages, stream=True
    )


def ollama(server: Upstream) -> Ask:
    from ollama import AsyncClient

    client: Any = AsyncClient(host=server.url)
    return lambda messages: client.chat(model="model-1", messages=messages, stream=True)


SDKS = {"openai": openai, "anthropic": anthropic, "ollama": ollama}


async def theirs(ask: Ask, messages: list[dict[str, Any]], server: Upstream) -> float:
    began = monotonic_ns()
    async for _ in await ask(messages):
        pass
    return (server.arrival() - began) / 1e6


@attrs.frozen
class Compared:
    """Milliseconds to the request, and the bytes of it."""

    ours: float
    theirs: float
    size: int


async def compare(provider: str, server: Upstream, messages: int) -> Compared:
    """Return the medians of ours and of the SDK's, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        session = await session_of(Path(folder), provider, server, messages)
        ask = SDKS[provider](server)
        we, they = [], []
        for _ in range(ROUNDS):
            we.append(await ours(session, server))
            wire = session.get_messages_for_provider(provider)
            they.append(await theirs(ask, wire, server))
    return Compared(median(we), median(they), len(json.dumps(wire)))


async def rows() -> list[Row]:
    """Measure all three wires, with a short history and a long one."""
    found = []
    with upstream(1) as server:
        for provider, budget in BUDGETS.items():
            short = await compare(provider, server, SHORT)
            long = await compare(provider, server, LONG)
            found += [
                Row(
                    what=f"prompt to request, {LONG:,} messages: {provider}",
                    unit="ms",
                    ours=long.ours,
                    against="the bare SDK call",
                    reference=long.theirs,
                    budget=budget,
                ),
                Row(
                    what=f"the same, growth from {SHORT} to {LONG:,}: {provider}",
                    unit="times",
                    ours=long.ours / short.ours,
                    against="the request's bytes",
                    reference=long.size / short.size,
                    budget=1.0,
                ),
            ]
    return found


if __name__ == "__main__":
    say(asyncio.run(rows()))
