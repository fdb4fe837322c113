"""A table of broken histories, each into every wire."""

import pytest

from abstractllm.messages import Message
from abstractllm.projection import Target, wire_of
from tests.wire.histories import HOSTILE, TARGETS
from tests.wire.strict_sdk import accept_by_sdk
from tests.wire.strict_wires import accept


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.model)
@pytest.mark.parametrize("history", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_history_is_accepted(history: list[Message], target: Target) -> None:
    projected = wire_of(target.provider).project(
        history, target=target, system_prompt="Be kind."
    )
    accept(projected, target)
    accept_by_sdk(projected, target)
