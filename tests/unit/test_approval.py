"""Asking before a tool acts: what is asked, what an answer does, what is read."""

from pathlib import Path

import pytest

from abstractllm.enums import ToolKind
from abstractllm.errors import ChangeRefused
from abstractllm.events import (
    CallDetails,
    ToolOutput,
    ToolProposed,
    ToolRejected,
    ToolStarted,
)
from abstractllm.messages import ToolCall, ToolResult
from abstractllm.session import Session
from abstractllm.tools.approval import ApprovalRequest, Decision, Verdict
from abstractllm.tools.remembered import RememberedApprovals
from tests.scripted import says
from tests.unit.acting import (
    ALWAYS,
    FOR_THE_SESSION,
    NO,
    ONCE,
    POEM,
    Shouting,
    User,
    acting,
    acts,
    edit,
    events_of,
    model,
    poem,
    project,
    read_by_model,
    shout,
    statuses,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


@pytest.fixture
def shouting() -> Shouting:
    return Shouting()


async def test_the_user_is_asked_with_all_there_is_to_know(
    folder: Path, shouting: Shouting
) -> None:
    calls = edit("line 2\n", "two\n"), shout("hello")
    session = acting(folder, model(acts(*calls)), shouting)
    user = User(ONCE)

    await events_of(session, user)

    diff = (
        "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,5 +1,5 @@\n line 1\n-line 2\n+two\n"
        " line 3\n line 4\n line 5\n"
    )
    changing, running = user.asked
    assert changing.change is not None
    assert changing.change.diff == diff
    assert changing == ApprovalRequest(
        session_id=session.id,
        call=ToolCall(name="edit_file", arguments=calls[0][1], id="1"),
        kind=ToolKind.EDIT,
        title="Edit poem.txt",
        diff=diff,
        change=changing.change,
    )
    assert running == ApprovalRequest(
        session_id=session.id,
        call=ToolCall(name="shout", arguments=calls[1][1], id="2"),
        kind=ToolKind.RUN,
        title="Shout hello",
        command="hello",
        folder="/here",
    )


async def test_the_events_of_a_call_tell_of_the_question_first(
    folder: Path, shouting: Shouting
) -> None:
    session = acting(folder, model(acts(shout("hello"))), shouting)

    events = await events_of(session, User(ONCE))

    call = ToolCall(name="shout", arguments={"text": "hello"}, id="1")
    details = CallDetails(
        kind=ToolKind.RUN, title="Shout hello", command="hello", folder="/here"
    )
    start = events.index(ToolProposed(call, details))
    assert events[start : start + 4] == [
        ToolProposed(call, details),
        ToolStarted(call, details),
        ToolOutput("1", "hello!"),
        ToolResult(call_id="1", content="Heard."),
    ]


async def test_once_is_asked_again(folder: Path, shouting: Shouting) -> None:
    calls = acts(
        shout("a"), shout("a"), edit("line 1\n", "1\n"), edit("line 2\n", "2\n")
    )
    user = User(ONCE)

    await events_of(acting(folder, model(calls), shouting), user)

    assert len(user.asked) == 4


async def test_what_is_allowed_for_the_session_is_not_asked_again_in_it(
    folder: Path, shouting: Shouting
) -> None:
    calls = [shout("a"), shout("a"), shout("b"), edit("line 1\n", "one\n")]
    provider = model(acts(*calls, edit("line 2\n", "two\n")), says("Hi."), acts(*calls))
    session = acting(folder, provider, shouting)
    user = User(FOR_THE_SESSION)

    await events_of(session, user)
    await events_of(session, user)
    await events_of(session, user)

    assert user.titles == ["Shout a", "Shout b", "Edit poem.txt"]
    other = User(ONCE)
    await events_of(acting(folder, model(acts(*calls[:1])), shouting), other)
    assert other.titles == ["Shout a"]


async def test_what_is_allowed_for_always_holds_in_other_sessions_until_revoked(
    folder: Path, shouting: Shouting, tmp_path: Path
) -> None:
    approvals = RememberedApprovals(tmp_path / "user", folder)
    asked = []
    for answer in (ALWAYS, ONCE, ONCE):
        session = Session(
            provider=model(acts(shout("a"))),
            tools=[shouting.definition],
            approvals=RememberedApprovals(tmp_path / "user", folder),
        )
        user = User(answer)
        await events_of(session, user)
        asked.append(user.titles)
        if len(asked) == 2:
            approvals.revoke(approvals.all()[0].id)

    assert asked == [["Shout a"], [], ["Shout a"]]
    assert shouting.shouted == ["a", "a", "a"]


async def test_a_call_that_is_rejected_does_not_run_and_the_model_reads_why(
    folder: Path, shouting: Shouting
) -> None:
    no = Decision(verdict=Verdict.REJECT, reason="Not on a Sunday.")
    session = acting(folder, model(acts(shout("a"), edit("line 1\n", "x\n"))), shouting)

    events = await events_of(session, User(no, NO))

    assert read_by_model(session) == [
        "This was not approved, so nothing was done. Not on a Sunday.",
        "This was not approved, so nothing was done.",
    ]
    assert statuses(session) == ["rejected", "rejected"]
    assert [e for e in events if isinstance(e, ToolRejected | ToolStarted)] == [
        ToolRejected("1"),
        ToolRejected("2"),
    ]
    assert (shouting.shouted, poem(folder)) == ([], POEM)


async def test_what_the_user_adds_to_a_yes_is_read_too(
    folder: Path, shouting: Shouting
) -> None:
    yes = Decision(verdict=Verdict.ONCE, reason="Then run the tests.")
    session = acting(folder, model(acts(shout("a"))), shouting)

    await events_of(session, User(yes))

    assert read_by_model(session) == ["Heard.\nThe user adds: Then run the tests."]


async def test_without_anybody_to_ask_nothing_is_done(
    folder: Path, shouting: Shouting
) -> None:
    session = acting(folder, model(acts(shout("a"), edit("line 1\n", "x"))), shouting)

    await events_of(session, None)

    assert set(read_by_model(session)) == {
        "This was not approved, so nothing was done. Nobody is here who could approve "
        "it."
    }
    assert (shouting.shouted, poem(folder)) == ([], POEM)


async def test_a_question_that_cannot_be_asked_is_a_rejection(
    folder: Path, shouting: Shouting
) -> None:
    session = acting(folder, model(acts(shout("a"))), shouting)

    await events_of(session, User(ChangeRefused("The editor is gone.")))

    assert read_by_model(session) == [
        "This was not approved, so nothing was done. The editor is gone."
    ]


async def test_a_programs_own_function_is_not_asked_about(folder: Path) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    session = Session(provider=model(acts(("add", {"a": 1, "b": 2}))), tools=[add])
    user = User(NO)

    await events_of(session, user)

    assert (read_by_model(session), user.asked) == (["3"], [])
