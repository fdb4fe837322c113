"""The cards of tool calls: what a page shows of them, and what it makes of keys."""

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.editors.vscode.panel import Json, Panel

DIFF = """\
--- a/one.py
+++ b/one.py
@@ -1,2 +1,2 @@ def main():
-old
+new
 same
@@ -10,1 +10,2 @@
 same
+--- a/looks like a header
rename from two.py
rename to lib/two.py
--- a/gone.py
+++ /dev/null
@@ -1,1 +0,0 @@
-gone
\\ No newline at end of file
"""

CHANGE = {"uri": "file:///w/a%20b.py", "kind": "edited", "added": 2, "removed": 1}


@pytest.fixture
def panel(context: BrowserContext) -> Panel:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 600})
    panel = Panel(page)
    panel.tell("session", folders=["file:///w"])
    return panel


def ask(panel: Panel, **more: object) -> None:
    """Have the turn begin, and a call wait."""
    call = {"callId": "c", "name": "edit_file", "arguments": {"path": "one.py"}}
    question = {"kind": "edit", "title": "Edit one.py", "diff": DIFF, **call, **more}
    panel.say("Go on.")
    panel.update("toolCall", status="pending", **call)
    panel.tell("questions", questions=[question])


def question(panel: Panel) -> Locator:
    return panel.page.get_by_role("group", name="waits for your answer")


def answers(panel: Panel) -> list[Json]:
    return [message["decision"] for message in panel.told("answer")]


def test_a_diff_is_shown_file_by_file_and_hunk_by_hunk(panel: Panel) -> None:
    ask(panel)

    rows = panel.page.locator(".diff-file, .hunk-head, .line")
    expect(rows).to_have_text(
        [
            "one.py",
            "Line 1def main():",
            "-old",
            "+new",
            " same",
            "Line 10",
            " same",
            "+--- a/looks like a header",
            "lib/two.pywas two.py",
            "gone.pydeleted",
            "Line 0",
            "-gone",
        ]
    )
    expect(panel.page.locator(".tool .counts")).to_have_text("+2 \N{MINUS SIGN}2")


def test_the_hunks_that_are_left_out_are_told_and_nobody_allows_nothing(
    panel: Panel,
) -> None:
    ask(panel)
    boxes = panel.page.get_by_role("checkbox")
    boxes.nth(0).focus()
    panel.page.keyboard.press("Space")
    boxes.nth(1).uncheck()
    allow = question(panel).get_by_role("button", name="Allow 1 of 3 changes")
    expect(allow).to_be_enabled()

    boxes.nth(2).uncheck()
    expect(question(panel).get_by_role("button", name="Allow")).to_have_count(2)
    for button in question(panel).get_by_role("button", name="Allow").all():
        expect(button).to_be_disabled()
    boxes.nth(2).press("Enter")
    assert answers(panel) == []
    boxes.nth(2).check()
    boxes.nth(2).press("2")

    assert answers(panel) == [{"decision": "session", "hunks": [2]}]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["Enter"], {"decision": "once"}),
        (["2"], {"decision": "session"}),
        (["3"], {"decision": "always"}),
        (["Escape"], {"decision": "reject"}),
        (["n", "o", "2", "Enter"], {"decision": "reject", "reason": "no2"}),
        (["n", "Escape", "Enter"], {"decision": "once", "reason": "n"}),
        (["Control+Enter", "Space", "Escape"], {"decision": "reject"}),
        (["Tab", "Enter"], None),
    ],
)
def test_keys_answer_a_question(
    panel: Panel, keys: list[str], answer: Json | None
) -> None:
    ask(panel)
    expect(question(panel)).to_be_focused()

    for key in keys:
        panel.page.keyboard.press(key)

    assert answers(panel) == ([answer] if answer else [])


def test_characters_that_are_not_seen_are_named(panel: Panel) -> None:
    diff = "--- a/x\n+++ b/x\n@@ -1,0 +1,1 @@\n+if user:\u202e # safe\u200b\r\n"
    ask(panel, diff=diff, title="Edit x\u202ey")

    expect(panel.page.locator(".line.added")).to_have_text(
        "+if user:⟨U+202E⟩ # safe⟨U+200B⟩"
    )
    expect(panel.page.locator(".tool-title")).to_have_text("Edit x⟨U+202E⟩y")


