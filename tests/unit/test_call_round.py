"""The calls of one reply: what runs side by side, and what waits for what."""

import asyncio
from pathlib import Path

from abstractllm.enums import ToolKind
from abstractllm.session import Session
from abstractllm.tools.definition import ToolDefinition
from abstractllm.workspace.disk import DiskWorkspace
from tests.unit.acting import (
    ONCE,
    User,
    acts,
    edit,
    events_of,
    model,
    project,
    read_by_model,
    results,
    tools,
)


async def test_calls_that_read_run_side_by_side_and_are_told_in_their_order() -> None:
    order: list[str] = []
    gates = {name: asyncio.Event() for name in "abc"}

    async def look(name: str) -> str:
        order.append(f"{name} begins")
        following = chr(ord(name) + 1)
        if following in gates:  # each waits for the one after it
            await gates[following].wait()
        gates[name].set()
        order.append(f"{name} ends")
        return name

    reading = ToolDefinition.from_function(look, ToolKind.READ)
    calls = acts(*(("look", {"name": name}) for name in "abc"))
    session = Session(provider=model(calls), tools=[reading])

    await events_of(session, None)

    assert read_by_model(session) == ["a", "b", "c"]
    assert [result.call_id for result in results(session)] == ["1", "2", "3"]
    assert order == [
        "a begins",
        "b begins",
        "c begins",
        "c ends",
        "b ends",
        "a ends",
    ]


async def test_what_acts_waits_for_what_came_before_it(tmp_path: Path) -> None:
    folder = project(tmp_path)
    calls = acts(
        ("read_file", {"path": "poem.txt", "end_line": 1}),
        edit("line 1\n", "1\n"),
        ("read_file", {"path": "poem.txt", "end_line": 1}),
        edit("line 2\n", "2\n"),
    )
    session = Session(provider=model(calls), tools=tools(DiskWorkspace([folder])))

    await events_of(session, User(ONCE))

    assert [text.splitlines()[-1].split()[-1] for text in read_by_model(session)] == [
        "1",
        "Done.",
        "1",
        "Done.",
    ]
    assert "line 1" in read_by_model(session)[0]
    assert "line 1" not in read_by_model(session)[2]
