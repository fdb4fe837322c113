"""Reading the text of files: from their beginning, or block by block."""

import os
from collections.abc import Iterator

from abstractllm.errors import FileRefused
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.opening import Opener

LARGEST_FILE = 4 << 20
"""Bytes of a file that are shown, and of one block of it that is searched."""

_BINARY_SAMPLE = 8192


def read_bytes(opener: Opener, place: Place, most: int) -> bytes:
    """Return what a file begins with, all if it is no more; raises `FileRefused`."""
    with os.fdopen(opener.file(place), "rb") as file:
        return file.read(most)


def read_text(opener: Opener, place: Place) -> tuple[str, bool]:
    """Return a file's text, and whether it goes on; raises `FileRefused`."""
    data = read_bytes(opener, place, LARGEST_FILE + 1)
    if b"\0" in data[:_BINARY_SAMPLE]:
        raise FileRefused(f"{place.name} is a binary file.")
    return _decoded(data[:LARGEST_FILE]), len(data) > LARGEST_FILE


def text_blocks(opener: Opener, place: Place) -> Iterator[str]:
    """Yield a file's text in blocks of whole lines; raises `FileRefused`.

    A block that holds a NUL byte, or comes before one, is binary and ends the text.
    Only of a line that is longer than a block the pieces come one by one.
    """
    descriptor = opener.file(place)
    try:
        block = os.read(descriptor, LARGEST_FILE)
        while block and b"\0" not in block:
            following = os.read(descriptor, LARGEST_FILE)
            if b"\0" in following:
                return
            end = (following and block.rfind(b"\n") + 1) or len(block)
            yield _decoded(block[:end])
            block = block[end:] + following
    finally:
        os.close(descriptor)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
