"""Hunks and diffs: what they show is what they do."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abstractllm.workspace import hunks
from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm.workspace.hunks import Block, hunks_between, with_hunks
from abstractllm.workspace.lines import bare_lines_of, lines_of
from tests.unit.texts import edited, texts

GIT = shutil.which("git")

needs_git = pytest.mark.skipif(GIT is None, reason="needs git")


def changed(before: str | None, after: str | None) -> FileChange:
    return FileChange(uri="file:///a.txt", name="a.txt", before=before, after=after)


def numbered(count: int, **changes: str) -> str:
    """Return numbered lines, some of them (`l3`) with another text."""
    return "".join(f"{changes.get(f'l{n}', n)}\n" for n in range(1, count + 1))


def applied(folder: Path, before: str, diff: str, *options: str) -> str:
    """Return what git makes of a text by a diff."""
    (folder / "a.txt").write_bytes(before.encode())
    subprocess.run(
        [GIT or "", "apply", *options],
        input=diff.encode(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return (folder / "a.txt").read_bytes().decode()


@given(texts())
def test_lines_are_the_text_and_end_where_editors_have_them_end(text: str) -> None:
    lines = lines_of(text)

    assert "".join(lines) == text
    assert all(line.endswith(("\r", "\n")) for line in lines[:-1])
    assert bare_lines_of(text) == [line.rstrip("\r\n") for line in lines]


@given(edited(texts()))
def test_all_hunks_make_the_new_text_and_none_leave_the_old(
    pair: tuple[str, str],
) -> None:
    old, new = map(lines_of, pair)
    found = hunks_between(old, new)

    assert with_hunks(old, new, found) == pair[1]
    assert with_hunks(old, new, []) == pair[0]


@given(texts(), texts())
def test_hunks_lead_from_any_text_to_any_other(one: str, other: str) -> None:
    old, new = lines_of(one), lines_of(other)

    assert with_hunks(old, new, hunks_between(old, new)) == other


@given(edited(texts()))
def test_hunks_taken_back_make_the_old_text(pair: tuple[str, str]) -> None:
    change = changed(*pair)

    assert change.inverse.before == pair[1]
    assert change.inverse.only(range(len(change.inverse.hunks))) == change.inverse
    assert change.inverse.inverse == change


@needs_git
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=edited(texts(ends=["\n"], halves="")), data=st.data())
def test_git_makes_the_same_of_a_diff_and_of_a_part_of_it(
    tmp_path: Path, pair: tuple[str, str], data: st.DataObject
) -> None:
    before, after = pair
    change = changed(before, after)
    accepted = data.draw(st.sets(st.sampled_from(range(len(change.hunks) or 1))))
    part = change.only(accepted) if change.hunks else None

    if before and after and before != after:
        diff = WorkspaceChange((change,)).diff
        assert applied(tmp_path, before, diff) == after
        assert applied(tmp_path, after, diff, "--reverse") == before
    if before and part is not None and part.after not in ("", before, None):
        assert applied(tmp_path, before, WorkspaceChange((part,)).diff) == part.after


@needs_git
def test_a_part_is_what_git_makes_of_those_hunks(tmp_path: Path) -> None:
    before = numbered(40)
    change = changed(before, numbered(40, l3="three", l20="twenty", l38="38.5"))
    _, first, second, third = WorkspaceChange((change,)).diff.split("@@ -")
    header = "--- a/a.txt\n+++ b/a.txt\n"

    part = change.only({0, 2})

    assert part is not None
    assert part.after == applied(tmp_path, before, f"{header}@@ -{first}@@ -{third}")
    assert part.after == numbered(40, l3="three", l38="38.5")
    assert "twenty" in second


def test_a_diff_shows_three_lines_around_a_change() -> None:
    change = changed(numbered(20), numbered(20, l10="ten"))

    assert WorkspaceChange((change,)).diff == (
        "--- a/a.txt\n+++ b/a.txt\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n"
        " 13\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        (None, "one\n", "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+one\n"),
        ("one\n", None, "--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n"),
        (None, "", "--- /dev/null\n+++ b/a.txt\n"),
        (
            "one",
            "one\n",
            "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n"
            "\\ No newline at end of file\n+one\n",
        ),
        ("é\ud83d\n", "é\n", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-é\ufffd\n+é\n"),
    ],
)
def test_a_diff_tells_of_made_deleted_and_odd_files(
    before: str | None, after: str | None, diff: str
) -> None:
    assert WorkspaceChange((changed(before, after),)).diff == diff


def test_a_diff_tells_of_a_file_that_moves_with_and_without_a_change() -> None:
    moved = FileChange(
        uri="file:///a",
        name="a",
        before="1\n",
        after="1\n",
        new_uri="file:///b",
        new_name="b",
    )
    also_changed = FileChange(
        uri="file:///a",
        name="a",
        before="1\n",
        after="2\n",
        new_uri="file:///b",
        new_name="b",
    )

    assert WorkspaceChange((moved, also_changed)).diff == (
        "rename from a\nrename to b\n"
        "rename from a\nrename to b\n--- a/a\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n"
    )


def test_hunks_are_numbered_over_all_files_and_a_part_has_files_left_out() -> None:
    first = changed(numbered(30), numbered(30, l2="two", l25="25.5"))
    made = FileChange(uri="file:///b", name="b", before=None, after="new\n")
    last = changed(numbered(5), numbered(5, l5="five"))
    change = WorkspaceChange((first, made, last))

    part = change.only({1, 3, 9, -1})

    assert change.hunk_count == 4
    assert [(file.name, file.after) for file in part.files] == [
        ("a.txt", numbered(30, l25="25.5")),
        ("a.txt", numbered(5, l5="five")),
    ]
    assert change.only({2}).files == (made,)
    assert change.only(range(4)) == change


def test_a_file_that_moves_is_moved_whatever_is_left_out_of_its_text() -> None:
    change = FileChange(
        uri="file:///a",
        name="a",
        before=numbered(30),
        after=numbered(30, l1="one", l30="30.5"),
        new_uri="file:///b",
        new_name="b",
    )

    part = change.only(())

    assert part is not None
    assert (part.new_uri, part.after) == ("file:///b", part.before)


@given(edited(texts()))
def test_a_long_text_is_compared_in_another_way_and_as_well(
    pair: tuple[str, str],
) -> None:
    old, new = map(lines_of, pair)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hunks, "MOST_CELLS", 0)
        found = hunks_between(old, new)

    assert with_hunks(old, new, found) == pair[1]
    assert with_hunks(old, new, []) == pair[0]


@pytest.mark.parametrize(
    "line",
    ["{number}\n", "{twice}\n", "{few}\n", "{{}}\n"],
    ids=["all different", "each twice", "a few again and again", "all equal"],
)
def test_forty_thousand_lines_are_compared_in_no_time(line: str) -> None:
    old = [line.format(number=n, twice=n // 2, few=n % 7) for n in range(40_000)]
    new = [text if n % 10 else f"new {text}" for n, text in enumerate(old)]
    begin = time.process_time()

    found = hunks_between(old, new)

    assert time.process_time() - begin < 20  # it took minutes
    assert with_hunks(old, new, found) == "".join(new)
    changed = sum(block.end - block.start for hunk in found for block in hunk.blocks)
    assert changed < 20_000 if "few" in line else changed == 4000


def test_what_moved_is_taken_out_and_put_in() -> None:
    old = ["a\n", "b\n", "c\n", "d\n", "e\n"]
    new = ["d\n", "a\n", "b\n", "c\n", "e\n"]

    (hunk,) = hunks_between(old, new)

    assert hunk.blocks == (Block(0, 0, 0, 1), Block(3, 4, 4, 4))
