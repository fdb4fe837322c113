"""Sessions: what was said, who answers next, and where it is kept."""

from abstractllm.session.manager import SessionManager
from abstractllm.session.session import MAX_TOOL_CALLS, Session, TurnOptions

__all__ = ["MAX_TOOL_CALLS", "Session", "SessionManager", "TurnOptions"]
