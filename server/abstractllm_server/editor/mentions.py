"""The names in a prompt that may be mentions: `@src/a.py:10-20`, `@src/`, `@open`."""

import re
from collections.abc import Iterator

import attrs

from abstractllm.messages import LineRange

_MENTION = re.compile(
    r"(?<![\w@/])@(?P<name>[^\s@:]+)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?"
)

_AFTER_A_MENTION = ".,;!?)]}'\"`"


@attrs.frozen
class Mention:
    """A name in a prompt, maybe of something, with the lines that are meant of it."""

    name: str
    lines: LineRange | None = None


def mentions(prompt: str) -> Iterator[Mention]:
    """Yield what may be mentioned, each once, in order."""
    yield from dict.fromkeys(map(_mention, _MENTION.finditer(prompt)))


def _mention(found: re.Match[str]) -> Mention:
    name, first, last = found.group("name", "first", "last")
    if first is None:
        return Mention(name.rstrip(_AFTER_A_MENTION))
    return Mention(name, LineRange(start=int(first) - 1, end=int(last or first)))
