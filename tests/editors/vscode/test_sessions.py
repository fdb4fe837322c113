"""Sessions, providers, keys and trust, in the real VS Code."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, expect

from abstractllm.store.contract import SessionRecord
from abstractllm.store.sqlite import SQLiteStore
from tests.editors.vscode.code_server import SERVER, CodeServer
from tests.editors.vscode.window import Window
from tests.vendors import VendorServer
from tests.vendors.server import KEY


def sessions(window: Window) -> Locator:
    pane = window.page.locator(".pane", has_text="Sessions")
    return pane.locator(".monaco-list-row")


def chat(window: Window, prompt: str) -> None:
    window.ask(prompt)
    expect(window.answers.last).to_have_text(f"You said: {prompt}")
    window.wait_for_end()


def test_sessions_are_opened_renamed_and_deleted(window: Window) -> None:
    chat(window, "About cats")
    window.begin_chat()
    chat(window, "About dogs")
    expect(sessions(window)).to_contain_text(["About dogs", "About cats"])

    sessions(window).filter(has_text="About cats").click()
    expect(window.answers).to_have_text("You said: About cats")

    cats = sessions(window).filter(has_text="About cats")
    cats.hover()
    cats.get_by_role("button", name="Rename").click()
    window.answer("About tigers")
    expect(sessions(window)).to_contain_text(["About tigers", "About dogs"])

    tigers = sessions(window).filter(has_text="About tigers")
    tigers.hover()
    tigers.get_by_role("button", name="Delete").click()
    expect(sessions(window)).to_have_count(1)
    expect(window.answers).to_have_count(0)
    window.page.get_by_role("button", name="Undo").click()
    expect(sessions(window)).to_contain_text(["About tigers", "About dogs"])


def test_another_provider_goes_on_with_the_chat(
    window: Window, vendors: VendorServer
) -> None:
    chat(window, "One")
    expect(window.provider).to_contain_text("openai")

    window.provider.click()
    window.pick("anthropic")
    expect(window.provider).to_contain_text("anthropic")
    chat(window, "Two")

    request = vendors.requests[-1]
    assert request.path == "/v1/messages"
    assert "One" in str(request.body["messages"])


def test_a_model_is_chosen_from_those_the_provider_offers(
    window: Window, vendors: VendorServer
) -> None:
    expect(window.model).to_be_visible()
    window.model.click()
    window.pick("model-1")
    expect(window.model).to_contain_text("model-1")

    chat(window, "One")

    assert vendors.requests[-1].body["model"] == "model-1"


def test_a_key_is_kept_in_secret_storage_and_used(
    window: Window, vendors: VendorServer
) -> None:
    window.run("AbstractLLM: Set API Key")
    window.pick("openai")
    window.answer("sk-mine")
    toast = window.page.locator(".notification-toast")
    expect(toast).to_contain_text("The key of openai is kept.")
    chat(window, "One")
    assert vendors.requests[-1].headers["authorization"] == "Bearer sk-mine"

    window.reload()
    chat(window, "Two")
    assert vendors.requests[-1].headers["authorization"] == "Bearer sk-mine"

    window.run("AbstractLLM: Remove API Key")
    window.pick("openai")
    expect(toast).to_contain_text("The key of openai is removed.")
    chat(window, "Three")
    assert vendors.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_two_windows_share_a_workspace(
    window: Window, context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    other = Window.open(context, code_server.url, workspace, trusted=None)
    for each in (window, other):
        each.begin_chat()
    chat(window, "Here")
    chat(other, "There")
    window.reload()

    expect(sessions(window)).to_contain_text(["There", "Here"])
    sessions(window).filter(has_text="There").click()
    expect(window.answers).to_have_text("You said: There")
    chat(window, "Here again")


def test_a_workspace_that_is_not_trusted_decides_nothing(
    context: BrowserContext,
    code_server: CodeServer,
    workspace: Path,
    vendors: VendorServer,
) -> None:
    (workspace / ".vscode").mkdir()
    (workspace / ".vscode" / "settings.json").write_text(
        '{"abstractllm.serverPath": "/bin/false", "abstractllm.provider": "anthropic",'
        ' "abstractllm.baseUrls": {"openai": "http://127.0.0.1:9/"}}'
    )
    window = Window.open(context, code_server.url, workspace, trusted=False)

    chat(window, "One")

    request = vendors.requests[-1]
    assert request.path == "/v1/chat/completions"
    assert "tools" not in request.body


def test_a_missing_server_is_told_with_a_way_out(
    context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    code_server.set_server(Path("/nowhere/abstractllm-ls"))
    try:
        window = Window.open(context, code_server.url, workspace)
        message = window.page.locator(".notification-toast")
        expect(message).to_contain_text("Set it to the absolute path")
    finally:
        code_server.set_server(SERVER)

    expect(window.provider).to_be_visible()
    chat(window, "One")


def test_a_chat_with_the_real_local_model(window: Window) -> None:
    window.provider.click()
    window.pick("huggingface")
    expect(window.provider).to_contain_text("huggingface")

    window.ask("What is the capital of France?")

    expect(window.answers).to_contain_text("Paris")
    window.wait_for_end()


def test_chats_are_grouped_by_day_and_pinned_ones_come_first(
    context: BrowserContext, code_server: CodeServer, workspace: Path
) -> None:
    kept_on(workspace, {"Now": 0, "The day before": 1, "Dear": 90})
    window = Window.open(context, code_server.url, workspace)
    days = ["Today", "Now", "Yesterday", "The day before"]
    expect(sessions(window)).to_have_text([*days, "Older", "Dear"])

    sessions(window).filter(has_text="Dear").click(button="right")
    # By the key: a menu takes no click that comes right after the one that opened it.
    pin = window.page.get_by_role("menuitem", name="Pin", exact=True)
    pin.hover()
    expect(pin).to_be_focused()
    pin.press("Enter")

    expect(sessions(window)).to_have_text(["Pinned", "Dear", *days])


def kept_on(workspace: Path, days_ago: dict[str, int]) -> None:
    """Keep sessions that were changed last so many days ago, at noon."""
    noon = datetime.now().astimezone().replace(hour=12, minute=0)

    async def keep() -> None:
        store = SQLiteStore(workspace / ".abstractllm")
        for title, days in days_ago.items():
            time = noon - timedelta(days=days)
            record = SessionRecord(id=title, title=title, updated_at=time)
            await store.create(record)
        await store.close()

    # Not `asyncio.run`: the browser's loop runs in this thread already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, keep()).result()
