"""Relaying a reply at full speed, beside the loop that each SDK documents."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from abstractllm import Session, create_llm
from abstractllm.events import TextDelta
from tests.bench.rows import Row, median, say
from tests.bench.upstream import Upstream, upstream

TOKENS = 5000
ROUNDS = 7


async def ours(provider: str, server: Upstream) -> int:
    session = Session(provider=create_llm(provider, **server.config(provider)))
    return sum([isinstance(e, TextDelta) async for e in session.stream("Hi")])


async def openai(server: Upstream) -> int:
    from openai import AsyncOpenAI

    count = 0
    async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none") as client:
        stream = await client.chat.completions.create(
            model="model-1", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
    return count


async def anthropic(server: Upstream) -> int:
    from anthropic import AsyncAnthropic

    count = 0
    async with AsyncAnthropic(base_url=server.url, api_key="none") as client:
        stream = await client.messages.create(
            model="model-1",
            max_tokens=8192,
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
        )
        async for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                count += 1
    return count


async def ollama(server: Upstream) -> int:
    from ollama import AsyncClient

    count = 0
    client = AsyncClient(host=server.url)
    stream = await client.chat(
        model="model-1", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    async for part in stream:
        if part.message.content:
            count += 1
    await client.close()  # type: ignore[no-untyped-call]
    return count


SDKS: dict[str, Callable[[Upstream], Awaitable[int]]] = {
    "openai": openai,
    "anthropic": anthropic,
    "ollama": ollama,
}


async def timed(asked: Awaitable[int]) -> float:
    start = perf_counter()
    count = await asked
    assert count == TOKENS, count
    return perf_counter() - start


async def compare(provider: str, server: Upstream) -> tuple[float, float]:
    """Return the median seconds of ours and of the SDK's, taken in turns."""
    we, they = [], []
    for _ in range(ROUNDS):
        we.append(await timed(ours(provider, server)))
        they.append(await timed(SDKS[provider](server)))
    return median(we), median(they)


BUDGETS = {"openai": 0.5, "anthropic": 1.2, "ollama": 1.2}


async def rows() -> list[Row]:
    """Measure all three wires."""
    found = []
    with upstream(TOKENS) as server:
        for provider, budget in BUDGETS.items():
            we, they = await compare(provider, server)
            found.append(
                Row(
                    what=f"relay of {TOKENS:,} tokens: {provider}",
                    unit="ms",
                    ours=we * 1000,
                    against="the bare SDK's loop",
                    reference=they * 1000,
                    budget=budget,
                )
            )
    return found


if __name__ == "__main__":
    say(asyncio.run(rows()))
