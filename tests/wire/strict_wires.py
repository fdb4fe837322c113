"""What each vendor accepts, as strictly as its documents and its 400s say.

Written from the vendors' rules and not from the projections; raises `Refused`.
"""

import base64
import itertools
import json
import re
from typing import Any

from abstractllm.projection import Projected, Target

Json = dict[str, Any]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
MAGIC = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


class Refused(AssertionError):
    """A vendor would answer with status 400."""


def check(condition: object, why: str) -> None:
    if not condition:
        raise Refused(why)


def accept(projected: Projected, target: Target) -> None:
    """Return if the target would take the projection; raise `Refused` if not."""
    sent = [projected.system, projected.messages]
    json.dumps(sent, allow_nan=False, ensure_ascii=False).encode()
    vendors = {"anthropic": accept_anthropic, "ollama": accept_ollama}
    vendors.get(target.provider, accept_openai_chat)(projected, target)


def check_keys(value: Json, required: set[str], optional: set[str]) -> None:
    check(required <= set(value), f"missing {required - set(value)}")
    check(set(value) <= required | optional, f"unknown {set(value)}")


def check_text(text: object) -> None:
    check(isinstance(text, str) and text.strip(), f"blank text {text!r}")


def check_picture(data: object, media_type: str | None = None) -> None:
    """Check that a picture is one, and of the type that is told, if one is."""
    check(isinstance(data, str) and base64.b64decode(data, validate=True), "no base64")
    begin = base64.b64decode(str(data))
    found = [kind for kind, magic in MAGIC.items() if begin.startswith(magic)]
    check(found, "bytes that are no picture")
    check(media_type in (None, *found), f"{found} told as {media_type}")


def check_turns(roles: list[str]) -> None:
    """Check that turns alternate, from a user's to a user's."""
    check(roles, "no messages")
    check(roles[0] == roles[-1] == "user", "does not start and end with the user")
    for one, next_one in itertools.pairwise(roles):
        check(one != next_one, f"two {one} turns in a row")


# Anthropic: platform documentation of messages, tool use and extended thinking.


def accept_anthropic(projected: Projected, target: Target) -> None:
    if projected.system is not None:
        check_text(projected.system)
    check_turns([message["role"] for message in projected.messages])
    seen: set[str] = set()
    open_calls: list[str] = []
    for message in projected.messages:
        check_keys(message, {"role", "content"}, set())
        blocks = message["content"]
        check(blocks, "empty content")
        if message["role"] == "user":
            check_anthropic_user(blocks, open_calls)
            open_calls = []
        else:
            open_calls = check_anthropic_assistant(blocks)
            check(seen.isdisjoint(open_calls), "tool_use ids must be unique")
            seen.update(open_calls)
            check(len(set(open_calls)) == len(open_calls), "tool_use ids repeat")


def check_anthropic_user(blocks: list[Json], open_calls: list[str]) -> None:
    results = [block for block in blocks if block["type"] == "tool_result"]
    check(blocks[: len(results)] == results, "tool_result blocks must come first")
    answered = [block["tool_use_id"] for block in results]
    check(sorted(answered) == sorted(open_calls), "calls and results do not match")
    for block in blocks:
        match block["type"]:
            case "tool_result":
                required = {"type", "tool_use_id", "content"}
                check_keys(block, required, {"is_error"})
                check_text(block["content"])
            case "text":
                check_keys(block, {"type", "text"}, set())
                check_text(block["text"])
            case "image":
                check_keys(block, {"type", "source"}, set())
                check(block["source"]["type"] == "base64", "no base64 source")
                check(block["source"]["media_type"] in IMAGE_TYPES, "media type")
                check_picture(block["source"]["data"], block["source"]["media_type"])
            case other:
                raise Refused(f"{other} block in a user message")


def check_anthropic_assistant(blocks: list[Json]) -> list[str]:
    """Return the ids of the calls."""
    kinds = [block["type"] for block in blocks]
    check(not kinds[-1].endswith("thinking"), "final block is thinking")
    calls = [block for block in blocks if block["type"] == "tool_use"]
    check(blocks[len(blocks) - len(calls) :] == calls, "tool_use blocks must be last")
    for block in blocks:
        match block["type"]:
            case "text":
                check_keys(block, {"type", "text"}, set())
                check_text(block["text"])
            case "thinking":
                check_keys(block, {"type", "thinking", "signature"}, set())
                check(block["signature"], "empty signature")
            case "redacted_thinking":
                check_keys(block, {"type", "data"}, set())
                check(block["data"], "empty redacted data")
            case "tool_use":
                check_keys(block, {"type", "id", "name", "input"}, set())
                check(re.fullmatch("[a-zA-Z0-9_-]+", block["id"]), "tool_use id")
                check(NAME.fullmatch(block["name"]), "tool name")
                check(isinstance(block["input"], dict), "input is no object")
            case other:
                raise Refused(f"{other} block in an assistant message")
    return [call["id"] for call in calls]


# OpenAI Chat Completions, and chat templates that want strict alternation.


