"""Folding a provider's events into the message they make."""

from abstractllm.events import (
    ProviderEvent,
    ReplyEnded,
    StopReason,
    TextDelta,
    ThinkingDelta,
    UsageReported,
)
from abstractllm.messages import Part, Text, Thinking, ToolCall, Usage


class Reply:
    """A reply while it streams; it can be read at any moment."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.stop_reason: StopReason | None = None
        self._parts: list[Part] = []
        self._text: list[str] = []
        self._thinking: list[str] = []

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts so far; text and thinking that still stream are the last ones."""
        return (*self._parts, *self._open_parts())

    def add(self, event: ProviderEvent) -> None:
        """Take in the next event of the stream."""
        match event:
            case TextDelta(text):
                if self._thinking:
                    self._close()
                self._text.append(text)
            case ThinkingDelta(text):
                if self._text:
                    self._close()
                self._thinking.append(text)
            case Thinking():
                self._thinking.clear()
                self._close()
                self._parts.append(event)
            case ToolCall():
                self._close()
                self._parts.append(event)
            case UsageReported(usage):
                self.usage = usage
            case ReplyEnded(stop_reason):
                self.stop_reason = stop_reason

    def _open_parts(self) -> tuple[Part, ...]:
        if self._thinking:
            return (Thinking(text="".join(self._thinking)),)
        if self._text:
            return (Text("".join(self._text)),)
        return ()

    def _close(self) -> None:
        self._parts.extend(self._open_parts())
        self._text.clear()
        self._thinking.clear()
