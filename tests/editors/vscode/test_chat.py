"""A turn in the chat view: it streams, stops, and outlives the view."""

import threading

from playwright.sync_api import expect

from tests.editors.vscode.window import Window
from tests.vendors import Call, Failure, Held, Reply, VendorServer

HALVES = Reply(text=["The *first* half", ", and the **second**."])


def test_an_answer_streams_in(window: Window, vendors: VendorServer) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, reply=HALVES))

    window.ask("Tell me something.")
    expect(window.answers).to_have_text("The first half")
    gate.set()

    expect(window.answers).to_have_text("The first half, and the second.")
    expect(window.answers.locator("strong")).to_have_text("second")
    window.wait_for_end()
    expect(window.chat.locator("#usage")).to_have_text("15 tokens")
    expect(window.prompt).to_have_value("")


def test_stop_ends_the_turn_and_keeps_what_was_said(
    window: Window, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), reply=HALVES))
    window.ask("Tell me something.")
    expect(window.answers).to_have_text("The first half")

    window.chat.get_by_role("button", name="Stop").click()

    assert vendors.wait_for_disconnect()
    window.wait_for_end()
    expect(window.answers.locator(".markdown")).to_have_text("The first half")
    expect(window.answers.locator(".note")).to_have_text("Stopped.")
    window.ask("And now?")
    expect(window.answers.last).to_have_text("You said: And now?")


def test_a_view_hidden_in_mid_stream_shows_everything_when_it_is_back(
    window: Window, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, reply=HALVES))
    window.ask("Tell me something.")
    expect(window.answers).to_have_text("The first half")

    window.hide_chat()
    window.show_chat()
    expect(window.answers).to_have_text("The first half")
    expect(window.chat.locator(".prompt")).to_have_text("Tell me something.")
    expect(window.chat.get_by_role("button", name="Stop")).to_be_visible()
    window.hide_chat()
    gate.set()
    window.show_chat()

    expect(window.answers).to_have_text("The first half, and the second.")
    window.wait_for_end()


def test_a_window_reloaded_in_mid_stream_keeps_what_was_said(
    window: Window, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), reply=HALVES))
    window.ask("Tell me something.")
    expect(window.answers).to_have_text("The first half")

    window.reload()

    assert vendors.wait_for_disconnect()
    expect(window.chat.locator(".prompt")).to_have_text("Tell me something.")
    expect(window.answers.locator(".markdown")).to_have_text("The first half")
    expect(window.answers.locator(".note")).to_have_text("Stopped.")
    window.ask("Go on.")
    expect(window.answers.last).to_have_text("You said: Go on.")


def test_a_draft_outlives_the_view(window: Window) -> None:
    window.prompt.fill("Not yet finis")

    window.hide_chat()
    window.show_chat()

    expect(window.prompt).to_have_value("Not yet finis")


def test_a_restarted_server_goes_on_with_the_chat(window: Window) -> None:
    window.ask("One.")
    expect(window.answers).to_have_text("You said: One.")
    window.wait_for_end()

    window.run("AbstractLLM: Restart Server")
    window.ask("Two.")

    expect(window.answers).to_have_text(["You said: One.", "You said: Two."])


def test_thinking_and_tool_calls_unfold(window: Window, vendors: VendorServer) -> None:
    call = Call(name="list_files", arguments=['{"folder": "."}'])
    vendors.will(
        Reply(thinking=["Hm, *so*."], tool_calls=[call]), Reply(text=["Done."])
    )

    window.ask("What is here?")
    window.wait_for_end()

    thinking = window.answers.locator("details.thinking")
    expect(thinking.locator("em")).to_be_hidden()
    thinking.locator("summary").click()
    expect(thinking.locator("em")).to_be_visible()
    tool = window.answers.locator("details.tool")
    expect(tool.locator("summary")).to_have_text("list_files.done")
    tool.locator("summary").click()
    expect(tool.locator(".arguments")).to_contain_text('"folder": "."')


def test_what_comes_in_stays_in_sight_however_it_comes(
    window: Window, vendors: VendorServer
) -> None:
    thinking = [f"thought {number}, " for number in range(40)]
    paragraphs = [f"Paragraph {number}.\n\n" for number in range(40)]
    call = Call(name="list_files", arguments=['{"folder": "."}'])
    vendors.will(
        Reply(thinking=thinking, tool_calls=[call]),
        Reply(text=[*paragraphs, "The end."]),
        Reply(text=["".join(paragraphs) + "The end, at once."]),
        Failure(status=401, type="invalid_request_error"),
    )

    window.ask("Think, look and tell.")
    expect(window.chat.get_by_text("The end.", exact=True)).to_be_in_viewport()
    window.wait_for_end()
    expect(window.answers.locator("details.thinking")).to_have_count(1)
    window.ask("And at once?")
    expect(window.chat.get_by_text("The end, at once.")).to_be_in_viewport()
    window.wait_for_end()
    window.ask("And now?")
    expect(window.chat.get_by_text("And now?")).to_be_in_viewport()
    expect(window.answers.locator(".note.error")).to_be_in_viewport()
    window.wait_for_end()


def test_a_failed_turn_says_why(window: Window, vendors: VendorServer) -> None:
    vendors.will(Failure(status=401, type="invalid_request_error"))

    window.ask("Hello?")

    note = window.answers.locator(".note.error")
    expect(note).to_contain_text("key")
    expect(note.get_by_role("button", name="Set API Key")).to_be_visible()
    window.wait_for_end()
