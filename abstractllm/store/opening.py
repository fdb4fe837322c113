"""Opens the sessions' database, and mends it where it is damaged."""

import contextlib
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from abstractllm.messages import now
from abstractllm.store.database import (
    DATABASE_NAME,
    connect,
    create_private,
    is_damage,
    one_at_a_time,
)

_logger = logging.getLogger(__name__)


def open_database(
    folder: Path,
    tell: Callable[[str], None],
    *,
    suspect: bool = False,
    condemned: bool = False,
) -> sqlite3.Connection:
    """Open the database in `folder`; make both if need be.

    A damaged database is renamed, and what can be read of it begins a new one. Triggers
    and views of another hand are taken out, and kept in a file. `tell` is given a
    sentence of either. What opening does not read is checked only when the database is
    `suspect`, as that takes time in proportion to its size. One that is `condemned`
    counts as damaged. Raises `StoreError`, `sqlite3.Error` or `OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder.iterdir()):  # or it would hide somebody's own files from git
        create_private(folder / ".gitignore", b"*\n")
    path = folder / DATABASE_NAME
    with one_at_a_time(folder):
        if _mended(path).exists():
            _put_in_place(path)
        if condemned:
            _mend(path, tell)
        try:
            return connect(path, tell, check=suspect)
        except sqlite3.DatabaseError as error:
            if not is_damage(error) or condemned:
                raise
            _mend(path, tell)
            return connect(path, tell)


def _mend(path: Path, tell: Callable[[str], None]) -> None:
    """Set a damaged database aside, and begin one with what can be read of it.

    The new one is whole before the old one goes: whoever dies in between loses nothing.
    """
    # Loaded where there is damage: a server's start has no need of it.
    from abstractllm.store.salvage import bring_over

    begun = Path(f"{path}.mending")
    for suffix in ("-wal", "-shm", ""):
        Path(f"{begun}{suffix}").unlink(missing_ok=True)
    with contextlib.closing(connect(begun, tell)) as connection:
        salvaged = bring_over(path, connection)
    begun.replace(_mended(path))
    aside = _put_in_place(path)
    _logger.error("%s is damaged. It was set aside as %s.", DATABASE_NAME, aside)
    tell(
        f"{DATABASE_NAME} was damaged. What could be read of it was brought over into "
        f"a new one: {_count(salvaged.messages, 'message')} of "
        f"{_count(salvaged.sessions, 'session')}. The damaged one was set aside as "
        f"{aside.name}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _put_in_place(path: Path) -> Path:
    """Set the damaged database aside for the mended one; return where it is."""
    aside = Path(f"{path}.damaged-{now():%Y%m%dT%H%M%S%fZ}")
    # The log first: one left behind would be taken for the new database's own.
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    try:
        aside.hardlink_to(path)
    except OSError:  # as the file system has no links
        shutil.copyfile(path, aside)
    _mended(path).replace(path)
    return aside


def _mended(path: Path) -> Path:
    return Path(f"{path}.mended")
