"""What an edit does to the disk: as the user's own `:write`, but nobody is asked."""

from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.hands import call, edit, result, will
from tests.editors.nvim.neovim import Neovim
from tests.vendors import VendorServer

pytestmark = pytest.mark.usefixtures("fresh_project")

EDIT = edit("text.txt", ("two", "TWO"))


def change(neovim: Neovim, vendors: VendorServer, *calls: Any) -> None:
    """Have the model act without a question."""
    neovim.command("AbstractLLM mode auto")
    will(vendors, *calls or [EDIT])
    neovim.ask("Do it")


def open_text(neovim: Neovim, workspace: Path, text: bytes) -> Path:
    """Open a file that holds this."""
    path = workspace / "text.txt"
    path.write_bytes(text)
    neovim.command("edit text.txt")
    return path


def save(neovim: Neovim, path: Path) -> list[str]:
    """Have the plug-in save a file, as if the server asked for it."""
    saved: list[str] = neovim.lua(
        'return require("abstractllm.disk").save({ ... })', path.as_uri()
    )
    return saved


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\ntwo\n", b"one\nTWO\n"),
        (b"one\ntwo", b"one\nTWO"),
        (b"one\r\ntwo\r\n", b"one\r\nTWO\r\n"),
        (b"one\r\ntwo\nthree", b"one\r\nTWO\nthree"),
        (b"\xef\xbb\xbfone\ntwo\n", b"\xef\xbb\xbfone\nTWO\n"),
        (b"caf\xe9 two\n", b"caf\xe9 TWO\n"),
        ("é 漢 😀 two\n".encode(), "é 漢 😀 TWO\n".encode()),
        (b"two", b"TWO"),
    ],
)
def test_the_form_of_a_file_is_kept(
    neovim: Neovim,
    vendors: VendorServer,
    workspace: Path,
    before: bytes,
    after: bytes,
) -> None:
    path = open_text(neovim, workspace, before)
    change(neovim, vendors)
    save(neovim, path)

    assert path.read_bytes() == after
    assert neovim.nvim.current.buffer.options["modified"] is False
    assert neovim.notices == []


def test_what_runs_when_the_user_saves_runs(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    path = open_text(neovim, workspace, b"one\ntwo\n")
    neovim.command("autocmd BufWritePre <buffer> call setline(1, 'formatted')")
    neovim.command("edit sample.py | edit text.txt")
    change(neovim, vendors)

    assert path.read_text() == "formatted\nTWO\n"
    assert neovim.nvim.eval("expand('#:t')") == "sample.py", "the alternate file stays"


def test_unsaved_text_stays_unsaved(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    path = open_text(neovim, workspace, b"one\ntwo\n")
    neovim.type("Gomine<Esc>")
    change(neovim, vendors)

    assert neovim.lines("text.txt") == ["one", "TWO", "mine"]
    assert path.read_bytes() == b"one\ntwo\n"


def test_what_another_program_wrote_meanwhile_is_not_overwritten(
    neovim: Neovim, workspace: Path
) -> None:
    path = open_text(neovim, workspace, b"one\ntwo\n")
    neovim.type("ggcwmine<Esc>")
    path.write_bytes(b"written by another program\n")

    assert save(neovim, path) == []
    assert save(neovim, path) == [], "nor is it later"
    assert path.read_bytes() == b"written by another program\n"
    assert "changed on the disk too" in neovim.told("Not saved")
    neovim.command("silent write!")
    assert save(neovim, path) == [path.as_uri()]
    neovim.type("ccagain<Esc>")
    assert save(neovim, path) == [path.as_uri()]
    assert path.read_bytes() == b"again\ntwo\n"


def test_a_failing_autocommand_is_told_and_nothing_hangs(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    open_text(neovim, workspace, b"one\ntwo\n")
    neovim.command("autocmd BufWriteCmd <buffer> throw 'the formatter is broken'")
    change(neovim, vendors)

    assert "the formatter is broken" in neovim.told("Not saved")
    assert neovim.lines("text.txt") == ["one", "TWO"]


def test_characters_that_the_files_encoding_has_not_are_not_saved_as_others(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    path = open_text(neovim, workspace, b"caf\xe9 two\n")
    change(neovim, vendors, edit("text.txt", ("two", "漢")))

    assert save(neovim, path) == []
    assert path.read_bytes() == b"caf\xe9 two\n"
    assert "latin1" in neovim.told("Not saved")
    assert neovim.lines("text.txt") == ["café 漢"]


def test_a_read_only_file_is_not_saved(neovim: Neovim, workspace: Path) -> None:
    path = open_text(neovim, workspace, b"one\n")
    neovim.type("ccmine<Esc>")
    neovim.command("set readonly")

    assert save(neovim, path) == []
    assert "read-only" in neovim.told("Not saved")


def test_a_file_that_is_not_open_is_changed_as_a_buffer_of_the_user(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    (workspace / "text.txt").write_bytes(b"one\ntwo\n")
    window = neovim.nvim.current.buffer.name
    change(neovim, vendors)

    assert (workspace / "text.txt").read_bytes() == b"one\nTWO\n"
    assert neovim.nvim.current.buffer.name == window
    neovim.command("buffer text.txt | undo")
    assert neovim.lines("text.txt") == ["one", "two"]


def test_an_empty_file_and_a_new_one_in_a_new_folder(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    path = open_text(neovim, workspace, b"")
    change(
        neovim,
        vendors,
        call("read_file", path="text.txt"),
        call("write_file", path="text.txt", content="one\n"),
        call("write_file", path="a/b/new.txt", content="two"),
    )
    assert save(neovim, path) == [path.as_uri()]
    assert path.read_bytes() == b"one\n"
    assert (workspace / "a/b/new.txt").read_bytes() == b"two"
    assert result(vendors).startswith("Done.")


def test_a_new_file_that_the_user_has_begun_himself_is_not_overwritten(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    neovim.command("edit mine.txt")
    neovim.type("imine<Esc>")
    change(neovim, vendors, call("write_file", path="mine.txt", content="two\n"))

    assert neovim.lines("mine.txt") == ["mine"]
    assert not (workspace / "mine.txt").exists()
