"""A connection to the sessions' database, on a thread of its own."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from abstractllm.errors import StoreClosed
from abstractllm.store.database import (
    BUSY_TIMEOUT,
    DATABASE_NAME,
    empty_database,
    is_damage,
    is_lock,
    is_refusal,
    store_error,
)
from abstractllm.store.opening import open_database

IMPATIENT = 0.1
"""How many seconds to wait for a lock that was waited for in vain."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Connection:
    """Opens the database in a folder when it is first asked, and again if need be.

    What was asked is done even if the caller is cancelled while it waits, and in the
    order it was asked.
    """

    def __init__(
        self, folder: Path, tell: Callable[[str], None], is_suspect: threading.Event
    ) -> None:
        """Ask the database in `folder`; `tell` the user what happened to the files.

        `tell` is called on the event loop of whoever asked then. `is_suspect`, which
        connections to one file share, is set where one of them met damage; whoever is
        asked next opens the file anew and has all of it checked.
        """
        self.generation = 0
        """Grows when the file was found gone, replaced or new."""
        self._is_suspect = is_suspect
        self._folder = folder
        self._tell = tell
        self._untold: deque[str] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="abstractllm-store")
        # All below is touched on the thread only.
        self._connection: sqlite3.Connection | None = None
        self._nothing: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._patience = BUSY_TIMEOUT
        self._is_condemned = False

    def submit(
        self,
        query: Callable[[sqlite3.Connection, *Ts], T],
        *arguments: *Ts,
        create: bool = False,
    ) -> Future[T]:
        """Begin a query and return what will hold its result; raises `StoreError`.

        `create` makes the database where there is none.
        """
        try:
            call = partial(self._call, create, query, *arguments)
            return self._thread.submit(call)
        except RuntimeError as error:
            raise StoreClosed("The session store is closed.") from error

    async def ask(
        self,
        query: Callable[[sqlite3.Connection, *Ts], T],
        *arguments: *Ts,
    ) -> T:
        """Return what a query returns; raises its errors, or `StoreError`."""
        return await self.result(self.submit(query, *arguments))

    async def result(self, future: Future[T]) -> T:
        """Wait for a result; what was begun goes on if the caller is cancelled."""
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        finally:
            while self._untold:
                self._tell(self._untold.popleft())

    async def close(self) -> None:
        """Finish what was begun, let go of the files and end the thread."""
        loop = asyncio.get_running_loop()
        try:
            disconnected = loop.run_in_executor(self._thread, self._disconnect)
        except RuntimeError:  # closed before
            return
        self._thread.shutdown(wait=False)
        await asyncio.shield(disconnected)
        self._thread.shutdown()

    def _call(
        self,
        create: bool,
        query: Callable[[sqlite3.Connection, *Ts], T],
        *arguments: *Ts,
    ) -> T:
        ask = partial(self._query, create, query, *arguments)
        try:
            return self._mended(ask)
        except OSError as error:
            raise store_error(error) from error
        except sqlite3.Error as error:
            if is_lock(error):
                self._wait_for_locks(IMPATIENT)
            if is_damage(error) or is_refusal(error):
                self._disconnect()
            raise store_error(error) from error

    def _mended(self, ask: Callable[[], T]) -> T:
        """Return what a query returns; again where it met damage that is mended.

        The check does not find all damage: what is met twice need not be found. A
        transaction that fails leaves nothing behind.
        """
        for tries in range(3):
            self._is_condemned = tries == 2
            try:
                return ask()
            except sqlite3.DatabaseError as error:
                if not is_damage(error) or tries == 2:
                    raise
                self._is_suspect.set()
        raise AssertionError("a query returns or raises")

    def _query(
        self,
        create: bool,
        query: Callable[[sqlite3.Connection, *Ts], T],
        *arguments: *Ts,
    ) -> T:
        connection = self._connect(create=create)
        written = connection.total_changes
        result = query(connection, *arguments)
        if connection.total_changes > written:  # to read is always possible
            self._wait_for_locks(BUSY_TIMEOUT)
        return result

    def _connect(self, *, create: bool) -> sqlite3.Connection:
        on_disk = self._file_on_disk()
        # A file that was deleted or replaced while open would swallow every write.
        if self._file != on_disk or self._is_suspect.is_set():
            self._disconnect()
        if on_disk is None and not create:
            self._is_at(None)
            return self._empty()
        if self._connection is None:
            self._connection = open_database(
                self._folder,
                self._untold.append,
                suspect=self._is_suspect.is_set(),
                condemned=self._is_condemned,
            )
            self._is_at(self._file_on_disk())
            self._is_suspect.clear()
        return self._connection

    def _wait_for_locks(self, seconds: float) -> None:
        """Wait so long from now on: who asks much must not wait in vain each time."""
        if self._connection is not None and seconds != self._patience:
            milliseconds = int(seconds * 1000)
            self._connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
            self._patience = seconds

    def _is_at(self, file: tuple[int, int] | None) -> None:
        if file != self._file:
            self.generation += 1
        self._file = file

    def _empty(self) -> sqlite3.Connection:
        """Return a database to ask before there is one: looking leaves no traces."""
        if self._nothing is None:
            self._nothing = empty_database()
        return self._nothing

    def _disconnect(self) -> None:
        for connection in filter(None, (self._connection, self._nothing)):
            connection.close()
        self._connection = self._nothing = None
        self._patience = BUSY_TIMEOUT

    def _file_on_disk(self) -> tuple[int, int] | None:
        try:
            status = (self._folder / DATABASE_NAME).stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino
