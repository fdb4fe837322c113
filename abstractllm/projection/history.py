"""One repair for all wires: any history becomes one that every provider accepts.

What is stored is never changed; a broken history is repaired anew each time, and in
the same way each time. Histories break when a turn is cut, a tool never answers, a
reply is empty, the provider changes, or a file comes from elsewhere.

The repair looks at one exchange at a time: an assistant message and what was said to
it next. Nothing in an exchange depends on a later one. So whatever was sent stays,
byte for byte, the beginning of what is sent after the reply, and the provider's prompt
cache holds. Only what no assistant message has answered yet can still change.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence

from abstractllm.enums import MessageRole
from abstractllm.messages import (
    Image,
    Message,
    Part,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from abstractllm.projection.calls import CallWriter
from abstractllm.projection.content import (
    framed,
    sendable,
    whole_message,
    with_texts_joined,
)
from abstractllm.projection.exchanges import (
    exchanges,
    plain_texts,
    standing_prompt,
)
from abstractllm.projection.target import Target
from abstractllm.projection.turns import (
    AssistantTurn,
    Call,
    History,
    Result,
    UserTurn,
)
from abstractllm.projection.wholeness import is_whole, whole

CONTINUE = Text("Continue.")
NO_REPLY = Text("(no reply)")
IMAGE_LEFT_OUT = Text("(an image was left out here)")
FROM_A_TOOL = Text("Returned by the tool beside its result:")
INTERRUPTED = "The call was interrupted. Whether it had an effect is not known."
UNKNOWN_LEFT_OUT = "A part of a message was left out: this version cannot read it."
NO_OUTPUT = "(no output)"
HALVES_REPLACED = (
    "Half a character, such as a cut emoji, was sent as \N{REPLACEMENT CHARACTER}."
)


def repaired(
    messages: Sequence[Message],
    *,
    target: Target,
    system_prompt: str | None = None,
    replays: Callable[[Thinking], bool] = lambda thinking: False,
) -> History:
    """Return `messages` as turns for `target`.

    `replays` tells the thinking that the wire takes back from the model that wrote it.
    """
    stored_system, stored = standing_prompt(messages, system_prompt)
    system = stored_system and whole(stored_system)
    sent = list(map(whole_message, stored))
    repair = _Repair(target, replays)
    turns = tuple(repair.turns(sent))
    same = system == stored_system and all(map(operator.is_, sent, stored))
    if not (same and repair.writer.all_whole):
        repair.notices.append(HALVES_REPLACED)
    return History(
        system=system, turns=turns, notices=tuple(dict.fromkeys(repair.notices))
    )


class _Repair:
    """The repair of one history, first exchange to last."""

    def __init__(self, target: Target, replays: Callable[[Thinking], bool]) -> None:
        self._target = target
        self._replays = replays
        self.writer = CallWriter(target)
        self.notices: list[str] = []

    def turns(self, messages: Iterable[Message]) -> Iterator[AssistantTurn | UserTurn]:
        """Yield a user turn, then an assistant turn and a user turn per exchange.

        Templates and Bedrock want strict alternation, all want a user's turn first,
        and Claude since 4.6 a user's turn last (langchain-ai/langchain#36611). So
        everything between two assistant messages is one user turn, and where there is
        nothing it says `CONTINUE`.
        """
        for assistant, following in exchanges(messages):
            if assistant is None:
                yield self._user_turn((), following)
                continue
            if plain := plain_texts(assistant, following):
                yield AssistantTurn(plain[:1])
                yield UserTurn(results=(), content=plain[1:])
                continue
            turn = self._assistant_turn(assistant)
            yield turn
            yield self._user_turn(turn.calls, [assistant, *following])

    def _assistant_turn(self, message: Message) -> AssistantTurn:
        """Return what the assistant said, whole or cut off.

        An empty turn is refused, but without it the user's words before and after it
        would become one turn. Anthropic also refuses thinking at a turn's end
        (tailcallhq/forgecode#2107). In both cases `NO_REPLY` is put in.
        """
        native = self._target.wrote(message)
        parts: list[Text | Thinking | Call] = []
        for part in with_texts_joined(self._said(message, native=native)):
            match part:
                case Text() | Thinking():
                    parts.append(part)
                case ToolCall():
                    parts.append(self.writer.write(part, native=native))
                case Resource():
                    parts.append(framed(part))
                case Image():
                    parts.append(
                        self._left_out("models take images from the user only")
                    )
        if not parts or isinstance(parts[-1], Thinking):
            parts.append(NO_REPLY)
        return AssistantTurn(tuple(parts))

    def _said(self, message: Message, *, native: bool) -> list[Part]:
        """Return the parts of an assistant message that can be sent, calls last.

        Anthropic does not find a call's result if anything but calls stands between
        them (BerriAI/litellm#22946).
        """
        parts = (part for part in message.parts if self._is_said(part, native=native))
        return sorted(parts, key=lambda part: isinstance(part, ToolCall))

    def _is_said(self, part: Part, *, native: bool) -> bool:
        """Return whether a part of an assistant message can be sent.

        Thinking goes back to the very model that wrote it, or not at all: even a
        sibling refuses it (vybestack/llxprt-code#2335).
        """
        match part:
            case ToolResult():
                return False
            case Unknown():
                self.notices.append(UNKNOWN_LEFT_OUT)
                return False
            case Thinking():
                return native and self._replays(part) and is_whole(part.text)
            case _:
                return True

    def _user_turn(
        self, calls: Sequence[Call], messages: Sequence[Message]
    ) -> UserTurn:
        """Return results for `calls`, then all else that `messages` hold.

        A result may stand anywhere up to the next assistant message, even in the
        message of its call.
        """
        results = self._results(
            calls,
            [
                part
                for message in messages
                for part in message.parts
                if isinstance(part, ToolResult)
            ],
        )
        content = [
            part
            for message in messages
            if message.role != MessageRole.ASSISTANT
            for part in self._told(message)
        ]
        if not results and not content:
            content = [CONTINUE]
        return UserTurn(results=results, content=tuple(content))

    def _results(
        self, calls: Sequence[Call], stored: Sequence[ToolResult]
    ) -> tuple[Result, ...]:
        """Return one result for each of `calls`: every wire refuses more or fewer.

        Ids repeat, so they pair in order: a call takes the first result with its id
        that no call before it took. A call without one was interrupted.
        """
        waiting = list(stored)
        results = []
        for call in calls:
            found = next((r for r in waiting if r.call_id == call.stored_id), None)
            if found is None:
                results.append(Result(call=call, content=INTERRUPTED, is_error=True))
                continue
            waiting.remove(found)
            content = found.content if found.content.strip() else NO_OUTPUT
            results.append(Result(call=call, content=content, is_error=found.is_error))
        if waiting:
            self.notices.append("A tool result without its call was left out.")
        return tuple(results)

    def _told(self, message: Message) -> list[Text | Image]:
        """Return what a message of the user, a tool or the system holds but results.

        System messages in mid-chat become tagged text, which every model takes; what
        a tool returned beside its results is named as that.
        """
        if any(isinstance(part, Unknown) for part in message.parts):
            self.notices.append(UNKNOWN_LEFT_OUT)
        if message.tool_calls:
            self.notices.append("A tool call that no assistant made was left out.")
        said = (p for p in message.parts if isinstance(p, (Text, Image, Resource)))
        content: list[Text | Image] = []
        for part in with_texts_joined(said):
            match part:
                case Text():
                    content.append(part)
                case Resource():
                    content.append(framed(part))
                case Image():
                    content.append(self._image(part))
        if message.role == MessageRole.SYSTEM:
            return [
                _tagged(part) if isinstance(part, Text) else part for part in content
            ]
        if message.role == MessageRole.TOOL and content:
            return [FROM_A_TOOL, *content]
        return content

    def _image(self, image: Image) -> Image | Text:
        if not self._target.takes_images:
            return self._left_out(f"{self._target.model} cannot see")
        picture = sendable(image)
        return picture or self._left_out("it is no PNG, JPEG, GIF or WebP")

    def _left_out(self, why: str) -> Text:
        self.notices.append(f"An image was left out: {why}.")
        return IMAGE_LEFT_OUT


def _tagged(instruction: Text) -> Text:
    return Text(f"<system>\n{instruction.text}\n</system>")
