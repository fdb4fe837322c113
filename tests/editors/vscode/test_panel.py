"""The page of the chat view: what grows in it, and what of it is in sight."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode.panel import Panel

LONG = "\n\n".join(f"Paragraph {number}." for number in range(60))

AT_THE_END = pytest.approx(0, abs=1)


@pytest.fixture
def panel(context: BrowserContext) -> Panel:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 500})
    return Panel(page)


def test_a_thought_of_many_deltas_is_one_fold(panel: Panel) -> None:
    panel.say("Think.")
    for number in range(30):
        panel.update("thinkingDelta", text=f"one{number} ")
    panel.update("textDelta", text="So.")
    for number in range(30):
        panel.update("thinkingDelta", text=f"two{number} ")

    thoughts = panel.page.locator("details.thinking .markdown")
    expect(thoughts).to_have_text(
        [" ".join(f"{name}{number}" for number in range(30)) for name in ("one", "two")]
    )
    expect(panel.page.locator("article.assistant > *")).to_have_count(3)


def test_a_thought_that_is_unfolded_stays_so_while_it_grows(panel: Panel) -> None:
    panel.say("Think.")
    panel.update("thinkingDelta", text="First ")
    panel.page.locator("details.thinking summary").click()

    for number in range(30):
        panel.update("thinkingDelta", text=f"{number} ")
    panel.end()

    expect(panel.page.locator("details.thinking .markdown")).to_be_visible()
    expect(panel.page.locator("details.thinking .markdown")).to_contain_text("29")


def test_the_end_of_an_answer_of_many_deltas_stays_in_sight(panel: Panel) -> None:
    panel.say("Go on.")
    for number in range(40):
        panel.update("textDelta", text=f"Paragraph {number}.\n\n")
        assert panel.hidden_below() == AT_THE_END
    panel.end()

    assert panel.hidden_below() == AT_THE_END


def test_the_end_of_an_answer_that_comes_at_once_is_in_sight(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)
    panel.end()

    assert panel.hidden_below() == AT_THE_END


def test_an_error_after_a_long_answer_is_in_sight(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)
    panel.end()
    panel.say("And now?")
    panel.end(error={"kind": "authentication", "message": "The key is wrong. " * 20})

    assert panel.hidden_below() == AT_THE_END
    expect(panel.page.get_by_role("button", name="Set API Key")).to_be_in_viewport()


def test_tool_calls_stay_in_sight(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)
    for number in range(30):
        call = {"callId": f"{number}", "name": "list_files", "arguments": {}}
        panel.update("toolCall", status="running", **call)
        assert panel.hidden_below() == AT_THE_END
        panel.update("toolResult", callId=f"{number}", content="x", isError=False)
    panel.end()

    assert panel.hidden_below() == AT_THE_END


@pytest.mark.parametrize("pixels", [3, 300])
def test_who_looks_further_up_is_left_there_until_he_is_back(
    panel: Panel, pixels: int
) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)

    panel.scroll(-pixels)
    for number in range(30):
        panel.update("textDelta", text=f"\n\nMore {number}.")
    assert panel.hidden_below() > 300

    panel.scroll(10_000)
    for number in range(30):
        panel.update("textDelta", text=f"\n\nStill more {number}.")
        assert panel.hidden_below() == AT_THE_END


def test_a_wheel_is_obeyed_though_more_comes_before_the_view_has_moved(
    panel: Panel,
) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)

    panel.page.evaluate(
        """() => {
            const turn = new WheelEvent("wheel", {deltaY: -300});
            document.querySelector("#transcript").dispatchEvent(turn);
        }"""
    )
    panel.update("textDelta", text="\n\nMore, and more.")

    assert panel.hidden_below() > 0


def test_a_new_prompt_is_in_sight_wherever_the_user_was(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)
    panel.end()
    panel.scroll(-10_000)

    panel.say("And now?")

    assert panel.hidden_below() == AT_THE_END
    panel.update("textDelta", text=LONG)
    assert panel.hidden_below() == AT_THE_END


def test_the_end_stays_in_sight_in_a_view_that_is_made_smaller(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text=LONG)
    panel.end()

    for size in ((360, 300), (200, 300)):
        panel.resize(*size)
        assert panel.hidden_below() == AT_THE_END


def test_a_turn_that_has_said_nothing_yet_shows_that_it_runs(panel: Panel) -> None:
    panel.say("Go on.")

    assert panel.sign_of_life() == '"●"'
    panel.end()
    assert panel.sign_of_life() == "none"


def test_what_is_written_while_a_prompt_is_sent_stays(panel: Panel) -> None:
    panel.prompt.fill("One.")
    panel.prompt.press("Enter")
    panel.prompt.press_sequentially("Two.")
    panel.tell("accepted", turnId="t")

    assert panel.told("send") == [{"kind": "send", "prompt": "One."}]
    expect(panel.prompt).to_have_value("Two.")
    assert panel.kept() == {"draft": "Two."}


def test_a_prompt_that_is_refused_is_given_back(panel: Panel) -> None:
    panel.prompt.fill("One.")
    panel.prompt.press("Enter")
    panel.prompt.press_sequentially("Two.")
    assert panel.kept() == {"draft": "One.\nTwo."}
    panel.tell("failed", message="Something else went wrong.")
    panel.tell("refused", message="The file is not there.")

    expect(panel.prompt).to_have_value("One.\nTwo.")
    expect(panel.page.get_by_role("alert")).to_have_text("The file is not there.")
    panel.prompt.press("Enter")
    assert panel.told("send")[-1] == {"kind": "send", "prompt": "One.\nTwo."}


def test_one_prompt_is_sent_at_a_time(panel: Panel) -> None:
    panel.prompt.fill("One.")
    panel.prompt.press("Enter")
    panel.prompt.fill("Two.")
    panel.prompt.press("Enter")

    assert panel.told("send") == [{"kind": "send", "prompt": "One."}]
    expect(panel.prompt).to_have_value("Two.")


def test_a_missed_update_is_asked_for(panel: Panel) -> None:
    panel.say("Go on.")
    panel.update("textDelta", text="One, ")
    panel.miss()
    panel.update("textDelta", text="three.")

    assert len(panel.told("ready")) == 2
    expect(panel.page.locator("article.assistant")).to_have_text("One, ")
