"""The values of parameters: checked before a request, taken into it one by one."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from abstractllm.enums import CONNECTION_PARAMETERS, ModelParameter
from abstractllm.errors import InvalidParameter
from abstractllm.events import Notice
from abstractllm.interface import Config
from abstractllm.projection.wholeness import is_whole

_NEVER_SENT = CONNECTION_PARAMETERS | {
    ModelParameter.CONNECT_TIMEOUT,
    ModelParameter.IDLE_TIMEOUT,
    ModelParameter.MAX_RETRIES,
}


@attrs.frozen
class _Kind:
    wanted: str
    accepts: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_stop(value: object) -> bool:
    texts = [value] if isinstance(value, str) else value
    return isinstance(texts, list | tuple) and all(
        isinstance(text, str) and text and is_whole(text) for text in texts
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and is_whole(value)


_TEXT = _Kind("text", _is_text)
_KEY = _Kind("text", lambda value: isinstance(value, str))
_STOP = _Kind("text or a list of texts", _is_stop)
_WHOLE = _Kind("a whole number", _is_whole)
_COUNT = _Kind(
    "a whole number, 0 or more", lambda value: _is_whole(value) and value >= 0
)
_AMOUNT = _Kind(
    "a whole number, 1 or more", lambda value: _is_whole(value) and value > 0
)
_SECONDS = _Kind("a number above 0", lambda value: _is_number(value) and value > 0)
_PENALTY = _Kind(
    "a number from -2 to 2", lambda value: _is_number(value) and -2 <= value <= 2
)
_TEMPERATURE = _Kind(
    "a number from 0 to 2", lambda value: _is_number(value) and 0 <= value <= 2
)
_SHARE = _Kind(
    "a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1
)

_KINDS = {
    ModelParameter.MODEL: _TEXT,
    ModelParameter.API_KEY: _KEY,
    ModelParameter.BASE_URL: _TEXT,
    ModelParameter.TEMPERATURE: _TEMPERATURE,
    ModelParameter.TOP_P: _SHARE,
    ModelParameter.TOP_K: _AMOUNT,
    ModelParameter.MAX_TOKENS: _AMOUNT,
    ModelParameter.STOP: _STOP,
    ModelParameter.SEED: _WHOLE,
    ModelParameter.FREQUENCY_PENALTY: _PENALTY,
    ModelParameter.PRESENCE_PENALTY: _PENALTY,
    ModelParameter.REASONING_EFFORT: _TEXT,
    ModelParameter.THINKING_BUDGET: _COUNT,
    ModelParameter.CONTEXT_LENGTH: _AMOUNT,
    ModelParameter.CONNECT_TIMEOUT: _SECONDS,
    ModelParameter.IDLE_TIMEOUT: _SECONDS,
    ModelParameter.MAX_RETRIES: _COUNT,
}


def checked(config: Config) -> Config:
    """Return `config` without what is `None`, and `STOP` as a list.

    Raises `InvalidParameter`, which shows a wrong value unless it is a key.
    """
    known = {name: value for name, value in config.items() if value is not None}
    for name, value in known.items():
        if not _KINDS[name].accepts(value):
            shown = "" if name is ModelParameter.API_KEY else f", not {value!r}"
            raise InvalidParameter(f"{name} must be {_KINDS[name].wanted}{shown}.")
    if ModelParameter.STOP in known:
        stop = known[ModelParameter.STOP]
        known[ModelParameter.STOP] = [stop] if isinstance(stop, str) else list(stop)
    return known


class Parameters:
    """What is to be sent of a checked configuration; what nobody takes is reported."""

    def __init__(self, config: Config) -> None:
        self._left = {
            name: value for name, value in config.items() if name not in _NEVER_SENT
        }

    def take(self, name: ModelParameter) -> Any:
        """Return a parameter's value, `None` where it is not set."""
        return self._left.pop(name, None)

    def take_all(self, words: Mapping[ModelParameter, str]) -> dict[str, Any]:
        """Return those of these parameters that are set, by the wire's words."""
        present = [name for name in words if name in self._left]
        return {words[name]: self._left.pop(name) for name in present}

    def left_out(self, taker: str) -> list[Notice]:
        """Return a notice that names the parameters `taker` cannot take, if any."""
        if not self._left:
            return []
        names = ", ".join(self._left)
        return [Notice(f"{taker} does not take {names}: left out of the request.")]
