"""A history as Markdown, for people to read and pass on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from abstractllm.enums import MessageRole
from abstractllm.messages import (
    Image,
    Message,
    Part,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from abstractllm.session.compacted import compaction_of
from abstractllm.store.contract import SessionRecord

_SPEAKERS = {
    MessageRole.USER: "You",
    MessageRole.ASSISTANT: "Assistant",
    MessageRole.TOOL: "Tools",
    MessageRole.SYSTEM: "System",
}


def to_markdown(record: SessionRecord, branch: Sequence[Message]) -> str:
    """Return what is shown of a session as one Markdown document."""
    blocks = [f"# {_line(record.title or 'Untitled')}"]
    if record.system_prompt:
        blocks += ["## Instructions", record.system_prompt.strip()]
    for message in branch:
        blocks += _blocks(message)
    return "\n\n".join(blocks) + "\n"


def message_to_markdown(message: Message) -> str:
    """Return one message as Markdown."""
    return "\n\n".join(_blocks(message))


def _blocks(message: Message) -> Iterator[str]:
    speaker = "Summary" if compaction_of(message) else _SPEAKERS[message.role]
    yield f"## {speaker} ({message.model})" if message.model else f"## {speaker}"
    for part in message.parts:
        yield from _part(part)
    error = message.metadata.get("error")
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        yield _quoted(error["message"])


def _part(part: Part) -> Iterator[str]:
    match part:
        case Text(text):
            if text.strip():
                yield text.strip()
        case Thinking(text=text):
            if text.strip():
                summary = "<details><summary>Thinking</summary>"
                yield f"{summary}\n\n{text.strip()}\n\n</details>"
        case ToolCall(name=name, arguments=arguments, raw=raw):
            yield f"Calls `{_line(name)}`:"
            told = raw or json.dumps(dict(arguments), ensure_ascii=False, indent=2)
            yield _fenced(told, "json")
        case ToolResult(content=content):
            yield _fenced(content)
        case Resource(uri=uri, text=text):
            yield f"`{_line(uri)}`:"
            yield _fenced(text)
        case Image(media_type=media_type):
            yield f"(a picture, {media_type})"
        case _:
            yield "(a part that this version cannot show)"


def _fenced(text: str, language: str = "") -> str:
    """Return text as a block that nothing in it ends."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _line(text: str) -> str:
    return " ".join(text.split())
