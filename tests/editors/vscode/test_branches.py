"""Prompts edited, answers compared, chats forked, searched and taken back."""

import pytest
from playwright.sync_api import Locator, expect

from tests.editors.vscode.window import Window
from tests.vendors import Reply, VendorServer


@pytest.fixture
def chat(window: Window, vendors: VendorServer) -> Window:
    """Return a window with a chat of two turns."""
    vendors.will(Reply(text=["One."]), Reply(text=["Two."]))
    for prompt, answer in (("First", "One."), ("Second", "Two.")):
        window.ask(prompt)
        ends(window, answer)
    return window


def ends(window: Window, answer: str) -> None:
    """Wait until a turn has ended, with this answer."""
    expect(window.answers.last).to_contain_text(answer)
    window.wait_for_end()


def prompts(window: Window) -> Locator:
    return window.chat.locator("article.user")


def press(message: Locator, name: str) -> None:
    """Press a button of a message, which shows where the pointer is."""
    message.hover()
    message.get_by_role("button", name=name, exact=True).click()


def switcher(message: Locator) -> Locator:
    return message.locator(".switcher")


def test_a_prompt_is_edited_and_sent_again(chat: Window, vendors: VendorServer) -> None:
    vendors.will(Reply(text=["Three."]))
    chat.prompt.fill("being written")

    press(prompts(chat).first, "Edit this prompt")
    chat.prompt.press("Escape")
    expect(chat.prompt).to_have_value("being written")
    expect(chat.chat.locator("#editing")).to_be_hidden()

    press(prompts(chat).last, "Edit this prompt")
    expect(chat.prompt).to_have_value("Second")
    expect(chat.chat.locator("#editing")).to_be_visible()
    chat.ask("Second, edited")
    ends(chat, "Three.")

    expect(prompts(chat).locator(".prompt")).to_have_text(["First", "Second, edited"])
    expect(chat.answers).to_have_text(["One.", "Three."])
    expect(switcher(prompts(chat).last)).to_have_text("2 of 2")
    expect(chat.prompt).to_have_value("being written")
    said = [m["content"] for m in vendors.requests[-1].body["messages"]]
    assert said[-3:] == ["First", "One.", "Second, edited"]

    press(prompts(chat).last, "Previous branch")
    expect(chat.answers).to_have_text(["One.", "Two."])
    expect(switcher(prompts(chat).last)).to_have_text("1 of 2")


def test_an_answer_is_tried_again_beside_the_first_by_another_model_too(
    chat: Window, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["Another one."]))

    press(chat.answers.first, "Try again")
    ends(chat, "Another one.")

    expect(chat.answers).to_have_count(1)
    expect(switcher(chat.answers.first)).to_have_text("2 of 2")
    press(chat.answers.first, "Previous branch")
    expect(prompts(chat).locator(".prompt")).to_have_text(["First", "Second"])
    expect(switcher(chat.answers.first)).to_have_text("1 of 2")

    press(chat.answers.last, "Try again with another model")
    chat.pick("anthropic")
    chat.pick("model-1")
    ends(chat, "You said: Second")
    expect(switcher(chat.answers.last)).to_have_text("2 of 2")
    assert vendors.requests[-1].path == "/v1/messages"
    expect(chat.provider).to_contain_text("openai")


def test_going_back_can_be_undone_and_a_fork_is_a_chat_of_its_own(chat: Window) -> None:
    press(chat.answers.first, "Rewind to here")
    expect(chat.answers).to_have_text(["One."])

    chat.page.get_by_role("button", name="Undo").click()

    expect(chat.answers).to_have_text(["One.", "Two."])

    press(chat.answers.first, "Fork from here")
    expect(chat.answers).to_have_text(["One."])

    chat.ask("Elsewhere")
    ends(chat, "You said: Elsewhere")

    expect(chat.answers).to_have_text(["One.", "You said: Elsewhere"])
    pane = chat.page.locator(".pane", has_text="Sessions")
    expect(pane.locator(".monaco-list-row")).to_contain_text(["First (fork)", "First"])


def test_a_word_is_found_in_another_branch_of_another_chat(
    chat: Window, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["A needle."]))
    press(chat.answers.last, "Try again")
    ends(chat, "A needle.")
    press(chat.answers.last, "Previous branch")
    expect(chat.answers.last).to_contain_text("Two.")
    chat.begin_chat()

    chat.run("AbstractLLM: Search in All Chats")
    chat.page.get_by_role("textbox", name="Any words").fill("needle")
    chat.pick("A needle.")

    expect(chat.answers.last).to_contain_text("A needle.")
    expect(prompts(chat).locator(".prompt")).to_have_text(["First", "Second"])
