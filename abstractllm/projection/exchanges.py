"""How a history falls into a system prompt and exchanges."""

from collections.abc import Iterable, Iterator, Sequence

from abstractllm.enums import MessageRole
from abstractllm.messages import Message, Text
from abstractllm.projection.content import only_text


def standing_prompt(
    messages: Sequence[Message], system_prompt: str | None
) -> tuple[str | None, Sequence[Message]]:
    """Return the system prompt, and the messages that are no part of it.

    System messages that open a history belong to the prompt. Later ones stay where
    they are: moving them to the front would empty the provider's prompt cache.
    """
    count = 0
    while count < len(messages) and _is_instruction(messages[count]):
        count += 1
    prompts = [system_prompt or "", *(message.content for message in messages[:count])]
    system = "\n\n".join(prompt for prompt in prompts if prompt.strip())
    return system or None, messages[count:]


def _is_instruction(message: Message) -> bool:
    return message.role == MessageRole.SYSTEM and all(
        isinstance(part, Text) for part in message.parts
    )


def exchanges(
    messages: Iterable[Message],
) -> Iterator[tuple[Message | None, list[Message]]]:
    """Yield each assistant message with all that follows it up to the next one.

    First, with `None`, comes what was said before any assistant message.
    """
    assistant: Message | None = None
    following: list[Message] = []
    for message in messages:
        if message.role == MessageRole.ASSISTANT:
            yield assistant, following
            assistant, following = message, []
        else:
            following.append(message)
    yield assistant, following


def plain_texts(
    assistant: Message, following: Sequence[Message]
) -> tuple[Text, Text] | None:
    """Return what was said and answered where that is all, as it mostly is."""
    if len(following) == 1 and following[0].role is MessageRole.USER:
        said, answered = only_text(assistant), only_text(following[0])
        if said and answered:
            return said, answered
    return None
