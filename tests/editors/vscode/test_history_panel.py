"""The page of the chat view: what it shows of a history, its summaries and its cost."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.editors.vscode.panel import Panel

Json = dict[str, Any]


@pytest.fixture
def panel(context: BrowserContext) -> Panel:
    page = context.new_page()
    page.set_viewport_size({"width": 300, "height": 500})
    return Panel(page)


def message(name: str, role: str, parent: str | None, **metadata: Any) -> Json:
    part = {"kind": "text", "text": f"This is {name}."}
    told = {"id": name, "parentId": parent, "role": role, "parts": [part]}
    return {**told, "status": "complete", "metadata": metadata}


def show(panel: Panel, *messages: Json, **more: Any) -> None:
    usage = {"inputTokens": 1200, "outputTokens": 30, "cachedTokens": 1000}
    session = {"id": "s", "title": "T", "usage": usage, "cost": None, "context": None}
    loaded = {"session": session, "messages": list(messages), **more}
    panel.tell("session", loaded=loaded, folders=[])


def meter(panel: Panel, **more: Any) -> str:
    """Return what is shown below the prompt of a session."""
    usage = {"inputTokens": 1200, "outputTokens": 30, "cachedTokens": 1000}
    session = {"usage": usage, "cost": None, "context": None, **more}
    panel.tell("context", labels=[], session=session)
    return panel.page.locator("#usage").inner_text()


def test_a_summary_is_a_fold_that_can_be_undone(panel: Panel) -> None:
    compaction = {"replaces": ["a", "b"], "tokensBefore": 4800, "tokensAfter": 200}
    show(
        panel,
        message("a", "user", None),
        message("b", "assistant", "a"),
        message("s", "system", "b", compaction=compaction),
    )

    summary = panel.page.locator("details.summary")
    expect(summary.locator("summary")).to_have_text("Summary · 4,800 → 200 tokens")
    expect(summary.get_by_text("This is s.")).to_be_hidden()
    summary.locator("summary").click()
    summary.get_by_role("button", name="Undo").click()

    assert panel.told("uncompact") == [{"kind": "uncompact", "messageId": "s"}]


def test_an_instruction_of_the_system_is_not_shown(panel: Panel) -> None:
    show(panel, message("i", "system", None), message("a", "user", "i"))

    expect(panel.transcript.locator("> *")).to_have_count(1)


def test_siblings_are_gone_through_at_prompts_and_at_answers(panel: Panel) -> None:
    show(
        panel,
        message("a2", "user", None),
        message("b", "assistant", "a2"),
        siblings={"a2": ["a1", "a2", "a3"], "b": ["b", "c"]},
    )

    places = panel.page.locator(".switcher span")
    expect(places).to_have_text(["2 of 3", "1 of 2"])
    for name in ("Previous branch", "Next branch"):
        panel.page.locator(".user").get_by_role("button", name=name).click()
    answer = panel.page.locator(".assistant")
    expect(answer.get_by_role("button", name="Previous branch")).to_be_disabled()
    answer.get_by_role("button", name="Next branch").click()

    told = [each["messageId"] for each in panel.told("rewind")]
    assert told == ["a1", "a3", "c"]


def test_a_prompt_that_was_refused_leaves_the_branch_as_it_was(panel: Panel) -> None:
    show(panel, message("a", "user", None), message("b", "assistant", "a"))
    panel.page.locator(".user").hover()
    panel.page.get_by_role("button", name="Edit this prompt").click()
    panel.prompt.fill("Another one")
    panel.prompt.press("Enter")
    assert panel.told("send") == [
        {"kind": "send", "prompt": "Another one", "parentId": None}
    ]

    panel.tell("refused", message="Not now.")

    expect(panel.page.locator("article")).to_have_count(2)
    expect(panel.prompt).to_have_value("Another one")
    expect(panel.page.locator("#editing")).to_be_visible()


@pytest.mark.parametrize(
    ("session", "text"),
    [
        ({}, ""),
        ({"context": {"used": 900, "window": None, "estimated": False}}, "900 tokens"),
        (
            {
                "context": {"used": 12_300, "window": 200_000, "estimated": True},
                "cost": {"amount": 0.0421, "currency": "USD"},
            },
            "~12 k of 200 k · $0.04",
        ),
        ({"cost": {"amount": 0.0012, "incomplete": True}}, "≥ $0.0012"),
        ({"cost": {"amount": 0.0, "currency": "USD"}}, ""),
        (
            {"context": {"used": 1_500, "window": 1_000_000, "estimated": False}},
            "1.5 k of 1.0 M",
        ),
    ],
)
def test_how_full_the_context_is_and_what_it_cost(
    panel: Panel, session: Json, text: str
) -> None:
    assert meter(panel, **session) == text
    assert "Read: 1,200 tokens" in str(
        panel.page.locator("#usage").get_attribute("title")
    )
