"""Names a caller may use, of roles and parameters and more; each is its own string."""

from enum import StrEnum


class MessageRole(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class ToolKind(StrEnum):
    """What a tool does to the user's project; only what reads needs no approval."""

    READ = "read"
    EDIT = "edit"
    RUN = "run"
    OTHER = "other"


class SessionMode(StrEnum):
    """How freely a session's models may act."""

    ASK = "ask"
    """They may look; no tool that changes or runs anything is offered."""
    EDIT = "edit"
    """The user is asked each time."""
    AUTO = "auto"
    """Edits inside the workspace need no asking; all else does."""


class ModelParameter(StrEnum):
    """What `provider_config` may hold, for every provider alike.

    Each provider translates a parameter into its own wire's word, and reports with a
    `Notice` what its model cannot take. Times are in seconds.
    """

    MODEL = "model"
    API_KEY = "api_key"
    BASE_URL = "base_url"

    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    TOP_K = "top_k"
    MAX_TOKENS = "max_tokens"
    STOP = "stop"
    SEED = "seed"
    FREQUENCY_PENALTY = "frequency_penalty"
    PRESENCE_PENALTY = "presence_penalty"
    REASONING_EFFORT = "reasoning_effort"
    THINKING_BUDGET = "thinking_budget"
    CONTEXT_LENGTH = "context_length"

    CONNECT_TIMEOUT = "connect_timeout"
    IDLE_TIMEOUT = "idle_timeout"
    MAX_RETRIES = "max_retries"


CONNECTION_PARAMETERS = frozenset(
    {ModelParameter.MODEL, ModelParameter.API_KEY, ModelParameter.BASE_URL}
)
"""Parameters of one provider: they never follow a session to another one."""

SECRET_PARAMETERS = frozenset({ModelParameter.API_KEY, ModelParameter.BASE_URL})
"""Parameters that are never written down.

The base URL is among them because stored sessions live in the workspace: a cloned
repository must not be able to name the server that a user's key is sent to.
"""