def test_a_diff_of_many_lines_is_drawn_as_far_as_somebody_looks(panel: Panel) -> None:
    lines = "".join(f"-old {number}\n+new {number}\n" for number in range(40_000))
    diff = f"--- a/x\n+++ b/x\n@@ -1,40000 +1,40000 @@\n{lines}"
    ask(panel, diff=diff)

    expect(panel.page.locator(".line")).to_have_count(400)
    expect(question(panel)).to_be_in_viewport()
    panel.page.get_by_role("button", name="Show more lines").click()
    expect(panel.page.locator(".line")).to_have_count(2400)


def test_a_diff_of_which_only_the_beginning_was_kept_says_so(panel: Panel) -> None:
    cut = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-old\n+new\n… (the diff is longer)\n"
    ask(panel, diff=cut)

    expect(panel.page.locator(".line")).to_have_text(["-old", "+new"])
    expect(panel.page.locator(".diff .note")).to_be_visible()
    expect(panel.page.locator(".tool .counts")).to_have_count(0)


def test_of_what_a_command_puts_out_the_end_is_kept_and_in_sight(panel: Panel) -> None:
    ask(panel, kind="run", diff=None, command="make", title="Run make")
    panel.tell("questions", questions=[])
    for number in range(60):
        text = f"\x1b[32m{number}\x1b[0m: {'x' * 5000}\r\n"
        panel.update("toolOutput", callId="c", text=text)

    output = panel.page.locator(".output")
    assert output.evaluate("(e) => e.textContent.length") <= 100_000
    expect(output).to_contain_text("59: x")
    expect(output).not_to_contain_text("[32m")
    hidden = "(e) => e.scrollHeight - e.clientHeight - e.scrollTop"
    assert output.evaluate(hidden) == pytest.approx(0, abs=1)
    panel.update("toolResult", callId="c", content="Exit code 0.", isError=False)
    expect(output).to_have_count(0)
    expect(panel.page.locator(".result")).to_be_hidden()


def test_a_card_that_the_user_unfolded_stays_so(panel: Panel) -> None:
    call = {"callId": "c", "name": "run_command", "arguments": {}}
    panel.say("Go on.")
    panel.update("toolCall", status="running", command="make", **call)
    panel.page.locator(".tool summary").click()
    panel.update("toolOutput", callId="c", text="made")
    panel.update("toolResult", callId="c", content="Exit code 0.", isError=False)

    expect(panel.page.locator(".result")).to_be_visible()


def test_calls_of_one_turn_that_share_an_id_are_told_apart(panel: Panel) -> None:
    panel.say("Go on.")
    for name in ("first", "second"):
        call: Json = {"callId": "c", "name": name, "arguments": {}}
        for status in ("pending", "running"):
            panel.update("toolCall", status=status, **call)
        panel.update("toolResult", callId="c", content=name, isError=False)
        panel.update("toolCall", status="done", **call)

    expect(panel.page.locator(".tool summary")).to_have_text(
        ["firstdone", "seconddone"]
    )
    expect(panel.page.locator(".result")).to_have_text(["first", "second"])


def test_the_changes_of_a_turn_fold_when_the_next_begins(panel: Panel) -> None:
    panel.say("Go on.")
    panel.end(messageId="m", changes=[{**CHANGE, "reverted": False}])
    name = panel.page.get_by_role("button", name="a b.py")
    name.click()
    assert panel.told("showChanges") == [
        {"kind": "showChanges", "messageId": "m", "uri": CHANGE["uri"]}
    ]

    panel.begin_turn()
    panel.say("And now?")

    expect(name).to_be_hidden()
    expect(panel.page.locator(".changes summary")).to_contain_text("1 file changed")


def test_what_was_not_taken_back_is_told_with_its_reason(panel: Panel) -> None:
    panel.say("Go on.")
    panel.end(messageId="m", changes=[{**CHANGE, "reverted": False}])
    panel.page.locator(".changes-actions").get_by_role(
        "button", name="Take back"
    ).click()
    assert panel.told("takeBack") == [{"kind": "takeBack", "messageId": "m"}]

    refused = [{"uri": CHANGE["uri"], "reason": "It has changed since."}]
    changes = [{**CHANGE, "reverted": False}]
    panel.tell("changes", messageId="m", changes=changes, refused=refused)

    note = panel.page.locator(".changes .note")
    expect(note).to_have_text("a b.py: It has changed since.")
