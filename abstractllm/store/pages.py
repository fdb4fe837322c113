"""Reads the records of a SQLite file page by page, where SQLite itself gives up.

The names are those of https://sqlite.org/fileformat2.html. A page that no tree leads to
any more is read like any other; a cell that makes no sense is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

from abstractllm.store.reading import text_of

Value: TypeAlias = int | float | str | bytes | None

USUAL_SIZE = 4096
"""Bytes of a page, where the header does not tell, or lies."""

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x0A, 0x02

_LENGTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Bytes of a value by its serial type."""

_WAL_HEADER, _FRAME_HEADER = 32, 24


class Record(NamedTuple):
    """A row; `rowid` is `None` in an index, and in a table that is one."""

    rowid: int | None
    values: tuple[Value, ...]


def records(path: Path, page_size: int) -> Iterator[Record]:
    """Yield what can be read of a database, and of the write-ahead log beside it."""
    pages = _Pages(path, page_size)
    for number in range(1, pages.count + 1):
        if number not in pages.free:
            yield from pages.records(number)


def page_sizes(path: Path) -> set[int]:
    """Return which sizes the pages of a database may have."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:])
    size = 65536 if size == 1 else size
    is_possible = 512 <= size <= 65536 and not size & (size - 1)
    return {size, USUAL_SIZE} if is_possible else {USUAL_SIZE}


class _Pages:
    """The pages of a database, the newest of each."""

    def __init__(self, path: Path, size: int) -> None:
        self._size = size
        self._data = path.read_bytes()
        self._logged = _logged(Path(f"{path}-wal"), size)
        self.count = max([-(-len(self._data) // size), *self._logged])
        self.free = self._free()

    def page(self, number: int) -> bytes:
        """Return a page; nothing where there is none."""
        start = (number - 1) * self._size
        return self._logged.get(number) or self._data[start : start + self._size]

    def records(self, number: int) -> Iterator[Record]:
        """Yield the records that begin on a page."""
        page = self.page(number)
        start = 100 if number == 1 else 0
        kind = page[start] if len(page) > start + 8 else None
        if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR):
            return
        pointers = start + (12 if kind == _INDEX_INTERIOR else 8)
        for n in range(_integer(page, start + 3, 2)):
            # As SQLite does: what is flipped above a page's size does no harm.
            cell = _integer(page, pointers + 2 * n, 2) % self._size
            with suppress(IndexError):
                yield self._record(page, cell, kind)

    def _record(self, page: bytes, at: int, kind: int) -> Record:
        """Return what a cell holds; raises `IndexError`."""
        if kind == _INDEX_INTERIOR:
            at += 4  # past the page that is left of it
        length, at = _varint(page, at)
        rowid = None
        if kind == _TABLE_LEAF:
            rowid, at = _varint(page, at)
        return Record(rowid, _values(self._payload(page, at, length, kind)))

    def _payload(self, page: bytes, at: int, length: int, kind: int) -> bytes:
        """Return the bytes of a record, as far as they can be found.

        What does not fit the page lies on others, each of which names the next.
        """
        smallest = (self._size - 12) * 32 // 255 - 23
        most = self._size - 35
        if kind != _TABLE_LEAF:
            most = (self._size - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        local = smallest + (length - smallest) % (self._size - 4)
        local = local if local <= most else smallest
        payload = bytearray(page[at : at + local])
        number = _integer(page, at + local, 4)
        for _ in range(self.count):  # or a circle of pages would have no end
            if len(payload) >= length or not 0 < number <= self.count:
                break
            page = self.page(number)
            payload += page[4:]
            number = _integer(page, 0, 4)
        return bytes(payload[:length])

    def _free(self) -> set[int]:
        """Return the pages of what was deleted; none if their list is damaged."""
        header = self.page(1)
        trunk, count = _integer(header, 32, 4), _integer(header, 36, 4)
        free: set[int] = set()
        while trunk and trunk not in free and len(free) <= count:
            page = self.page(trunk)
            leaves = min(_integer(page, 4, 4), self._size // 4 - 2)
            free |= {trunk, *(_integer(page, 8 + 4 * n, 4) for n in range(leaves))}
            trunk = _integer(page, 0, 4)
        return free if len(free) == count else set()


def _logged(path: Path, size: int) -> dict[int, bytes]:
    """Return the pages that are committed in a write-ahead log alone."""
    data = path.read_bytes() if path.exists() else b""
    if _integer(data, 8, 4) != size:
        return {}
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    step = _FRAME_HEADER + size
    for start in range(_WAL_HEADER, len(data) - step + 1, step):
        if data[start + 8 : start + 16] != data[16:24]:  # of a log before this one
            break
        number = _integer(data, start, 4)
        pending[number] = data[start + _FRAME_HEADER : start + step]
        if _integer(data, start + 4, 4):
            committed |= pending
            pending = {}
    return committed


def _values(payload: bytes) -> tuple[Value, ...]:
    """Return what a record holds, with `None` for what is cut off; `IndexError`."""
    header, at = _varint(payload, 0)
    place = header
    values = []
    while at < header:
        kind, at = _varint(payload, at)
        length = (kind - 12) // 2 if kind >= 12 else _LENGTHS.get(kind, 0)
        data = payload[place : place + length]
        values.append(_value(kind, data) if len(data) == length else None)
        place += length
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    if kind >= 12:
        return text_of(data) if kind % 2 else data
    if kind == 7:
        number: float = struct.unpack(">d", data)[0]
        return number
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(data, signed=True) if kind in _LENGTHS and kind else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number, and where it ends."""
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            value = value << 8 | byte
            break
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return (value - (1 << 64) if value >> 63 else value), at + n + 1


def _integer(data: bytes, at: int, length: int) -> int:
    """Return an unsigned number; 0 beyond the end."""
    return int.from_bytes(data[at : at + length])
