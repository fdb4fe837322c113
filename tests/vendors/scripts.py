"""What the server can be told to do, in no vendor's words; the package explains it."""

import threading
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class Call:
    """A tool call; `arguments` are the pieces of a JSON text."""

    name: str
    arguments: Sequence[str] = ("{}",)
    id: str = "call_1"


@attrs.frozen(kw_only=True)
class Counts:
    """Tokens; what was read from and written to the cache is part of `input`."""

    input: int = 10
    output: int = 5
    cached: int = 0
    written: int = 0


@attrs.frozen(kw_only=True)
class Reply:
    """A reply; its deltas are thinking, then text, then the pieces of tool calls."""

    text: Sequence[str] = ()
    thinking: Sequence[str] = ()
    signature: str = "seal"
    redacted: str | None = None
    tool_calls: Sequence[Call] = ()
    usage: Counts = attrs.field(factory=Counts)
    stop: Literal["end", "length", "refusal"] = "end"


@attrs.frozen(kw_only=True)
class Failure:
    """An error; `type` and `code` appear where the wire has them."""

    status: int = 500
    type: str | None = None
    code: str | None = None
    message: str = "Something went wrong."
    headers: Mapping[str, str] = attrs.field(factory=dict)


_SOME_REPLY = Reply(text=["One ", "two ", "three."])


@attrs.frozen(kw_only=True)
class Broken:
    """An error event in mid-stream."""

    failure: Failure
    after: int = 1
    reply: Reply = _SOME_REPLY


@attrs.frozen(kw_only=True)
class Cut:
    """A stream that ends in the middle: torn off, or `cleanly`, as if it were whole."""

    after: int = 1
    cleanly: bool = False
    reply: Reply = _SOME_REPLY


@attrs.frozen(kw_only=True)
class Malformed:
    """A stream with an event that is no JSON."""

    after: int = 1
    reply: Reply = _SOME_REPLY


@attrs.frozen(kw_only=True)
class Stall:
    """A stream that brings nothing more but heartbeats."""

    after: int = 1
    reply: Reply = _SOME_REPLY


@attrs.frozen(kw_only=True)
class Held:
    """A stream that waits in the middle until `gate` is set."""

    gate: threading.Event
    after: int = 1
    reply: Reply = _SOME_REPLY


Streamed: TypeAlias = Broken | Cut | Malformed | Stall | Held
Script: TypeAlias = Reply | Failure | Streamed


@attrs.frozen(kw_only=True)
class Model:
    """A model in the list."""

    id: str
    context_window: int
