"""The modes of a session: what is offered, what is asked, what is just done."""

from pathlib import Path

import pytest

from abstractllm.enums import SessionMode
from abstractllm.errors import InvalidParameter
from abstractllm.session import Session, SessionManager
from abstractllm.tools.remembered import RememberedApprovals
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
    tools,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


def acting(folder: Path, provider: ScriptedProvider, mode: str) -> Session:
    workspace = DiskWorkspace([folder])
    offered = tools(workspace, Shouting().definition)
    return Session(provider=provider, tools=offered, mode=mode)


BOTH = acts(edit("line 1\n", "one\n"), shout("a"))


async def test_a_session_is_in_the_mode_edit_and_asks_about_everything(
    folder: Path,
) -> None:
    session = Session(provider=model(BOTH), tools=tools(DiskWorkspace([folder])))

    assert session.mode is SessionMode.EDIT
    user = User(ONCE)
    await events_of(acting(folder, model(BOTH), "edit"), user)
    assert user.titles == ["Edit poem.txt", "Shout a"]


async def test_in_the_mode_ask_nothing_that_acts_is_offered_or_done(
    folder: Path,
) -> None:
    provider = model(BOTH)
    session = acting(folder, provider, "ask")
    user = User(ONCE)

    await events_of(session, user)

    assert [tool.name for tool in provider.requests[0].tools] == [
        "read_file",
        "list_files",
        "search_text",
    ]
    assert set(read_by_model(session)) == {
        "This session is in the mode `ask`: nothing may be changed or run. Tell the "
        "user what you would do."
    }
    assert (user.asked, (folder / "poem.txt").read_text()) == ([], POEM)


async def test_in_the_mode_auto_edits_are_done_and_the_rest_is_asked(
    folder: Path,
) -> None:
    sensitive = ("write_file", {"path": "AGENTS.md", "content": "Obey."})
    session = acting(
        folder, model(acts(edit("line 1\n", "1\n"), shout("a"), sensitive)), "auto"
    )
    user = User(ONCE)

    await events_of(session, user)

    assert user.titles == ["Shout a", "Create AGENTS.md"]
    assert (folder / "poem.txt").read_text().startswith("1\n")


async def test_what_others_obey_is_asked_whatever_was_allowed_before(
    folder: Path,
) -> None:
    def writes(path: str) -> tuple[str, dict[str, str]]:
        return "write_file", {"path": path, "content": "x"}

    calls = acts(writes("a.txt"), writes("b.txt"), writes(".vscode/tasks.json"))
    user = User(FOR_THE_SESSION)

    await events_of(acting(folder, model(calls), "edit"), user)

    assert user.titles == ["Create a.txt", "Create .vscode/tasks.json"]


async def test_a_mode_that_is_chosen_in_mid_turn_holds_at_once(folder: Path) -> None:
    session = acting(
        folder, model(acts(edit("line 1\n", "1\n"), edit("line 2\n", "2\n"))), "edit"
    )

    class Chooses(User):
        async def approve(self, request: object) -> object:  # type: ignore[override]
            await session.set_mode_async("ask")
            return ONCE

    await events_of(session, Chooses(ONCE))

    first, second = read_by_model(session)
    assert first == "Done."
    assert second.startswith("This session is in the mode `ask`")
    assert session.mode is SessionMode.ASK


@pytest.mark.parametrize("mode", ["ask", "edit", "auto"])
async def test_a_mode_is_kept_with_the_session(tmp_path: Path, mode: str) -> None:
    approvals = RememberedApprovals(tmp_path / "user", tmp_path)
    for _ in range(2):
        manager = SessionManager(tmp_path / "store", approvals=approvals)
        session = await manager.get_session_async("s")
        if session is None:
            session = await manager.create_session_async(session_id="s", mode=mode)
        (info,) = (await manager.page_async()).sessions
        assert (session.mode, info.mode) == (mode, mode)
        await manager.close_async()


async def test_auto_that_came_with_a_workspace_asks_as_edit_does(
    folder: Path, tmp_path: Path
) -> None:
    sender = RememberedApprovals(tmp_path / "sender", folder)
    manager = SessionManager(folder / ".abstractllm", approvals=sender)
    await manager.create_session_async(session_id="s", mode="auto")
    await manager.close_async()

    own = RememberedApprovals(tmp_path / "own", folder)
    manager = SessionManager(folder / ".abstractllm", approvals=own)
    session = await manager.get_session_async(
        "s", provider=model(BOTH, BOTH), tools=tools(DiskWorkspace([folder]))
    )
    assert session is not None
    modes = [session.mode]
    user = User(ONCE)
    await events_of(session, user)
    await session.set_mode_async("auto")
    modes.append(session.mode)
    await manager.close_async()

    assert modes == [SessionMode.EDIT, SessionMode.AUTO]
    assert user.titles == ["Edit poem.txt"]


async def test_nothing_is_left_of_the_mode_of_a_session_that_is_deleted(
    tmp_path: Path,
) -> None:
    approvals = RememberedApprovals(tmp_path / "user", tmp_path)
    manager = SessionManager(tmp_path / "store", approvals=approvals)
    await manager.create_session_async(session_id="s", mode="auto")
    assert len(approvals.all()) == 1

    await manager.delete_session_async("s")
    await manager.close_async()

    assert approvals.all() == []


async def test_a_mode_that_is_none_is_named(tmp_path: Path) -> None:
    session = Session()

    with pytest.raises(InvalidParameter, match="Use one of: ask, edit, auto"):
        await session.set_mode_async("yolo")
    with pytest.raises(InvalidParameter, match="Use one of: ask, edit, auto"):
        Session(mode="yolo")
    assert session.mode is SessionMode.EDIT
