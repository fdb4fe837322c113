"""From a prompt to its request at the model's server, beside the SDK's own call."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic_ns
from typing import Any

from abstractllm import MessageRole, Session, SessionManager, create_llm
from abstractllm.messages import Message, Text
from tests.bench.upstream import Upstream

SENTENCE = "What is said in one message of a session, which is about this long. " * 4


async def session_of(
    folder: Path, provider: str, server: Upstream, messages: int
) -> Session:
    """Return a stored session whose history has so many messages."""
    manager = SessionManager(folder)
    llm = create_llm(provider, **server.config(provider))
    session = await manager.create_session_async(provider=llm)
    for number in range(messages):
        role = (MessageRole.USER, MessageRole.ASSISTANT)[number % 2]
        message = Message(role=role, parts=(Text(f"{number}: {SENTENCE}"),))
        session._journal.history.add(message)
    await session._journal.change(*session._journal.history.tree)
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


async def compare(
    provider: str, server: Upstream, messages: int, rounds: int = 9
) -> tuple[float, float]:
    """Return the median milliseconds of ours and of the SDK's, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        session = await session_of(Path(folder), provider, server, messages)
        ask = SDKS[provider](server)
        we, they = [], []
        for _ in range(rounds):
            we.append(await ours(session, server))
            wire = session.get_messages_for_provider(provider)
            they.append(await theirs(ask, wire, server))
    return sorted(we)[rounds // 2], sorted(they)[rounds // 2]
