"""Sessions from elsewhere: our own files, and message lists as OpenAI has them.

Whatever is no message is kept as text: a broken history is repaired when it is sent,
not refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from abstractllm.encoding import unknown
from abstractllm.enums import SECRET_PARAMETERS, MessageRole, SessionMode
from abstractllm.errors import InvalidSessionFile
from abstractllm.messages import (
    Image,
    Message,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    new_id,
    now,
)
from abstractllm.session.session_file import FORMAT, session_of_document
from abstractllm.store.contract import SessionRecord

_ROLES = {
    "user": MessageRole.USER,
    "assistant": MessageRole.ASSISTANT,
    "tool": MessageRole.TOOL,
    "function": MessageRole.TOOL,
}


def imported(text: str) -> tuple[SessionRecord, tuple[Message, ...]]:
    """Return a new session that a text holds, and all of its messages.

    Keys and addresses that the text may hold stay behind, and so does the mode that
    lets models act unasked. Raises `InvalidSessionFile`.
    """
    data = _json(text)
    if isinstance(data, dict) and data.get("format") == FORMAT:
        stored = session_of_document(data, "The text")
        record, messages = stored.record, stored.messages
    else:
        record, messages = _of_list(_list(data))
    mode = SessionMode.EDIT if record.mode is SessionMode.AUTO else record.mode
    config = {
        name: value
        for name, value in record.provider_config.items()
        if name not in SECRET_PARAMETERS
    }
    record = attrs.evolve(
        record,
        id=new_id(),
        mode=mode,
        provider_config=config,
        pinned=False,
        updated_at=now(),
    )
    return record, messages


def _json(text: str) -> Any:
    """Return what a text holds as JSON, or as one JSON value on each line."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise InvalidSessionFile(
            "This is no JSON. Import a session that was exported as JSON, or a list of "
            "messages with `role` and `content`."
        ) from None


def _list(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = data.get("messages")
    if isinstance(data, list) and data:
        return data
    raise InvalidSessionFile(
        "This holds no messages. Import a session that was exported as JSON, or a list "
        "of messages with `role` and `content`."
    )


def _of_list(items: list[Any]) -> tuple[SessionRecord, tuple[Message, ...]]:
    system_prompt = None
    messages: list[Message] = []
    for item in items:
        fields = item if isinstance(item, dict) else {"role": "user", "content": item}
        message = Message(
            role=_ROLES.get(str(fields.get("role")), MessageRole.SYSTEM),
            parts=tuple(_parts(fields)),
            parent_id=messages[-1].id if messages else None,
        )
        is_first = not messages and system_prompt is None
        if is_first and message.role is MessageRole.SYSTEM and message.content:
            system_prompt = message.content
        else:
            messages.append(message)
    prompts = (m.content for m in messages if m.role is MessageRole.USER)
    title = next(filter(str.strip, prompts), "Imported").strip().splitlines()[0][:60]
    head_id = messages[-1].id if messages else None
    record = SessionRecord(
        id="", title=title, system_prompt=system_prompt, head_id=head_id
    )
    return record, tuple(messages)


def _parts(fields: Mapping[str, Any]) -> Iterator[Part]:
    if isinstance(fields.get("reasoning_content"), str):
        yield Thinking(text=fields["reasoning_content"])
    content = fields.get("content")
    if fields.get("role") in ("tool", "function"):
        call_id = fields.get("tool_call_id") or fields.get("name")
        joined = "".join(p.text for p in _content(content) if isinstance(p, Text))
        yield ToolResult(call_id=str(call_id), content=joined)
        return
    yield from _content(content)
    calls = fields.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        yield _call(call)


def _content(content: Any) -> Iterator[Part]:
    if content is None:
        return
    for item in content if isinstance(content, list) else [content]:
        if isinstance(item, str):
            yield Text(item)
        elif isinstance(item, dict):
            yield _item(item)
        else:
            yield Text(json.dumps(item))


def _item(item: dict[str, Any]) -> Part:
    if isinstance(item.get("text"), str):
        return Text(item["text"])
    image = item.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if isinstance(url, str) and url.startswith("data:") and ";base64," in url:
        media_type, _, data = url.removeprefix("data:").partition(";base64,")
        return Image(data=data, media_type=media_type)
    return unknown(item)


def _call(call: Any) -> Part:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return unknown(call)
    raw = function.get("arguments")
    try:
        arguments = json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        arguments = None
    return ToolCall(
        name=str(function.get("name")),
        arguments=arguments if isinstance(arguments, dict) else {},
        raw=None if isinstance(arguments, dict) else str(raw),
        id=str(call.get("id") or new_id()),
    )
