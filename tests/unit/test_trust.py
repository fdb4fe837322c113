"""What was allowed before: in a session, in a workspace, and where that is kept."""

import json
import os
import stat
from pathlib import Path

import pytest

from abstractllm.enums import SessionMode
from abstractllm.errors import InvalidParameter
from abstractllm.session.trust import Trust, mode_of
from abstractllm.store.contract import SessionRecord
from abstractllm.tools.remembered import RememberedApprovals

AUTO = SessionRecord(id="s", mode=SessionMode.AUTO)


@pytest.fixture
def remembered(tmp_path: Path) -> RememberedApprovals:
    """Return the approvals of a workspace, in a folder that is not there yet."""
    return RememberedApprovals(tmp_path / "data/approvals", tmp_path / "project")


def again(tmp_path: Path, workspace: str = "project") -> RememberedApprovals:
    """Return the approvals as another process finds them."""
    return RememberedApprovals(tmp_path / "data/approvals", tmp_path / workspace)


def told(approvals: RememberedApprovals) -> list[tuple[str, str]]:
    return [(approval.tool, approval.scope) for approval in approvals.all()]


def test_an_approval_for_always_holds_for_exactly_that(
    tmp_path: Path, remembered: RememberedApprovals
) -> None:
    remembered.add("run_command", "make test")

    later = again(tmp_path)
    assert later.holds("run_command", "make test")
    assert not later.holds("run_command", "make test; rm -rf .")
    assert not later.holds("run_command", "")
    assert not later.holds("edit_file", "make test")
    assert not later.holds("run_commandmake", " test")


def test_approvals_are_the_workspaces_own_whichever_way_leads_there(
    tmp_path: Path, remembered: RememberedApprovals
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to("project")
    remembered.add("edit_file", "")

    assert not again(tmp_path, "other").holds("edit_file", "")
    assert again(tmp_path, "link").holds("edit_file", "")
    assert list((tmp_path / "project").iterdir()) == []


def test_to_approve_again_is_one_approval(remembered: RememberedApprovals) -> None:
    for _ in range(2):
        remembered.add("run_command", "ls")
    remembered.add("edit_file", "")

    assert told(remembered) == [("run_command", "ls"), ("edit_file", "")]


def test_nobody_else_may_look_into_them(
    tmp_path: Path, remembered: RememberedApprovals
) -> None:
    before = os.umask(0)
    remembered.add("run_command", "ls")
    os.umask(before)

    (folder,) = (tmp_path / "data/approvals").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_revoked_does_not_hold(remembered: RememberedApprovals) -> None:
    remembered.add("run_command", "ls")
    remembered.add("edit_file", "")
    first, second = remembered.all()

    assert remembered.revoke(first.id)
    assert not remembered.revoke(first.id)
    assert not remembered.revoke("../../x")
    assert remembered.all() == [second]
    assert not remembered.holds("run_command", "ls")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"tool": "edit_file", "scope": "", "since": "soon"}',
        '{"tool": "edit_file", "scope": "", "since": 5}',
        '{"tool": "write_file", "scope": "", "since": "2026-01-01T00:00:00+00:00"}',
        '{"tool": "edit_file", "scope": "x", "since": "2026-01-01T00:00:00+00:00"}',
    ],
)
def test_a_file_that_says_something_else_approves_nothing(
    remembered: RememberedApprovals, tmp_path: Path, written: str
) -> None:
    remembered.add("edit_file", "")
    (path,) = (tmp_path / "data/approvals").glob("*/*.json")
    path.write_text(written)

    assert not remembered.holds("edit_file", "")


def test_one_unreadable_file_hides_no_other_approval(
    remembered: RememberedApprovals, tmp_path: Path
) -> None:
    remembered.add("edit_file", "")
    (path,) = (tmp_path / "data/approvals").glob("*/*.json")
    path.with_name("odd.json").write_text("{")
    path.with_name("folder.json").mkdir()
    naive = {"tool": "t", "scope": "", "since": "2026-01-01T00:00:00"}
    path.with_name("naive.json").write_text(json.dumps(naive))

    assert told(remembered) == [("t", ""), ("edit_file", "")]


async def test_what_is_granted_for_a_session_holds_in_it_alone(
    remembered: RememberedApprovals,
) -> None:
    trust, other = Trust(remembered), Trust(remembered)

    await trust.grant("edit_file", "", always=False)

    assert await trust.has("edit_file", "")
    assert not await other.has("edit_file", "")
    assert remembered.all() == []


async def test_what_is_granted_for_always_holds_until_it_is_revoked(
    remembered: RememberedApprovals,
) -> None:
    trust, other = Trust(remembered), Trust(remembered)
    await trust.grant("run_command", "ls", always=True)
    assert await trust.has("run_command", "ls")
    assert await other.has("run_command", "ls")

    (approval,) = remembered.all()
    remembered.revoke(approval.id)

    assert not await trust.has("run_command", "ls")
    assert not await other.has("run_command", "ls")


async def test_where_it_cannot_be_kept_an_approval_holds_in_the_session(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").write_text("a file in the way")
    trust = Trust(again(tmp_path))

    await trust.grant("run_command", "ls", always=True)

    assert await trust.has("run_command", "ls")


async def test_without_a_place_for_them_always_means_this_session() -> None:
    trust = Trust(None)

    await trust.grant("run_command", "ls", always=True)

    assert await trust.has("run_command", "ls")
    assert not await Trust(None).has("run_command", "ls")


async def test_auto_holds_where_it_was_chosen_and_not_where_a_store_says_so(
    remembered: RememberedApprovals,
) -> None:
    trust = Trust(remembered)
    assert trust.mode(AUTO) is SessionMode.EDIT

    await trust.grant_mode_async("s", SessionMode.AUTO)

    assert trust.mode(AUTO) is SessionMode.AUTO
    assert Trust(remembered).mode(AUTO) is SessionMode.AUTO
    other = SessionRecord(id="t", mode=SessionMode.AUTO)
    assert trust.mode(other) is SessionMode.EDIT


async def test_auto_is_forgotten_once_another_mode_is_chosen(
    remembered: RememberedApprovals,
) -> None:
    trust = Trust(remembered)
    trust.grant_mode("s", SessionMode.AUTO)
    await trust.grant_mode_async("s", SessionMode.AUTO)

    await trust.grant_mode_async("s", SessionMode.EDIT)

    assert trust.mode(AUTO) is SessionMode.EDIT
    assert remembered.all() == []
    await Trust(None).grant_mode_async("s", SessionMode.EDIT)


@pytest.mark.parametrize("mode", [SessionMode.ASK, SessionMode.EDIT])
def test_a_mode_that_asks_holds_wherever_it_is_from(mode: SessionMode) -> None:
    assert Trust(None).mode(SessionRecord(id="s", mode=mode)) is mode


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="There is no mode 'yolo'"):
        mode_of("yolo")
