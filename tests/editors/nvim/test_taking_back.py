"""What a turn changed is listed at its end, taken back and brought back."""

from pathlib import Path

import pytest

from tests.editors.nvim.conftest import SAMPLE
from tests.editors.nvim.hands import call, edit, finish, go_to, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

OLD = "old = 1\n"
NEW = "new = 1\nmore = 2\n"
CHANGED = SAMPLE.replace("def area(", "def surface(")
DONE = {"sample.py": CHANGED, "new.py": NEW}
BEFORE = {"sample.py": SAMPLE, "old.py": OLD}
KEYS = "→ gd diff · u take back · <C-r> bring back · U take all back"


def on_disk(workspace: Path) -> dict[str, str]:
    """Return what the project's files hold."""
    files = (path for path in workspace.iterdir() if path.is_file())
    return {path.name: path.read_text() for path in files}


@pytest.fixture
def changed(
    fresh_project: None, neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    """Have a turn change three files: edit one, make one, delete one."""
    (workspace / "old.py").write_text(OLD)
    neovim.command("edit old.py | edit sample.py")
    neovim.command("AbstractLLM mode auto")
    will(
        vendors,
        edit("sample.py", ("def area(", "def surface(")),
        call("write_file", path="new.py", content=NEW),
        call("delete_file", path="old.py"),
    )
    neovim.ask("Do it")
    assert on_disk(workspace) == DONE


def shown(neovim: Neovim) -> list[str]:
    """Return the lines of the panel about what was changed."""
    lines = neovim.lines()
    begin = next(at for at, line in enumerate(lines) if line.startswith("±"))
    return lines[begin : lines.index(KEYS)]


CHANGES = [
    "± 3 files changed  +3 -2",
    "  sample.py  +1 -1",
    "  new.py  +2  new",
    "  old.py  -1  deleted",
]
TAKEN_BACK = [
    "± 3 files changed, taken back  +3 -2",
    *(f"{line}  taken back" for line in CHANGES[1:]),
]


def test_the_changed_files_are_listed_at_the_turns_end_and_later(
    changed: None, neovim: Neovim
) -> None:
    assert shown(neovim) == CHANGES

    neovim.command("AbstractLLM new")
    neovim.choose("Do it")
    neovim.command("AbstractLLM sessions")
    neovim.shows(CHANGES[0])
    assert shown(neovim) == CHANGES
    assert "✓ Edit sample.py  +1 -1" in neovim.lines()


def test_one_key_takes_all_back_and_another_brings_all_back(
    changed: None, neovim: Neovim, workspace: Path
) -> None:
    go_to(neovim, "# You")
    neovim.type("U")
    wait_until(lambda: shown(neovim) == TAKEN_BACK, "what is taken back")
    assert on_disk(workspace) == BEFORE
    assert "\n".join(neovim.lines("sample.py")) + "\n" == SAMPLE

    go_to(neovim, "±")
    neovim.type("<C-r>")
    wait_until(lambda: shown(neovim) == CHANGES, "what is brought back")
    assert on_disk(workspace) == DONE
    assert neovim.told("Brought back: 3 files.")


def test_one_file_of_three_is_taken_back(
    changed: None, neovim: Neovim, workspace: Path
) -> None:
    go_to(neovim, "old.py")
    neovim.type("u")
    assert neovim.told("Taken back: old.py.")

    assert on_disk(workspace) == {**DONE, "old.py": OLD}
    expected = [*CHANGES[:3], f"{CHANGES[3]}  taken back"]
    assert wait_until(lambda: shown(neovim) == expected, "one file that is taken back")


def test_what_changed_since_is_refused_with_its_reason_and_the_rest_is_taken_back(
    changed: None, neovim: Neovim, workspace: Path
) -> None:
    neovim.command("edit sample.py")
    neovim.type("Gomine = True<Esc>")
    neovim.command("AbstractLLM takeback")
    wait_until(lambda: "  old.py  -1  deleted  taken back" in shown(neovim), "the rest")

    lines = shown(neovim)
    assert lines[1] == "  sample.py  +1 -1"
    assert lines[2].startswith("    ✗ ")
    assert "changed" in lines[2]
    assert neovim.lines("sample.py")[-1] == "mine = True"
    assert sorted(on_disk(workspace)) == ["old.py", "sample.py"]


def test_the_editors_own_undo_still_works_after_a_turn(
    changed: None, neovim: Neovim
) -> None:
    neovim.command("buffer sample.py")
    neovim.command("undo")
    assert "\n".join(neovim.lines("sample.py")) + "\n" == SAMPLE


def test_a_changed_file_opens_in_a_tab_before_and_after(
    changed: None, neovim: Neovim
) -> None:
    go_to(neovim, "new.py")
    neovim.type("gd")
    wait_until(lambda: len(neovim.nvim.tabpages) == 2, "a tab")
    windows = neovim.nvim.current.tabpage.windows
    assert [window.buffer[:] for window in windows] == [[""], NEW.splitlines()]

    neovim.type("q")
    wait_until(lambda: len(neovim.nvim.tabpages) == 1, "the tab's end")
    neovim.choose("sample.py")
    neovim.command("AbstractLLM diff")
    wait_until(lambda: len(neovim.nvim.tabpages) == 2, "a tab")
    assert neovim.asked() == ["sample.py", "new.py", "old.py"]


def test_without_a_change_there_is_nothing_to_take_back(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    neovim.command("AbstractLLM takeback")
    neovim.command("AbstractLLM bringback")
    neovim.command("AbstractLLM diff")

    assert neovim.notices == ["Nothing was changed in this session yet."] * 3
    finish(neovim)


def test_a_window_with_a_deleted_file_stays(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "old.py").write_text(OLD)
    neovim.command("edit sample.py | split old.py")
    neovim.command("AbstractLLM mode auto")
    windows = len(neovim.nvim.current.tabpage.windows)
    will(vendors, call("delete_file", path="old.py"))
    neovim.ask("Do it")

    names = [window.buffer.name for window in neovim.nvim.current.tabpage.windows]
    assert len(names) == windows + 2, "and the panel's two"
    assert not any(name.endswith("old.py") for name in names)


def test_a_renamed_file_is_the_same_buffer(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    neovim.command("edit sample.py")
    neovim.command("AbstractLLM mode auto")
    buffer = neovim.nvim.current.buffer.number
    will(
        vendors,
        call("rename_file", path="sample.py", new_path="shapes/area.py"),
        edit("shapes/area.py", ("def area(", "def surface(")),
    )
    neovim.ask("Do it")

    assert neovim.nvim.buffers[buffer].name == str(workspace / "shapes/area.py")
    assert (workspace / "shapes/area.py").read_text() == CHANGED
    neovim.command("AbstractLLM takeback")
    assert neovim.told("Taken back")
    assert on_disk(workspace) == {"sample.py": SAMPLE}
    assert neovim.nvim.buffers[buffer].name == str(workspace / "sample.py")
