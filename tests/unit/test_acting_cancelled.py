"""A turn that is stopped while its tools act: every call is answered, all is kept."""

import asyncio
from pathlib import Path

import pytest

from abstractllm.enums import ToolKind
from abstractllm.errors import ChangeRefused
from abstractllm.messages import MessageStatus
from abstractllm.session import Session, SessionManager
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.edits import EditTools, Report
from abstractllm.tools.seen import Seen
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from tests.scripted import ScriptedProvider
from tests.unit.acting import (
    FOR_THE_SESSION,
    ONCE,
    POEM,
    Shouting,
    User,
    acts,
    edit,
    events_of,
    model,
    project,
    read_by_model,
    shout,
    statuses,
    tool_messages,
    tools,
)

STOPPED = "The user stopped the turn before this was done."
STOPPED_AFTER = "This was done. Then the user stopped the turn."


class SlowWorkspace(DiskWorkspace):
    """A workspace that applies a change once it may."""

    def __init__(self, folder: Path) -> None:
        super().__init__([folder])
        self.applying = asyncio.Event()
        self.may_apply = asyncio.Event()
        self.refuses = False

    async def apply(self, change: WorkspaceChange) -> WorkspaceChange:
        self.applying.set()
        await self.may_apply.wait()
        if self.refuses:
            raise ChangeRefused("It was not applied.")
        return await super().apply(change)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


async def session_of(
    manager: SessionManager,
    provider: ScriptedProvider,
    workspace: DiskWorkspace,
    *more: ToolDefinition,
) -> Session:
    return await manager.create_session_async(
        provider=provider, tools=tools(workspace, *more), session_id="s"
    )


async def stopped(turn: asyncio.Task[object]) -> None:
    turn.cancel()
    await asyncio.wait([turn])
    assert turn.cancelled()


async def stored(tmp_path: Path) -> Session:
    """Return the session as another process finds it in the store."""
    other = SessionManager(tmp_path / "store")
    session = await other.get_session_async("s")
    await other.close_async()
    assert session is not None
    return session


async def test_while_the_user_is_asked(
    folder: Path, manager: SessionManager, tmp_path: Path
) -> None:
    provider = model(acts(edit("line 1\n", "1\n"), shout("a")))
    workspace = DiskWorkspace([folder])
    session = await session_of(manager, provider, workspace, Shouting().definition)
    user = User(asyncio.Event())
    turn = asyncio.create_task(events_of(session, user))
    await user.was_asked.wait()

    await stopped(turn)

    assert read_by_model(session) == [STOPPED, STOPPED]
    assert statuses(session) == ["failed", "failed"]
    assert tool_messages(session)[0].status is MessageStatus.INTERRUPTED
    assert (await stored(tmp_path)).get_history() == session.get_history()
    assert (folder / "poem.txt").read_text() == POEM
    assert await session.changed_files_async() == {}
    assert await session.generate_async("Go on") == "Done."


async def test_between_two_edits(folder: Path, manager: SessionManager) -> None:
    calls = acts(edit("line 1\n", "1\n"), edit("line 2\n", "2\n"))
    session = await session_of(manager, model(calls), DiskWorkspace([folder]))
    user = User(ONCE, asyncio.Event())
    turn = asyncio.create_task(events_of(session, user))
    while len(user.asked) < 2:
        user.was_asked.clear()
        await user.was_asked.wait()

    await stopped(turn)

    assert read_by_model(session) == ["Done.", STOPPED]
    assert statuses(session) == ["done", "failed"]
    assert (folder / "poem.txt").read_text() == POEM.replace("line 1\n", "1\n")
    ((changed,),) = (await session.changed_files_async()).values()
    assert (changed.added, changed.removed, changed.reverted) == (1, 1, False)


@pytest.mark.parametrize("times", [1, 3])
async def test_while_an_edit_is_applied_the_end_of_it_is_waited_for(
    folder: Path, manager: SessionManager, tmp_path: Path, times: int
) -> None:
    workspace = SlowWorkspace(folder)
    session = await session_of(manager, model(acts(edit("line 1\n", "1\n"))), workspace)
    turn = asyncio.create_task(events_of(session, User(ONCE)))
    await workspace.applying.wait()

    for _ in range(times):
        turn.cancel()
        await asyncio.sleep(0)
    assert not turn.done()
    workspace.may_apply.set()
    await asyncio.wait([turn])

    assert turn.cancelled()
    assert read_by_model(session) == [STOPPED_AFTER]
    assert (folder / "poem.txt").read_text() == POEM.replace("line 1\n", "1\n")
    (turn_id,) = await session.changed_files_async()
    assert (await stored(tmp_path)).get_history() == session.get_history()
    await session.revert_edits_async(turn_id, DiskWorkspace([folder]).apply)
    assert (folder / "poem.txt").read_text() == POEM


async def test_what_is_refused_after_the_stop_is_no_change(
    folder: Path, manager: SessionManager, tmp_path: Path
) -> None:
    workspace = SlowWorkspace(folder)
    session = await session_of(manager, model(acts(edit("line 1\n", "1\n"))), workspace)
    turn = asyncio.create_task(events_of(session, User(ONCE)))
    await workspace.applying.wait()
    workspace.refuses = True
    turn.cancel()
    workspace.may_apply.set()

    await asyncio.wait([turn])

    assert read_by_model(session) == [STOPPED]
    assert await session.changed_files_async() == {}
    assert (await stored(tmp_path)).get_history() == session.get_history()


async def test_after_an_edit_while_its_tool_has_more_to_tell(
    folder: Path, manager: SessionManager
) -> None:
    reporting = asyncio.Event()

    async def watch(_: WorkspaceChange) -> Report:
        async def report() -> str:
            reporting.set()
            await asyncio.Event().wait()
            return ""

        return report

    offered = EditTools(DiskWorkspace([folder]), Seen(), watch).definitions
    session = Session(provider=model(acts(edit("line 1\n", "1\n"))), tools=offered)
    turn = asyncio.create_task(events_of(session, User(ONCE)))
    await reporting.wait()

    await stopped(turn)

    assert read_by_model(session) == [STOPPED_AFTER]
    assert len(await session.changed_files_async()) == 1


async def test_while_calls_that_read_run_side_by_side(folder: Path) -> None:
    entered: list[str] = []
    all_entered = asyncio.Event()

    async def look(name: str) -> str:
        entered.append(name)
        if len(entered) == 3:
            all_entered.set()
        await asyncio.Event().wait()
        return name

    reading = ToolDefinition.from_function(look, ToolKind.READ)
    calls = acts(*(("look", {"name": name}) for name in "abc"), shout("d"))
    session = Session(provider=model(calls), tools=[reading, Shouting().definition])
    turn = asyncio.create_task(events_of(session, User(FOR_THE_SESSION)))
    await all_entered.wait()

    await stopped(turn)

    assert entered == ["a", "b", "c"]
    assert read_by_model(session) == [STOPPED] * 4


async def test_an_approver_that_breaks_ends_the_turn_and_every_call_is_answered(
    folder: Path, manager: SessionManager
) -> None:
    calls = acts(edit("line 1\n", "1\n"), shout("a"))
    workspace = DiskWorkspace([folder])
    session = await session_of(manager, model(calls), workspace, Shouting().definition)

    with pytest.raises(ZeroDivisionError):
        await events_of(session, User(ZeroDivisionError()))

    assert len(read_by_model(session)) == 2
    assert await session.generate_async("Go on") == "Done."
