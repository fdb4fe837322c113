"""Where sessions are kept."""

from abstractllm.store.contract import (
    SessionInfo,
    SessionPage,
    SessionRecord,
    SessionStore,
    StoredSession,
)
from abstractllm.store.sqlite import SQLiteStore

__all__ = [
    "SQLiteStore",
    "SessionInfo",
    "SessionPage",
    "SessionRecord",
    "SessionStore",
    "StoredSession",
]
