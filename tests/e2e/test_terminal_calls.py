"""How the terminal client shows tool calls, their diffs and what they put out."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, RenderableType

from abstractllm_terminal.calls import Call
from abstractllm_terminal.changed_files import file_name
from abstractllm_terminal.diffs import Diff, Line, difference, parsed
from abstractllm_terminal.turn_view import TurnView

Json = dict[str, Any]


def shown(*pieces: RenderableType, width: int = 70) -> list[str]:
    """Return the lines of what is shown on a screen of this width."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for piece in pieces:
        console.print(piece)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


LOOKS_LIKE_A_DIFF = """\
--- a/query.sql
+++ b/query.sql
@@ -1,4 +1,4 @@
 @@ -1,9 +1,9 @@
--- a/other
---- a/old
+++ b/new
+++++ b/newer
 last
\\ No newline at end of file
--- a/second
+++ b/second
@@ -1 +1 @@
-1
+2
"""


def test_lines_of_a_text_are_not_taken_for_those_of_a_diff() -> None:
    kinds = [line.kind for line in parsed(LOOKS_LIKE_A_DIFF)]

    assert kinds == [
        "",
        "",
        "@",
        " ",
        "-",
        "-",
        "+",
        "+",
        " ",
        "\\",
        "",
        "",
        "@",
        "-",
        "+",
    ]


def test_parts_are_numbered_over_all_files_where_they_are_asked_about() -> None:
    diff = Diff(lines=parsed(LOOKS_LIKE_A_DIFF), numbered=True)

    assert [line for line in shown(diff) if "part" in line] == [
        "@@ -1,4 +1,4 @@ part 1 of 2",
        "@@ -1 +1 @@ part 2 of 2",
    ]


def test_a_long_line_goes_on_behind_an_empty_margin() -> None:
    diff = Diff(lines=[Line("+", "+one two three\t+ four"), Line(" ", " last")])

    assert shown(diff, width=9) == [
        "+one two ",
        " three   ",
        " + four",
        " last",
    ]


def test_a_diff_is_cut_in_length_and_in_width() -> None:
    lines = parsed("@@ -0,0 +1,3 @@\n+" + "x" * 5000 + "\n+2\n+3\n")
    cut, whole = Diff(lines=lines, most=3), Diff(lines=lines)

    assert cut.is_cut
    assert shown(cut, width=6000)[2:] == ["+2", "… 1 more lines"]
    assert shown(cut, width=6000)[1].endswith("x… (the line is longer)")
    assert not whole.is_cut
    assert shown(whole, width=6000)[1:] == ["+" + "x" * 5000, "+2", "+3"]


HEADING = ["--- old", "+++ new"]
NO_NEWLINE = "\\ No newline at end of file"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (None, "1\n", ["--- /dev/null", "+++ new", "@@ -0,0 +1 @@", "+1"]),
        ("1\r\n", None, ["--- old", "+++ /dev/null", "@@ -1 +0,0 @@", "-1"]),
        ("1\f2\n", "1\f2\n", []),
        ("1", "1\n", [*HEADING, "@@ -1 +1 @@", "-1", NO_NEWLINE, "+1"]),
    ],
)
def test_two_texts_are_compared(
    before: str | None, after: str | None, lines: list[str]
) -> None:
    found = difference(before, after, "old", "new")

    assert [line.text for line in found] == ["old → new", *lines]


def test_texts_whose_comparison_would_take_minutes_are_not_compared() -> None:
    data = "".join(f"{number % 200}\n" for number in range(40_000))

    (line,) = difference(data, f"1\n{data}2\n", "data", "data")

    assert line.text == "data: its lines are too much alike to compare"


def run_call(**more: Any) -> Call:
    return Call(name="run_command", arguments={}, title="Run make", kind="run", **more)


def test_the_end_of_what_a_command_puts_out_is_shown_while_it_runs() -> None:
    call = run_call(status="running")
    for number in range(30):
        call.update({"kind": "toolOutput", "text": f"10%\r{number}\r\n"})
    call.update({"kind": "toolOutput", "text": "half a li"})

    tail = [f"  {number}" for number in range(19, 30)]
    assert shown(call.line, call.tail) == ["· Run make · running", *tail, "  half a li"]


def test_of_a_command_that_is_over_its_end_stays() -> None:
    lines = "\n".join(map(str, range(30)))
    call = run_call(status="done", result=f"Exit code 2.\n{lines}\n")

    end = [f"  {number}" for number in range(18, 30)]
    assert shown(*call.pieces()) == [
        "✓ Run make · done",
        "  Exit code 2.",
        "  … 18 lines before",
        *end,
    ]


def test_a_command_that_was_stopped_shows_what_it_had_put_out() -> None:
    call = run_call(status="stopped", output="one\ntwo\n")

    assert shown(*call.pieces()) == ["✗ Run make · stopped", "  one", "  two"]


async def test_a_turn_that_ends_early_names_the_calls_that_were_not_done() -> None:
    console = Console(file=io.StringIO(), width=70)
    edit = {"kind": "toolCall", "callId": "1", "name": "edit_file", "arguments": {}}
    usage = {"inputTokens": 0, "outputTokens": 0, "cachedTokens": 0}
    changed = {"uri": "file:///project/a.py", "kind": "edited", "reverted": False}
    async with TurnView(console, Path("/project")) as view:
        view.show({**edit, "status": "pending"})
        view.show({**edit, "status": "pending", "callId": "2"})
        view.show({**edit, "status": "awaitingApproval", "title": "Edit a.py"})
        view.show(
            {
                "kind": "turnEnded",
                "stopReason": "cancelled",
                "usage": usage,
                "changes": [{**changed, "added": 2, "removed": 0}],
            }
        )

    assert isinstance(console.file, io.StringIO)
    assert [line.rstrip() for line in console.file.getvalue().splitlines()] == [
        "",
        "✗ Edit a.py · stopped",
        "✗ edit_file · stopped",
        "",
        "edited  a.py  +2",
        "",
        "Stopped.",
    ]


def test_files_are_called_by_their_path_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    inside = (tmp_path / "src/ä b.py").as_uri()

    assert file_name(inside, tmp_path) == "src/ä b.py"
    assert file_name(inside, tmp_path / "link") == "src/ä b.py"
    assert file_name(inside, tmp_path / "other") == str(tmp_path / "src/ä b.py")
    assert file_name("untitled:One", tmp_path) == "untitled:One"
