"""A conversation whose history branches: going back, and what lies beside."""

from __future__ import annotations

from collections.abc import Iterable

from abstractllm.blocking import blocking
from abstractllm.messages import Message
from abstractllm.session.conversation import Conversation


class Branching(Conversation):
    """The part of a `Session` that finds its way in the tree of its messages.

    Nothing is ever taken out of the tree: what is left can be shown again.
    """

    def siblings(
        self, messages: Iterable[Message] | None = None
    ) -> dict[str, list[str]]:
        """Return, for each message that has any, its siblings and itself by their ids.

        Siblings follow the same message; the oldest comes first. Without `messages`, of
        all that are shown.
        """
        history = self._journal.history
        return history.siblings(history.branch if messages is None else messages)

    async def rewind_async(self, message_id: str) -> None:
        """Show the history as it was when this message was its last one.

        A message of another branch has that branch shown, down to where it was last
        shown. Raises `InvalidParameter` where there is no such message.
        """
        async with self._changing():
            await self._refresh()
            history = self._journal.history
            message = history.find(message_id)
            head_id = message.id
            if message not in history.branch:
                former = reversed(self.record.former_heads)
                head_id = history.head_below(message.id, former)
            await self._journal.show(head_id)

    rewind = blocking(rewind_async)
