"""Sessions: what was said, who answers next, and where it is kept."""

from abstractllm.session.manager import SessionManager
from abstractllm.session.session import Session
from abstractllm.session.turn_options import (
    MAX_TOOL_CALLS,
    PromptOptions,
    TurnOptions,
)

__all__ = [
    "MAX_TOOL_CALLS",
    "PromptOptions",
    "Session",
    "SessionManager",
    "TurnOptions",
]
