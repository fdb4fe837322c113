"""The end of a wait that lasts too long, and of no other."""

import asyncio

import pytest

from abstractllm.providers.idle_timeout import IdleTimeout


async def test_what_comes_in_time_is_returned() -> None:
    with IdleTimeout(60) as idle:
        assert await idle.wait(asyncio.sleep(0, "here")) == "here"


async def test_a_wait_that_brings_nothing_is_ended_with_what_it_waits_for() -> None:
    nothing = asyncio.get_running_loop().create_future()

    with IdleTimeout(0.01) as idle, pytest.raises(TimeoutError):
        await idle.wait(nothing)

    assert nothing.cancelled()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_many_waits_share_the_time() -> None:
    with IdleTimeout(0.05) as idle, pytest.raises(TimeoutError):
        while True:
            await idle.wait(asyncio.sleep(0))


async def test_restarted_time_counts_anew_though_its_timer_is_set() -> None:
    with IdleTimeout(0.01) as idle:
        await idle.wait(asyncio.sleep(0))
        idle.restart(3600)

        assert await idle.wait(later("here")) == "here"


async def test_the_time_that_nobody_waits_does_not_count() -> None:
    with IdleTimeout(0.01) as idle:
        await idle.wait(asyncio.sleep(0))
        await later("nobody asked for it")
        idle.restart(3600)

        assert await idle.wait(later("here")) == "here"


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    async def wait() -> None:
        with IdleTimeout(60) as idle:
            await idle.wait(asyncio.get_running_loop().create_future())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_less_time_than_before_counts_at_once() -> None:
    with IdleTimeout(3600) as idle:
        await idle.wait(asyncio.sleep(0))
        idle.restart(0.01)

        with pytest.raises(TimeoutError):
            await idle.wait(asyncio.get_running_loop().create_future())


def later(value: str) -> asyncio.Future[str]:
    """Return what comes when a timer of 0.01 seconds has long gone off."""
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[str] = loop.create_future()
    loop.call_later(0.05, coming.set_result, value)
    return coming
