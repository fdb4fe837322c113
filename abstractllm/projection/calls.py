"""Tool calls as every wire takes them: their ids, names and arguments."""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any, cast

import attrs

from abstractllm.messages import ToolCall
from abstractllm.projection.target import Target
from abstractllm.projection.turns import Call
from abstractllm.projection.wholeness import is_whole, whole
from abstractllm.tools.names import tool_name


@attrs.frozen(kw_only=True)
class _IdForm:
    """The ids a wire takes: those that match `pattern`, among them the minted ones."""

    pattern: re.Pattern[str]
    prefix: str
    digits: int


_COMMON = _IdForm(pattern=re.compile(r"[a-zA-Z0-9_-]{1,40}"), prefix="call_", digits=24)
_MISTRAL = _IdForm(pattern=re.compile(r"[a-zA-Z0-9]{9}"), prefix="", digits=9)


def _id_form(target: Target) -> _IdForm:
    """Return the form of ids for a target.

    OpenAI Chat takes up to 40 characters, Responses 64, Anthropic letters, digits, `_`
    and `-`. The templates of Mistral's models (Mixtral, Codestral, ...) want exactly
    nine letters and digits, whoever serves them.
    """
    return _MISTRAL if re.search("[sx]tral", target.model.lower()) else _COMMON


class CallWriter:
    """Writes the calls of one history for a target, first to last.

    A call's id depends on the calls before it and on nothing after it, so that a
    longer history begins with the same ids. Ids of a history are not unique: llama.cpp
    repeats one constant, and files from elsewhere hold anything.
    """

    def __init__(self, target: Target) -> None:
        self._form = _id_form(target)
        self._taken: set[str] = set()
        self.all_whole = True
        """Whether no argument held half a character so far."""

    def write(self, call: ToolCall, *, native: bool) -> Call:
        """Return `call` for the wire; `native` says that the target made it.

        A native id is kept where it can be, which keeps the provider's prompt cache.
        """
        native_id = call.native_id or ""
        usable = native and self._is_usable(native_id)
        wire_id = native_id if usable else self._mint(call.id)
        self._taken.add(wire_id)
        text = _arguments(call)
        self.all_whole = self.all_whole and is_whole(text)
        return Call(
            id=wire_id,
            stored_id=call.id,
            name=tool_name(call.name),
            arguments=json.loads(whole(text)),
        )

    def _is_usable(self, native_id: str) -> bool:
        return (
            self._form.pattern.fullmatch(native_id) is not None
            and native_id not in self._taken
        )

    def _mint(self, stored_id: str) -> str:
        """Return an id that is not taken, the same one in every projection."""
        numbers = itertools.count(len(self._taken))
        candidates = (self._candidate(f"{number}/{stored_id}") for number in numbers)
        return next(one for one in candidates if one not in self._taken)

    def _candidate(self, seed: str) -> str:
        digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
        return self._form.prefix + digest[: self._form.digits]


def _arguments(call: ToolCall) -> str:
    """Return a call's arguments as the text of a JSON object.

    Every wire wants an object, or the text of one. What the model wrote instead of
    JSON is shown to it under `INVALID_JSON`, so that it can see its mistake.
    """
    if call.raw is not None:
        return _dump({"INVALID_JSON": call.raw})
    try:
        return _dump(call.arguments)
    except ValueError:  # NaN and infinity, which Python reads but JSON does not know
        return _dump({"INVALID_JSON": json.dumps(dict(call.arguments))})


def plain_json(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of a JSON object in plain dictionaries and lists.

    Raises `ValueError` for numbers that JSON does not know.
    """
    return cast(dict[str, Any], json.loads(whole(_dump(value))))


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
