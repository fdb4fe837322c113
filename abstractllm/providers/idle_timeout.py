"""The end of a wait that lasts too long."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class IdleTimeout:
    """Ends the waits of one stream, once nothing new came for so many seconds.

    `asyncio.timeout` sets a timer for each wait and takes it back, which costs as much
    as to read what came. Here is one timer for all, which looks when it is time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._is_over = False
        self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def restart(self, seconds: float | None = None) -> None:
        """Begin to count anew, to as many seconds as before or to others."""
        self._deadline = self._loop.time() + (seconds or self._seconds)
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await something; raises `TimeoutError` when the time is over."""
        task = asyncio.current_task()
        assert task is not None, "there are no coroutines outside of tasks here"
        already_cancelled = task.cancelling()
        self._waiting = task
        if self._timer is None:
            self._set_timer()
        try:
            return await awaitable
        except BaseException as error:
            # As `asyncio.timeout` has it: others may cancel the task just as well.
            by_us = self._is_over and task.uncancel() <= already_cancelled
            if by_us and isinstance(error, asyncio.CancelledError):
                raise TimeoutError from error
            raise
        finally:
            self._waiting = None

    def _set_timer(self) -> None:
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:  # the time that nobody waits does not count
            return
        if self._loop.time() < self._deadline:
            self._set_timer()
            return
        self._is_over = True
        self._waiting.cancel()
