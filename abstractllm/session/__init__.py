"""Sessions: what was said, who answers next, and where it is kept."""

from abstractllm.session.manager import SessionManager
from abstractllm.session.session import Session
from abstractllm.session.turn_options import (
    COMPACT_AT,
    MAX_TOOL_CALLS,
    PromptOptions,
    TurnOptions,
)

__all__ = [
    "COMPACT_AT",
    "MAX_TOOL_CALLS",
    "PromptOptions",
    "Session",
    "SessionManager",
    "TurnOptions",
]