def accept_openai_chat(projected: Projected, target: Target) -> None:
    check(projected.system is None, "the system prompt is a message here")
    messages = without_system(projected.messages)
    check_turns(turns_of(messages))
    seen: set[str] = set()
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            optional = {"name"} if target.provider == "huggingface" else set()
            check_keys(message, {"role", "tool_call_id", "content"}, optional)
            check(message["tool_call_id"] in open_calls, "result without its call")
            open_calls.remove(message["tool_call_id"])
            check_text(message["content"])
            continue
        check(not open_calls, f"calls without results: {open_calls}")
        if message["role"] == "user":
            check_keys(message, {"role", "content"}, set())
            check_openai_content(message["content"])
        else:
            open_calls = check_openai_assistant(message, target)
            check(seen.isdisjoint(open_calls), "tool call ids repeat")
            seen.update(open_calls)
            check(len(set(open_calls)) == len(open_calls), "tool call ids repeat")
    check(not open_calls, f"calls without results: {open_calls}")


def without_system(messages: list[Json]) -> list[Json]:
    if messages[0]["role"] == "system":
        check_keys(messages[0], {"role", "content"}, set())
        check_text(messages[0]["content"])
        return messages[1:]
    return messages


def turns_of(messages: list[Json]) -> list[str]:
    """Return the roles of turns: results, and what the user adds, are one turn."""
    roles: list[str] = []
    previous = ""
    for message in messages:
        role = message["role"]
        check(role in {"user", "assistant", "tool"}, f"role {role}")
        check(role != "tool" or previous != "user", "a result after the user's text")
        if not (previous == "tool" and role in {"user", "tool"}):
            roles.append("user" if role == "tool" else role)
        previous = role
    return roles


def check_openai_content(content: str | list[Json]) -> None:
    if isinstance(content, str):
        check_text(content)
        return
    check(content, "empty content")
    for part in content:
        if part["type"] == "text":
            check_keys(part, {"type", "text"}, set())
            check_text(part["text"])
        else:
            check_keys(part, {"type", "image_url"}, set())
            head, data = part["image_url"]["url"].split(",")
            check(head[5:-7] in IMAGE_TYPES and head.endswith(";base64"), "data url")
            check_picture(data, head[5:-7])


def check_openai_assistant(message: Json, target: Target) -> list[str]:
    """Return the ids of the calls."""
    check_keys(message, {"role"}, {"content", "tool_calls", "reasoning_content"})
    check({"content", "tool_calls"} & set(message), "neither content nor tool_calls")
    wants_reasoning = "deepseek" in target.model and "tool_calls" in message
    check(wants_reasoning == ("reasoning_content" in message), "reasoning_content")
    if "content" in message:
        check_text(message["content"])
    calls = message.get("tool_calls", [])
    check("tool_calls" not in message or calls, "empty tool_calls")
    mistral = "stral" in target.model
    form = re.compile("[a-zA-Z0-9]{9}" if mistral else "[a-zA-Z0-9_-]{1,40}")
    for call in calls:
        check_keys(call, {"id", "type", "function"}, set())
        check_keys(call["function"], {"name", "arguments"}, set())
        check(form.fullmatch(call["id"]), f"tool call id {call['id']!r}")
        check(NAME.fullmatch(call["function"]["name"]), "tool name")
        arguments = json.loads(call["function"]["arguments"], parse_constant=refuse)
        check(isinstance(arguments, dict), "arguments are no object")
    return [call["id"] for call in calls]


def refuse(constant: str) -> None:
    raise Refused(f"{constant} is no JSON")


# Ollama: its API documentation, `/api/chat`.


def accept_ollama(projected: Projected, target: Target) -> None:
    check(projected.system is None, "the system prompt is a message here")
    messages = without_system(projected.messages)
    check_turns(turns_of(messages))
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            check_keys(message, {"role", "tool_name", "content"}, set())
            check(open_calls[:1] == [message["tool_name"]], "a result out of order")
            open_calls.pop(0)
            check_text(message["content"])
            continue
        check(not open_calls, f"calls without results: {open_calls}")
        if message["role"] == "user":
            check_keys(message, {"role", "content"}, {"images"})
            check(message["content"].strip() or message["images"], "empty message")
            for image in message.get("images", []):
                check_picture(image)
        else:
            open_calls = check_ollama_assistant(message)
    check(not open_calls, f"calls without results: {open_calls}")


def check_ollama_assistant(message: Json) -> list[str]:
    """Return the names of the tools called."""
    check_keys(message, {"role", "content"}, {"tool_calls"})
    calls = message.get("tool_calls", [])
    check(message["content"].strip() or calls, "empty message")
    for call in calls:
        check_keys(call, {"function"}, set())
        check_keys(call["function"], {"name", "arguments"}, set())
        check(NAME.fullmatch(call["function"]["name"]), "tool name")
        check(isinstance(call["function"]["arguments"], dict), "arguments")
    return [call["function"]["name"] for call in calls]
