"""Edits as VS Code applies them, with the language client's mistakes put right."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode import asking_server
from tests.editors.vscode.code_server import SERVER, CodeServer
from tests.editors.vscode.window import Window

Json = dict[str, Any]


class Asking:
    """A window whose server asks what the test wants to know."""

    def __init__(self, window: Window, workspace: Path, answers: Path) -> None:
        self.window = window
        self.workspace = workspace
        self._answers = answers

    def ask(self, method: str, params: Json) -> Json:
        """Have the server ask something, and return what VS Code answers."""
        before = len(self._lines())
        self.window.ask(f"{method} {json.dumps(params)}")
        self.window.wait_until(
            lambda: len(self._lines()) > before, "it was not answered"
        )
        self.window.wait_for_end()
        answer: Json = json.loads(self._lines()[-1])
        return answer

    def apply(self, *steps: Json) -> Json:
        """Have an edit applied."""
        return self.ask("workspace/applyEdit", {"edit": {"documentChanges": steps}})

    def uri(self, name: str) -> str:
        return (self.workspace / name).as_uri()

    def _lines(self) -> list[str]:
        return self._answers.read_text().splitlines()

    def edit(self, name: str, version: int | None, *lines: int) -> Json:
        """Return the step that puts a `>` before some lines of a document."""
        document = {"uri": self.uri(name), "version": version}
        places = [{"line": line, "character": 0} for line in lines]
        edits = [
            {"range": {"start": place, "end": place}, "newText": ">"}
            for place in places
        ]
        return {"textDocument": document, "edits": edits}


@pytest.fixture
def asking(
    context: BrowserContext, code_server: CodeServer, workspace: Path, tmp_path: Path
) -> Iterator[Asking]:
    answers = tmp_path / "answers"
    answers.touch()
    command = shlex.join([sys.executable, "-P", asking_server.__file__, str(answers)])
    program = tmp_path / "abstractllm-ls"
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o755)
    code_server.set_server(program)
    for name in ("one", "two", "three"):
        (workspace / f"{name}.txt").write_text("first\nsecond\nthird\n")
    window = Window.open(context, code_server.url, workspace)
    yield Asking(window, workspace, answers)
    code_server.set_server(SERVER)


def test_several_edits_of_a_buffer_are_undone_by_one_key(asking: Asking) -> None:
    window = asking.window
    window.open_file("one.txt")
    window.write("very ")
    version = 1 + len("very ")

    assert asking.apply(asking.edit("one.txt", version, 0, 2)) == {"applied": True}

    expect(window.lines).to_have_text([">very first", "second", ">third", ""])
    window.press_in_editor("Control+Z")
    expect(window.lines).to_have_text(["very first", "second", "third", ""])


@pytest.mark.parametrize("version", [1, None])
def test_a_stale_edit_is_refused_with_a_reason_and_nothing_of_it_is_done(
    asking: Asking, version: int | None
) -> None:
    asking.window.open_file("one.txt")
    asking.window.write("very ")

    answer = asking.apply(
        {"kind": "create", "uri": asking.uri("new.txt")},
        asking.edit("two.txt", None, 0),
        asking.edit("one.txt", version, 0),
    )

    reason = "one.txt has changed in the editor"
    assert answer == {"applied": False, "failureReason": reason}
    assert not (asking.workspace / "new.txt").exists()
    expect(asking.window.lines).to_have_text(["very first", "second", "third", ""])
    asking.window.open_file("two.txt")
    expect(asking.window.lines).to_have_text(["first", "second", "third", ""])


def test_an_edit_of_a_buffer_that_is_closed_meanwhile_is_refused(
    asking: Asking,
) -> None:
    answer = asking.apply(asking.edit("one.txt", 3, 0))

    reason = "one.txt has changed in the editor"
    assert answer == {"applied": False, "failureReason": reason}


def test_files_in_the_way_and_missing_ones_are_seen_before_anything_is_done(
    asking: Asking,
) -> None:
    edit = asking.edit("one.txt", None, 0)
    for step, reason in (
        ({"kind": "create", "uri": asking.uri("two.txt")}, "is there already"),
        ({"kind": "delete", "uri": asking.uri("four.txt")}, "is not there"),
        (
            {
                "kind": "rename",
                "oldUri": asking.uri("two.txt"),
                "newUri": asking.uri("three.txt"),
            },
            "is there already",
        ),
    ):
        answer = asking.apply(edit, step)
        assert not answer["applied"]
        assert answer["failureReason"].endswith(reason)
    asking.window.open_file("one.txt")
    expect(asking.window.lines).to_have_text(["first", "second", "third", ""])


def test_files_are_made_moved_deleted_and_saved(asking: Asking) -> None:
    workspace, uri = asking.workspace, asking.uri
    answer = asking.apply(
        {"kind": "create", "uri": uri("new.txt")},
        asking.edit("new.txt", None, 0),
        asking.edit("two.txt", None, 0),
        {"kind": "rename", "oldUri": uri("two.txt"), "newUri": uri("moved.txt")},
        {"kind": "delete", "uri": uri("three.txt")},
    )

    assert answer == {"applied": True}
    names = {path.name for path in workspace.glob("*.txt")}
    assert names == {"one.txt", "new.txt", "moved.txt"}
    assert (workspace / "moved.txt").read_text() == "first\nsecond\nthird\n"
    uris = [uri("new.txt"), uri("moved.txt"), uri("one.txt")]
    assert asking.ask("abstractllm/document/save", {"uris": uris}) == {"saved": uris}
    assert (workspace / "new.txt").read_text() == ">"
    assert (workspace / "moved.txt").read_text() == ">first\nsecond\nthird\n"


def test_a_query_that_fails_is_answered_with_a_sentence(asking: Asking) -> None:
    place = {"line": 0, "character": 0}
    query = {"kind": "rename", "uri": asking.uri("one.txt"), "position": place}

    answer = asking.ask("abstractllm/editor/query", {**query, "newName": "x"})

    assert answer is None
    missing = {"kind": "diagnostics", "uri": asking.uri("four.txt")}
    answer = asking.ask("abstractllm/editor/query", missing)
    assert "four.txt" in answer["error"]
    assert "failed with message" not in answer["error"]
