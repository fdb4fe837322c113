"""Searching by a regular expression, which may turn out to take for ever."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from abstractllm.errors import InvalidParameter
from abstractllm.workspace.children import output_of, start
from abstractllm.workspace.documents import Buffer, Found, Match, Query

# -P, or a module in the working directory could take another one's place.
_COMMAND = (sys.executable, "-P", "-m", "abstractllm.workspace.pattern_process")


def search_by_pattern(
    folders: Sequence[Path],
    buffers: Mapping[str, Buffer],
    query: Query,
    seconds: float,
    stop: threading.Event,
) -> Found[Match]:
    """Return the lines that an expression fits in, in the order of their files.

    After `seconds` they are given as far as it came, and none when `stop` is set.
    Raises `InvalidParameter` for an expression that is none, or that takes too long.
    """
    order = {
        "folders": [str(folder) for folder in folders],
        "buffers": {uri: buffer.text for uri, buffer in buffers.items()},
        "query": attrs.asdict(query),
        "seconds": seconds,
    }
    with start(_COMMAND) as process:
        output = output_of(process, stop, json.dumps(order).encode())
    if output is None:
        return Found(items=(), complete=False)
    if process.returncode != 0:
        raise InvalidParameter(
            "The regular expression takes too much time or memory. Make it simpler: "
            "with no repetition inside of another one."
        )
    return _found(json.loads(output))


def _found(answer: dict[str, Any]) -> Found[Match]:
    if "error" in answer:
        raise InvalidParameter(f"This is no regular expression: {answer['error']}.")
    items = tuple(Match(**item) for item in answer["items"])
    return Found(items=items, complete=answer["complete"])
