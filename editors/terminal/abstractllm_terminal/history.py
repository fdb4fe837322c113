"""A session as it is shown when it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from abstractllm_terminal.calls import Call
from abstractllm_terminal.changed_files import changed_files
from abstractllm_terminal.connection import Json
from abstractllm_terminal.rendering import dim, markdown, prompt


def history(
    messages: Sequence[Json], changes: Mapping[str, Sequence[Json]], folder: Path
) -> Iterator[Sequence[RenderableType]]:
    """Yield what to show of messages and changes as `session.load` tells them.

    What is yielded together stands together, without empty lines.
    """
    results = _results(messages)
    for message in messages:
        if message["role"] == "user":
            yield [prompt(message["content"])]
        elif message["role"] == "assistant":
            for part in message["parts"]:
                yield from _part(part, results)
            if message["status"] != "complete":
                yield [dim("The reply was interrupted.")]
            if changed := changes.get(message["id"]):
                yield [changed_files(changed, folder)]


def _results(messages: Sequence[Json]) -> dict[str, tuple[Json, str]]:
    """Return what is told of each call that was answered, and the answer, by its id."""
    results = {}
    for message in messages:
        tools = message["metadata"].get("tools")
        for part in message["parts"]:
            if part["kind"] == "toolResult":
                status = "failed" if part["isError"] else "done"
                told = {"status": status, **_texts(tools, part["callId"])}
                results[part["callId"]] = told, part["content"]
    return results


def _texts(tools: Any, call_id: str) -> Json:
    """Return what a message remembers of a call; anything may be in a store."""
    told = tools.get(call_id) if isinstance(tools, dict) else None
    if not isinstance(told, dict):
        return {}
    texts = {key: value for key, value in told.items() if isinstance(value, str)}
    return {**texts, "toolKind": texts.get("kind")}


def _part(
    part: Json, results: Mapping[str, tuple[Json, str]]
) -> Iterator[Sequence[RenderableType]]:
    match part["kind"]:
        case "text":
            yield [markdown(part["text"])]
        case "thinking" if part["text"].strip():
            yield [dim(part["text"].strip())]
        case "toolCall":
            call = Call(name=part["name"], arguments=part["arguments"])
            told, call.result = results.get(part["id"], ({"status": "stopped"}, ""))
            call.update(told)
            yield list(call.pieces())
