"""The content of messages as a model sees it: texts, files in frames, pictures."""

import base64
import itertools
import json
import re
from collections.abc import Iterable, Iterator

from abstractllm.messages import Image, Part, Resource, Text

_IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def with_texts_joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield `parts` with neighbouring texts as one, and without blank ones.

    Anthropic rejects a block of nothing but whitespace, although it sends such blocks
    (anthropics/anthropic-sdk-python#461).
    """
    for is_text, run in itertools.groupby(parts, lambda part: isinstance(part, Text)):
        if not is_text:
            yield from run
            continue
        text = "".join(part.text for part in run if isinstance(part, Text))
        if text.strip():
            yield Text(text)


def framed(resource: Resource) -> Text:
    """Return a piece of a file as text: where it is from, then a fenced block.

    Lines are counted from one. The fence is longer than any in the file and the URI is
    quoted, so that nothing in either can end the frame and speak for itself.
    """
    where = [json.dumps(resource.uri, ensure_ascii=False)]
    if resource.range is not None:
        first, last = resource.range.start + 1, resource.range.end
        where.append(f"lines {first}-{last}" if first < last else f"line {first}")
    if resource.version is not None:
        where.append(f"version {resource.version}")
    longest = max(map(len, re.findall("`+", resource.text)), default=0)
    fence = "`" * max(3, longest + 1)
    text = resource.text if resource.text.endswith("\n") else f"{resource.text}\n"
    return Text(f"Content of {', '.join(where)}:\n{fence}\n{text}{fence}")


def is_sendable(image: Image) -> bool:
    """Return whether `image` is base64 of a type that the vendors' APIs take.

    One that is not would be refused with this request and with every later one.
    """
    try:
        data = base64.b64decode(image.data, validate=True)
    except ValueError:
        return False
    return bool(data) and image.media_type in _IMAGE_TYPES


def joined(texts: Iterable[Text]) -> str:
    """Return texts as one, a blank line between each two."""
    return "\n\n".join(text.text for text in texts)
