"""A crowd at a provider that nobody has asked before, in a process of its own."""

import json
import subprocess
import sys

import pytest

from tests.vendors import VendorServer
from tests.wire.asking import PROVIDERS

CROWD = 20

ASK_AT_ONCE = """
import asyncio, json, sys
from abstractllm import Session, create_llm

async def ask(provider, config):
    try:
        llm = create_llm(provider, model="m", **config)
        return await Session(provider=llm).generate_async("Hi")
    except Exception as error:
        return repr(error)

async def main(provider, crowd, config):
    return await asyncio.gather(*(ask(provider, config) for _ in range(crowd)))

print(json.dumps(asyncio.run(main(*json.loads(sys.argv[1])))))
"""

ASK_FROM_THREADS = """
import json, sys, threading
from abstractllm import Session, create_llm

provider, crowd, config = json.loads(sys.argv[1])
answers = []

def ask():
    import asyncio
    async def generate():
        llm = create_llm(provider, model="m", **config)
        return await Session(provider=llm).generate_async("Hi")
    try:
        answers.append(asyncio.run(generate()))
    except Exception as error:
        answers.append(repr(error))

threads = [threading.Thread(target=ask) for _ in range(crowd)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(answers))
"""


@pytest.mark.parametrize(
    "code", [ASK_AT_ONCE, ASK_FROM_THREADS], ids=["tasks", "threads"]
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_crowd_that_asks_for_the_first_time_is_answered_to_the_last(
    vendors: VendorServer, provider: str, code: str
) -> None:
    order = json.dumps([provider, CROWD, vendors.config(provider)])

    ran = subprocess.run(
        [sys.executable, "-c", code, order], capture_output=True, text=True, check=True
    )

    assert json.loads(ran.stdout) == ["You said: Hi"] * CROWD
