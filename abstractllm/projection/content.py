"""The content of messages as a model sees it: texts, files in frames, pictures."""

import base64
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from abstractllm.messages import Image, Message, Part, Resource, Text, ToolResult
from abstractllm.pictures import MEDIA_TYPES, media_type_of
from abstractllm.projection.wholeness import is_whole, whole


def with_texts_joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield `parts` with neighbouring texts as one, and without blank ones.

    Anthropic rejects a block of nothing but whitespace, although it sends such blocks
    (anthropics/anthropic-sdk-python#461).
    """
    for is_text, run in itertools.groupby(parts, lambda part: isinstance(part, Text)):
        if not is_text:
            yield from run
            continue
        texts = [part for part in run if isinstance(part, Text)]
        joined = texts[0] if len(texts) == 1 else Text("".join(t.text for t in texts))
        if joined.text and not joined.text.isspace():
            yield joined


def only_text(message: Message) -> Text | None:
    """Return the text of a message that holds nothing else, as most do."""
    if len(message.parts) == 1:
        part = message.parts[0]
        if isinstance(part, Text) and part.text and not part.text.isspace():
            return part
    return None


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


def sendable(image: Image) -> Image | None:
    """Return `image` if it is a picture of a type that the vendors' APIs take.

    What its bytes are tells the type, as it does to the vendors: one that is told
    wrongly is put right. `None` stands for what would be refused with this request and
    with every later one.
    """
    if image.media_type not in MEDIA_TYPES:
        return None
    try:
        data = base64.b64decode(image.data, validate=True)
    except ValueError:
        return None
    media_type = media_type_of(data)
    return attrs.evolve(image, media_type=media_type) if media_type else None


def whole_message(message: Message) -> Message:
    """Return a message without halves of characters; itself, if it has none.

    A call's name, id and arguments are written anew anyhow, and sealed thinking cannot
    be changed.
    """
    if all(map(_is_whole_part, message.parts)):
        return message
    return attrs.evolve(message, parts=tuple(map(_whole_part, message.parts)))


def _is_whole_part(part: Part) -> bool:
    match part:
        case Text(text) | ToolResult(content=text):
            return is_whole(text)
        case Resource(uri=uri, text=text):
            return is_whole(uri) and is_whole(text)
        case _:
            return True


def _whole_part(part: Part) -> Part:
    match part:
        case Text(text):
            return Text(whole(text))
        case Resource(uri=uri, text=text):
            return attrs.evolve(part, uri=whole(uri), text=whole(text))
        case ToolResult(content=content):
            return attrs.evolve(part, content=whole(content))
        case _:
            return part


def joined(texts: Sequence[Text]) -> str:
    """Return texts as one, a blank line between each two."""
    if len(texts) == 1:
        return texts[0].text
    return "\n\n".join(text.text for text in texts)
