"""What holds for every history, whatever it holds, and every wire."""

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abstractllm.enums import MessageRole
from abstractllm.messages import (
    Image,
    LineRange,
    Message,
    MessageStatus,
    Part,
    Resource,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from abstractllm.projection import Projected, Target, wire_of
from abstractllm.projection.wholeness import whole
from tests.wire.histories import (
    OPENAI,
    PNG,
    TARGETS,
    assistant,
    call,
    result,
    tool,
    user,
)
from tests.wire.strict_sdk import accept_by_sdk
from tests.wire.strict_wires import accept

thorough = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

texts = st.one_of(
    st.sampled_from(["", " \n", "hi", "```\nx\n````", "</system>", "\u00a0"]),
    st.text(max_size=6),
    st.text(st.characters(min_codepoint=0xD7FF, max_codepoint=0xE000), max_size=6),
)
# Few ids, so that they repeat.
ids = st.sampled_from(["", "a", "b", "call_1", "tool:0", "é", "x" * 50, "\ud83d"])
arguments = st.dictionaries(
    texts, st.none() | st.integers() | st.floats() | texts | st.lists(texts), max_size=2
)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, texts),
    st.builds(
        Thinking,
        text=texts,
        signature=st.sampled_from([None, "", "seal"]),
        data=st.sampled_from([None, {}, {"redacted": "b64"}, {"redacted": 1}]),
    ),
    st.builds(
        Image,
        data=st.sampled_from([PNG, "", "no base64", "aGVsbG8="]),
        media_type=st.sampled_from(["image/png", "image/gif", "image/svg+xml"]),
    ),
    st.builds(
        Resource,
        uri=texts,
        text=texts,
        range=st.none() | st.builds(LineRange, start=st.just(3), end=st.integers(0, 9)),
        version=st.none() | st.integers(0, 9),
    ),
    st.builds(
        ToolCall,
        name=st.sampled_from(["read", "", "a b.c", "\ud83d"]),
        arguments=arguments,
        id=ids,
        native_id=st.none() | ids,
        raw=st.none() | texts,
    ),
    st.builds(ToolResult, call_id=ids, content=texts, is_error=st.booleans()),
)


def messages_of(roles: Iterable[MessageRole]) -> st.SearchStrategy[Message]:
    return st.builds(
        lambda by, **values: Message(provider=by.provider, model=by.model, **values),
        by=st.sampled_from([*TARGETS, Target(provider="openai", model="other")]),
        role=st.sampled_from(list(roles)),
        parts=st.lists(parts, max_size=3).map(tuple),
        status=st.sampled_from(MessageStatus),
    )


histories = st.lists(messages_of(MessageRole), max_size=7)
replies = messages_of([MessageRole.ASSISTANT])
targets = st.sampled_from(TARGETS)


def project(
    history: list[Message], target: Target, system_prompt: str | None = None
) -> Projected:
    wire = wire_of(target.provider)
    return wire.project(history, target=target, system_prompt=system_prompt)


@thorough
@given(histories, targets, texts)
def test_every_history_is_accepted_by_the_vendor(
    history: list[Message], target: Target, system_prompt: str
) -> None:
    accept(project(history, target, system_prompt), target)


@thorough
@given(histories, targets)
def test_every_history_is_accepted_by_the_sdk(
    history: list[Message], target: Target
) -> None:
    accept_by_sdk(project(history, target), target)


@thorough
@given(histories, targets)
def test_projecting_twice_is_identical_and_leaves_the_history_alone(
    history: list[Message], target: Target
) -> None:
    before = copy.deepcopy(history)

    first, second = project(history, target), project(history, target)

    assert json.dumps(first.messages) == json.dumps(second.messages)
    assert first == second
    assert repr(history) == repr(before)


@thorough
@given(histories, replies, histories, targets)
def test_what_was_sent_stays_the_beginning_of_what_is_sent_after_the_reply(
    sent: list[Message], reply: Message, later: list[Message], target: Target
) -> None:
    earlier = project(sent, target)
    longer = project([*sent, reply, *later], target)

    assert longer.messages[: len(earlier.messages)] == earlier.messages
    assert longer.system == earlier.system


@thorough
@given(histories, targets)
def test_no_word_is_lost(history: list[Message], target: Target) -> None:
    projected = project(history, target)

    seen = "\n".join(strings([projected.system, projected.messages]))
    for message in history:
        for part in message.parts:
            if isinstance(part, Text | Resource) and part.text.strip():
                assert whole(part.text) in seen
            if isinstance(part, ToolResult) and not projected.notices:
                assert part.content.strip() in seen


def test_each_turn_of_a_session_begins_with_the_one_before() -> None:
    history: list[Message] = []
    sent: list[dict[str, Any]] = []
    for number in range(3):
        for message in one_turn(number):
            if message.role == MessageRole.ASSISTANT:
                messages = project(history, OPENAI).messages
                assert messages[: len(sent)] == sent
                sent = messages
            history.append(message)


def one_turn(number: int) -> list[Message]:
    """Return a turn of a model that, like llama.cpp, repeats one id for all calls."""
    return [
        user("Read it."),
        assistant(call(f"{number}", native_id="same"), by=OPENAI),
        tool(result(f"{number}")),
        assistant("It says so.", by=OPENAI),
    ]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
