"""The pipe that brings the user's keys: what is taken from it, and what is not."""

import asyncio
import io
import os
import socket

import pytest

from abstractllm_server import keys as keys_module
from abstractllm_server.keys import COMPLAINT, Keys, open_pipe

GOOD = b'{"openai": "sk-one", "anthropic": "sk-two"}\n'


async def sent(data: bytes) -> Keys:
    """Return the keys of an editor that has written this, and is gone."""
    keys = Keys()
    await asyncio.to_thread(keys.listen(io.BytesIO(data)).join)
    return keys


def test_our_children_do_not_inherit_the_pipe() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)

    with open_pipe(reading):
        assert not os.get_inheritable(reading)

    os.close(writing)


async def test_a_line_takes_the_place_of_the_one_before() -> None:
    keys = await sent(GOOD + b'{"openai": "sk-three"}\n')

    assert keys.by_provider == {"openai": "sk-three"}
    assert keys.take_complaints() == []


async def test_keys_that_are_empty_or_of_unknown_providers_are_left_out() -> None:
    keys = await sent(b'{"openai": "", "anthropic": "sk-two", "newer": "sk"}\n')

    assert keys.by_provider == {"anthropic": "sk-two"}
    assert keys.take_complaints() == []


@pytest.mark.parametrize(
    "line",
    [
        b"sk-secret\n",
        b'"sk-secret"\n',
        b'["sk-secret"]\n',
        b'{"openai": {"sk-secret": 1}}\n',
        b'{"openai": "sk-sec',
        b"[" * 100_000 + b"\n",
        b"\xff\n",
        b"\n",
    ],
    ids=range(8),
)
async def test_a_line_that_is_no_keys_is_told_without_a_word_of_it(
    line: bytes,
) -> None:
    keys = await sent(GOOD + line)

    assert keys.take_complaints() == [COMPLAINT]
    assert keys.take_complaints() == []
    assert keys.by_provider == {"openai": "sk-one", "anthropic": "sk-two"}


async def test_without_a_pipe_there_is_nothing_to_wait_for() -> None:
    keys = Keys()

    async with asyncio.timeout(0):
        await keys.first()

    assert keys.by_provider == {}


async def test_a_pipe_that_ends_is_not_waited_for() -> None:
    keys = await sent(b"")

    async with asyncio.timeout(0):
        await keys.first()

    assert keys.by_provider == {}


async def test_a_pipe_that_stays_silent_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys_module, "FIRST_SECONDS", 0.01)
    ours, editors = socket.socketpair()
    with ours, editors:
        keys = Keys()
        thread = keys.listen(ours.makefile("rb"))

        async with asyncio.timeout(10):
            await keys.first()

        assert keys.by_provider == {}
        editors.sendall(GOOD)
        await keys.next()
        assert keys.by_provider == {"openai": "sk-one", "anthropic": "sk-two"}
        editors.close()
        await asyncio.to_thread(thread.join)
