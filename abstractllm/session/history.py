"""The history of a session: a tree of messages and the head that is shown of it."""

from collections.abc import Iterable, Iterator, Sequence

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
        self._head_id = head_id
        self._branch: list[Message] | None = None

    def __iter__(self) -> Iterator[Message]:
        return iter(self.branch)

    def __len__(self) -> int:
        return len(self.branch)

    @property
    def head_id(self) -> str | None:
        """The last message of the current branch, by its id."""
        return self._head_id

    @property
    def branch(self) -> Sequence[Message]:
        """The messages of the current branch, oldest first."""
        if self._branch is None:
            self._branch = list(self._back_from_head())[::-1]
        return self._branch

    @property
    def tree(self) -> tuple[Message, ...]:
        """Every message of every branch, in the order they were added."""
        return tuple(self._messages.values())

    @property
    def size(self) -> int:
        """How many messages there are, on all branches."""
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Put a message into the tree, after the message it names as its parent."""
        if message.id in self._messages:
            self._branch = None
        self._messages[message.id] = message

    def show(self, head_id: str | None) -> None:
        """Show the branch that ends with this message; `None` shows an empty one."""
        message = self._message(head_id)
        follows = message is not None and message.parent_id == self._head_id
        if self._branch is not None and message is not None and follows:
            self._branch.append(message)
        else:
            self._branch = None
        self._head_id = head_id

    def _message(self, message_id: str | None) -> Message | None:
        return None if message_id is None else self._messages.get(message_id)

    def _back_from_head(self) -> Iterator[Message]:
        seen = set()
        message = self._message(self._head_id)
        while message and message.id not in seen:  # a damaged file may hold a circle
            seen.add(message.id)
            yield message
            message = self._message(message.parent_id)
