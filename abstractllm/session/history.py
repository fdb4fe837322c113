"""The history of a session: a tree of messages and the head that is shown of it."""

from collections.abc import Iterable, Iterator, Sequence

from abstractllm.enums import MessageRole
from abstractllm.errors import InvalidParameter
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
        self._children: dict[str | None, list[str]] | None = None

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
            self._branch = self.path(self._head_id)
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
        elif self._children is not None:
            self._children.setdefault(message.parent_id, []).append(message.id)
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

    def find(self, message_id: str) -> Message:
        """Return a message of any branch; raises `InvalidParameter`."""
        message = self._messages.get(message_id)
        if message is None:
            raise InvalidParameter(f"This session has no message {message_id!r}.")
        return message

    def path(self, message_id: str | None) -> list[Message]:
        """Return the messages that lead to one, and itself, oldest first."""
        return list(self._back_from(message_id))[::-1]

    def prompt_of(self, message_id: str | None) -> Message:
        """Return the prompt that a message answers, or itself if it is one.

        Without a message, the last prompt of the current branch. Raises
        `InvalidParameter` where there is none.
        """
        start = self._head_id if message_id is None else self.find(message_id).id
        for message in self._back_from(start):
            if message.role is MessageRole.USER:
                return message
        raise InvalidParameter("There is no prompt yet that could be answered again.")

    def siblings(self, messages: Iterable[Message]) -> dict[str, list[str]]:
        """Return, for each message that has any, it and its siblings, oldest first.

        Siblings follow the same message, or begin the history as it does.
        """
        families = ((m.id, self._family.get(m.parent_id, [])) for m in messages)
        return {name: list(family) for name, family in families if len(family) > 1}

    def head_below(self, message_id: str, former_heads: Iterable[str] = ()) -> str:
        """Return where the branch of a message ends.

        That is the last one of the former heads that lies below it; else the message
        that is reached by always following the newest.
        """
        for head in former_heads:
            if any(message.id == message_id for message in self._back_from(head)):
                return head
        seen: set[str] = set()
        while message_id not in seen and (children := self._family.get(message_id)):
            seen.add(message_id)
            message_id = children[-1]
        return message_id

    @property
    def _family(self) -> dict[str | None, list[str]]:
        """The ids of those that follow each message, in the order they were added."""
        if self._children is None:
            self._children = {}
            for message in self._messages.values():
                self._children.setdefault(message.parent_id, []).append(message.id)
        return self._children

    def _message(self, message_id: str | None) -> Message | None:
        return None if message_id is None else self._messages.get(message_id)

    def _back_from(self, message_id: str | None) -> Iterator[Message]:
        seen = set()
        message = self._message(message_id)
        while message and message.id not in seen:  # a damaged file may hold a circle
            seen.add(message.id)
            yield message
            message = self._message(message.parent_id)
