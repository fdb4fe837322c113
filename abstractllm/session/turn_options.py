"""What one call may say of its turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from abstractllm.messages import Part
from abstractllm.session.selection import ProviderReference
from abstractllm.tools.definition import Tool

if TYPE_CHECKING:  # what looks at files, or acts, is loaded once somebody does
    from abstractllm.tools.approval import Approver
    from abstractllm.workspace.instructions import Instructions

MAX_TOOL_CALLS = 25
"""How many tools one turn may call, unless the caller says otherwise."""


COMPACT_AT = 0.8
"""The share of a model's window at which a turn makes room, unless told otherwise."""


class TurnOptions(TypedDict, total=False):
    """What one call may say of its turn, over what the session says."""

    provider: ProviderReference | None
    provider_config: Mapping[Any, Any] | None
    tools: Sequence[Tool]
    """Offered beside the session's own."""
    approver: Approver | None
    """Asked before a tool acts; without one, none does."""
    max_tool_calls: int
    compact_at: float | None
    """The share of the model's window at which the turn makes room first; `None` never.

    Where the window is not known, it does not.
    """
    instructions: Instructions | None
    """What the project's own files add to the system prompt."""


class PromptOptions(TurnOptions, total=False):
    """What one call may say of its prompt, too."""

    context: Sequence[Part]
    """Kept with the prompt, before its text."""
    parent_id: str | None
    """The message that the prompt follows, in the place of the last one.

    `None` means the very beginning. What followed that message is kept beside it.
    """
