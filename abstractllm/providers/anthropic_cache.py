"""Anthropic's prompt cache: which parts of a request are worth to be kept there.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching: what stands before
a mark, in the order tools, system, messages, is kept for minutes and read at a tenth of
the price; up to four marks; nothing shorter than 1,024 tokens is kept.
"""

import json
from typing import Any

_MARK = {"cache_control": {"type": "ephemeral"}}

_LEAST_BYTES = 1024 * 3
"""A request that is smaller has fewer than 1,024 tokens, of three bytes or more."""


def mark_for_cache(body: dict[str, Any]) -> None:
    """Mark the system prompt, the tools and the last two turns of the user.

    The next request begins with this one: it finds what was kept up to the mark that
    is the last one here, and is kept itself for the request after it.
    """
    if not _is_worth_it(body):
        return
    if "system" in body:
        body["system"] = [{"type": "text", "text": body["system"], **_MARK}]
    if "tools" in body:
        body["tools"][-1] |= _MARK
    users = [m for m in body["messages"] if m["role"] == "user"]
    for message in users[-2:]:
        message["content"][-1] |= _MARK


def _is_worth_it(body: dict[str, Any]) -> bool:
    size = 0
    sent = (body.get("system", ""), body.get("tools", ()), *reversed(body["messages"]))
    for part in sent:
        size += len(json.dumps(part))
        if size >= _LEAST_BYTES:
            return True
    return False
