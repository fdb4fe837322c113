"""A repaired history: turns that every wire can take as they are."""

from collections.abc import Mapping
from typing import Any

import attrs

from abstractllm.messages import Image, Text, Thinking


@attrs.frozen(kw_only=True)
class Call:
    """A tool call with a name, JSON arguments and an id that are valid on the wire.

    `id` is unique in its history; `stored_id` is the `ToolCall.id` it stands for.
    """

    id: str
    stored_id: str
    name: str
    arguments: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Result:
    """The answer to a call; `content` is never blank."""

    call: Call
    content: str
    is_error: bool = False

    @property
    def marked_content(self) -> str:
        """The content, with a word that tells an error, for wires without a flag."""
        return f"Error: {self.content}" if self.is_error else self.content


@attrs.frozen
class AssistantTurn:
    """What the model said: never empty, and its last part is no thinking."""

    parts: tuple[Text | Thinking | Call, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """The texts of this turn, in order."""
        return tuple([part for part in self.parts if isinstance(part, Text)])

    @property
    def thinking(self) -> str:
        """What the model thought in this turn, as one text."""
        return "".join(part.text for part in self.parts if isinstance(part, Thinking))

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of this turn, in order."""
        return tuple([part for part in self.parts if isinstance(part, Call)])


@attrs.frozen(kw_only=True)
class UserTurn:
    """What the model reads next: a result for each call before it, then the rest.

    Results come in the order of their calls. Never empty.
    """

    results: tuple[Result, ...]
    content: tuple[Text | Image, ...]


@attrs.frozen(kw_only=True)
class History:
    """Turns that strictly alternate; the first and the last are the user's."""

    system: str | None
    turns: tuple[AssistantTurn | UserTurn, ...]
    notices: tuple[str, ...]
