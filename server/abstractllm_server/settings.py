"""What a user may set, where it comes from, and what becomes of a bad value.

Settings are read from the user's file, then `initializationOptions`, then
`workspace/didChangeConfiguration`; each goes over the ones before it, key by key. They
are the user's: the server reads none from the workspace, since a base URL or a model
file in a cloned repository could send a key elsewhere or load foreign code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import platformdirs

from abstractllm.encoding import camel_case
from abstractllm.enums import ModelParameter, SessionMode
from abstractllm.errors import UsageError
from abstractllm.providers.registry import PROVIDERS, parse_provider
from abstractllm.session import COMPACT_AT, MAX_TOOL_CALLS
from abstractllm_server.arguments import parameters_from_wire


@attrs.frozen(kw_only=True)
class Settings:
    """All settings with their defaults; times are in seconds."""

    provider: str | None = None
    """Of new sessions, as `"name"` or `"name:model"`; `None` takes the first one that
    is ready: one with a key, or else the local model."""

    system_prompt: str | None = None
    """Of new sessions."""

    providers: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """Parameters by provider: `{"openai": {"apiKey": …, "baseUrl": …, "model": …}}`."""

    connect_timeout: float = 15.0
    idle_timeout: float = 120.0
    """How long a stream may be silent."""

    max_tool_calls: int = MAX_TOOL_CALLS

    file_tools: bool = True
    """Whether models are offered tools for the workspace's files at all."""

    mode: SessionMode = SessionMode.EDIT
    """Of new sessions: how freely their models may act."""

    titles: bool = False
    """Whether a session's own model finds its title, once its first prompt is answered.

    Without it, the title is the first line of that prompt."""

    compact_at: float | None = COMPACT_AT
    """The share of a model's context window at which a turn makes room first.

    Nothing where it is 0."""

    instructions: bool = True
    """Whether `AGENTS.md`, and files like it, join the system prompt."""

    @property
    def provider_configs(self) -> dict[str, dict[str, Any]]:
        """The configuration of every provider."""
        shared: dict[str, Any] = {
            ModelParameter.CONNECT_TIMEOUT: self.connect_timeout,
            ModelParameter.IDLE_TIMEOUT: self.idle_timeout,
        }
        return {name: {**shared, **self.providers.get(name, {})} for name in PROVIDERS}

    def with_keys(self, keys: Mapping[str, str]) -> Settings:
        """Return the same settings, but with these keys, by provider, over theirs."""
        configs = {name: {ModelParameter.API_KEY: key} for name, key in keys.items()}
        return attrs.evolve(self, providers=merged(self.providers, configs))


def user_file() -> Path:
    """Return the path of the user's settings file."""
    return platformdirs.user_config_path("abstractllm") / "settings.toml"


def read_user_file(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the file's settings, empty if there is none, and complaints about it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError):
        return {}, [f"{path.name} cannot be read as TOML"]


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the layers as one; later ones go over earlier ones, key by key."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            before = result.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                value = merged(before, value)
            result[key] = value
    return result


def settings_from(raw: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Return settings with every bad value replaced by its default, and complaints.

    A complaint is a clause that names the setting, fit to be joined into one message.
    """
    checks = {
        "provider": _provider,
        "systemPrompt": _text,
        "providers": _provider_configs,
        "connectTimeout": _seconds,
        "idleTimeout": _seconds,
        "maxToolCalls": _count,
        "fileTools": _switch,
        "mode": _mode,
        "instructions": _switch,
        "compactAt": _share,
        "titles": _switch,
    }
    names = {camel_case(field.name): field.name for field in attrs.fields(Settings)}
    good: dict[str, Any] = {}
    complaints = []
    for key, value in raw.items():
        if key in _NOT_SETTINGS or value is None:
            continue
        try:
            if key not in checks:
                raise ValueError("is no setting")
            good[names[key]] = checks[key](value)
        except ValueError as error:
            complaints.append(f"`{key}` {error}")
    return Settings(**good), complaints


_NOT_SETTINGS = {"capabilities"}
"""Keys of `initializationOptions` that say what the client can do."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _provider(value: Any) -> str:
    try:
        parse_provider(_text(value))
    except UsageError as error:
        raise ValueError(f"is wrong: {error}") from None
    return str(value)


def _mode(value: Any) -> SessionMode:
    try:
        return SessionMode(value)
    except ValueError:
        raise ValueError(f"must be one of: {', '.join(SessionMode)}") from None


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError("must be a number of seconds above 0")
    return float(value)


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number from 0 to 1")
    if not 0 <= value <= 1:
        raise ValueError("must be a number from 0 to 1")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a whole number, 0 or more")
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _provider_configs(value: Any) -> dict[str, dict[ModelParameter, Any]]:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")
    return {_provider(name): _parameters(config) for name, config in value.items()}


def _parameters(config: Any) -> dict[ModelParameter, Any]:
    if not isinstance(config, Mapping):
        raise ValueError("must hold an object for each provider")
    try:
        named = parameters_from_wire(config)
    except UsageError as error:
        raise ValueError(f"is wrong: {error}") from None
    # Editors send empty strings for settings that nobody filled in.
    return {name: value for name, value in named.items() if value not in (None, "")}
