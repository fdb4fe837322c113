"""A model asks VS Code's language servers: here TypeScript's, which comes with it."""

import json
import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.acting import allow_by_key, call, edit, results, will_call
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer

GREETING = """\
/** Greets somebody. */
export function greet(name: string): string {
  return `Hello, ${name}`;
}
"""

MAIN = """\
import { greet } from "./greeting";

console.log(greet("you"));
console.log(greet(3));
"""


def wait_for_problems(window: Window, number: int) -> None:
    """Wait until the status bar tells of so many errors."""
    name = re.compile(f"{number} Problem|Errors: {number}")
    expect(window.page.get_by_role("button", name=name)).to_be_visible()


@pytest.fixture
def project(window: Window, workspace: Path) -> Path:
    """Return a project with one problem, which the editor has found."""
    (workspace / "tsconfig.json").write_text('{"compilerOptions": {"strict": true}}')
    (workspace / "greeting.ts").write_text(GREETING)
    (workspace / "main.ts").write_text(MAIN)
    # Trusted while it starts, VS Code may never start what waits for that trust.
    window.reload()
    window.open_file("main.ts")
    wait_for_problems(window, 1)
    return workspace


def test_a_function_is_renamed_what_breaks_is_mended_and_one_key_takes_it_back(
    window: Window, vendors: VendorServer, project: Path
) -> None:
    gate = threading.Event()
    will_call(
        vendors,
        call("get_diagnostics", path="main.ts"),
        call(
            "rename_symbol", path="greeting.ts", line=2, symbol="greet", new_name="hail"
        ),
        edit("greeting.ts", ("name: string)", "name: string, mark: string)")),
        call("get_diagnostics", path="main.ts"),
        edit(
            "main.ts", ('hail("you")', 'hail("you", "!")'), ("hail(3)", 'hail("", "")')
        ),
        gate=gate,
        held=3,
    )
    window.ask("Rename greet to hail, give it a mark, and mend what breaks.")

    allow_by_key(window, "Rename greet to hail")
    allow_by_key(window, "Edit greeting.ts")
    wait_for_problems(window, 2)
    gate.set()
    allow_by_key(window, "Edit main.ts")
    window.wait_for_end()

    before, renamed, edited, broken, mended = results(vendors)
    assert "main.ts:4" in before
    assert "number" in before
    assert renamed.startswith("Done.")
    assert edited.startswith("Done.")
    assert "Expected 2 arguments" in broken
    assert "no problems in main.ts" in mended
    window.wait_for_file(
        project / "main.ts",
        'import { hail } from "./greeting";\n\n'
        'console.log(hail("you", "!"));\nconsole.log(hail("", ""));\n',
    )

    window.press_in_editor("Control+Alt+Backspace")

    window.wait_for_file(project / "main.ts", MAIN)
    window.wait_for_file(project / "greeting.ts", GREETING)


def test_what_else_the_language_server_knows_reaches_the_model(
    window: Window, vendors: VendorServer, project: Path
) -> None:
    place = {"path": "main.ts", "line": 3, "symbol": "greet"}
    will_call(
        vendors,
        call("find_symbols", path="greeting.ts"),
        call("find_symbols", query="greet"),
        call("go_to_definition", **place),
        call("find_references", **place),
        call("get_open_files"),
        call("rename_symbol", **{**place, "symbol": "console"}, new_name="x"),
    )

    window.ask("What is greet?")
    window.wait_for_end()

    symbols, found, defined, used, opened, refused = results(vendors)
    assert "function greet" in symbols
    assert "greeting.ts:2" in found
    assert "greeting.ts:2" in defined
    assert "Greets somebody." in defined
    assert [used.count(f"main.ts:{line}") for line in (1, 3, 4)] == [1, 1, 1]
    assert "main.ts" in opened
    assert refused.startswith("Error:")
    assert json.dumps(MAIN) not in str(vendors.requests[-1].body)
    assert (project / "main.ts").read_text() == MAIN
