"""The history of a session: a tree of messages and the head that is shown of it."""

from collections.abc import Iterable, Iterator

from abstractllm.messages import Message


class History:
    """A tree of messages that only grows; the head marks its current branch.

    Iterating yields the current branch, oldest message first. A head that is no message
    is taken for the last one.
    """

    def __init__(
        self, messages: Iterable[Message] = (), head_id: str | None = None
    ) -> None:
        self._messages = {message.id: message for message in messages}
        if head_id is not None and head_id not in self._messages:
            head_id = next(reversed(self._messages), None)
        self.head_id = head_id

    def __iter__(self) -> Iterator[Message]:
        return reversed(list(self._back_from_head()))

    def __len__(self) -> int:
        return sum(1 for _ in self._back_from_head())

    @property
    def head(self) -> Message | None:
        """The last message of the current branch."""
        return self._message(self.head_id)

    @property
    def tree(self) -> tuple[Message, ...]:
        """Every message of every branch, in the order they were added."""
        return tuple(self._messages.values())

    def add(self, message: Message) -> None:
        """Put a message into the tree, after the message it names as its parent."""
        self._messages[message.id] = message

    def _message(self, message_id: str | None) -> Message | None:
        return None if message_id is None else self._messages.get(message_id)

    def _back_from_head(self) -> Iterator[Message]:
        seen = set()
        message = self.head
        while message and message.id not in seen:  # a damaged file may hold a circle
            seen.add(message.id)
            yield message
            message = self._message(message.parent_id)
