"""Tools under names that every vendor takes."""

import itertools
import re
from collections.abc import Iterable, Iterator

from abstractllm.interface import ToolSpec

_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST = 64


def tool_name(name: str) -> str:
    """Return a tool's name as all vendors take it: up to 64 letters, digits, `_`, `-`.

    https://platform.openai.com/docs/api-reference/chat/create (function names) and
    Anthropic's `^[a-zA-Z0-9_-]{1,64}$`.
    """
    return _NOT_IN_A_NAME.sub("_", name)[:_LONGEST] or "unnamed"


def named(specs: Iterable[ToolSpec]) -> Iterator[tuple[str, ToolSpec]]:
    """Yield tools with the names they are declared under, no two of them the same.

    A tool whose own name is valid keeps it, whichever comes first.
    """
    specs = tuple(specs)
    taken = {spec.name for spec in specs if tool_name(spec.name) == spec.name}
    for spec in specs:
        name = tool_name(spec.name)
        if name != spec.name:
            name = next(one for one in _candidates(name) if one not in taken)
            taken.add(name)
        yield name, spec


def _candidates(name: str) -> Iterator[str]:
    yield name
    for number in itertools.count(2):
        tail = f"_{number}"
        yield name[: _LONGEST - len(tail)] + tail
