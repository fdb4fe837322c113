"""Every subcommand of `:AbstractLLM`, and what it says when it cannot."""

import threading
from contextlib import closing
from pathlib import Path

from abstractllm.session import SessionManager
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Held, Reply, VendorServer

CHAT = "abstractllm://chat"
PROMPT = "abstractllm://prompt"


def test_chat_opens_the_panel_at_its_prompt_and_closes_it(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chat")
    assert neovim.window(CHAT).buffer.options["filetype"] == "markdown"
    assert neovim.nvim.current.window == neovim.window(PROMPT)

    neovim.command("AbstractLLM")
    assert (neovim.window(CHAT), neovim.window(PROMPT)) == (None, None)


def test_ask_sends_a_prompt_and_stays_where_the_user_works(neovim: Neovim) -> None:
    window = neovim.nvim.current.window
    lines = neovim.ask("what is 'x | y'?")

    assert lines[-1] == "You said: what is 'x | y'?"
    assert neovim.nvim.current.window == window


def test_ask_without_a_prompt_goes_to_where_it_is_written(neovim: Neovim) -> None:
    neovim.command("edit sample.py")
    neovim.command("1,3AbstractLLM ask")

    assert neovim.nvim.current.window == neovim.window(PROMPT)
    assert "sample.py:1-3" in neovim.window(PROMPT).options["winbar"]


def test_sessions_opens_the_one_that_is_chosen(neovim: Neovim) -> None:
    lines = neovim.ask("The first chat")
    neovim.command("AbstractLLM new")
    neovim.ask("The second chat")

    neovim.choose("The first chat")
    neovim.command("AbstractLLM sessions")

    neovim.shows("You said: The first chat")
    assert neovim.lines() == lines
    assert neovim.asked()[0].startswith("The second chat  (")


def test_sessions_leads_to_older_ones_a_hundred_at_a_time(
    neovim: Neovim, workspace: Path
) -> None:
    neovim.ask("An old chat")
    with closing(SessionManager(workspace / ".abstractllm")) as manager:
        newer = [manager.create_session(title=f"Newer {n}") for n in range(100)]
        neovim.choose("Older sessions …", "An old chat")
        neovim.command("AbstractLLM new")
        neovim.command("AbstractLLM sessions")

        neovim.shows("You said: An old chat")
        for session in newer:
            manager.delete_session(session.id)
    assert neovim.asked()[0].startswith("An old chat  (")
    assert not any(item.startswith(("Newer", "Older")) for item in neovim.asked())


def test_provider_switches_in_mid_chat_to_the_one_that_is_chosen(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.ask("Hello!")
    neovim.choose("anthropic")
    neovim.command("AbstractLLM provider")
    wait_until(
        lambda: "anthropic" in neovim.window(PROMPT).options["winbar"], "the switch"
    )
    neovim.ask("And you?")

    assert [item.split(" ")[0] for item in neovim.asked()] == [
        "openai",
        "anthropic",
        "huggingface",
        "ollama",
    ]
    assert vendors.requests[-1].path == "/v1/messages"
    assert [message["role"] for message in vendors.requests[-1].body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]


def test_provider_with_a_name_chooses_for_the_session_to_come(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("AbstractLLM provider anthropic")
    neovim.ask("Hello!")

    assert vendors.requests[-1].path == "/v1/messages"


def test_model_chooses_from_what_the_provider_offers(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.choose("model-1")
    neovim.command("AbstractLLM model")
    assert neovim.asked() == ["model-1"]
    neovim.ask("Hello!")

    assert vendors.requests[-1].body["model"] == "model-1"
    assert "# model-1" in neovim.lines()


def test_stop_ends_a_reply_and_keeps_what_was_said(
    neovim: Neovim, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), after=2))
    neovim.command("AbstractLLM ask Count")
    neovim.shows("One two ")

    neovim.command("AbstractLLM stop")

    lines = neovim.shows("Stopped.")
    assert lines[-3:] == ["One two ", "", "• Stopped."]
    assert vendors.wait_for_disconnect()
    assert neovim.ask("Go on")[-1] == "You said: Go on"


def test_stop_says_when_there_is_nothing_to_stop(neovim: Neovim) -> None:
    neovim.command("AbstractLLM stop")

    assert neovim.notices == ["Nothing is being answered."]


def test_new_begins_an_empty_session(neovim: Neovim, vendors: VendorServer) -> None:
    neovim.ask("Hello!")
    neovim.command("AbstractLLM new")
    assert neovim.lines() == [""]
    assert "New chat" in neovim.window(CHAT).options["winbar"]

    neovim.ask("Again")
    messages = vendors.requests[-1].body["messages"]
    assert [m["content"] for m in messages if m["role"] == "user"] == ["Again"]


def test_rename_shows_the_new_title(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    neovim.command("AbstractLLM rename Small talk, 100%")

    wait_until(
        lambda: "Small talk, 100%%" in neovim.window(CHAT).options["winbar"],
        "the new title",
    )


def test_delete_asks_first(neovim: Neovim) -> None:
    neovim.ask("Of no use")
    neovim.choose("Keep it")
    neovim.command("AbstractLLM delete")
    assert neovim.asked() == ["Keep it", "Delete it"]
    assert neovim.headings() == 2

    neovim.choose("Delete it")
    neovim.command("AbstractLLM delete")
    neovim.told("is deleted")
    assert neovim.lines() == [""]
    neovim.command("AbstractLLM sessions")
    wait_until(lambda: neovim.lua("return #User.asked") == 3, "the list of sessions")
    assert not any("Of no use" in item for item in neovim.asked())


def test_what_needs_a_session_says_so(neovim: Neovim) -> None:
    neovim.command("AbstractLLM rename Nothing")
    neovim.command("AbstractLLM delete")

    first, second = neovim.notices
    assert first == second
    assert first.startswith("There is no session yet")


def test_a_word_that_is_no_subcommand_is_refused(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chta")

    (notice,) = neovim.notices
    assert notice.startswith("There is no `:AbstractLLM chta`")


def test_what_the_server_refuses_is_told_in_its_words_and_nothing_is_lost(
    neovim: Neovim, vendors: VendorServer
) -> None:
    vendors.will(Held(gate=threading.Event(), after=1))
    neovim.command("AbstractLLM ask Count")
    neovim.shows("One ")
    neovim.command("AbstractLLM chat")
    neovim.command("AbstractLLM chat")
    neovim.type("iMore<C-s>")

    assert "\n" not in neovim.told("turn")
    assert neovim.lines(PROMPT) == ["More"]
    neovim.command("AbstractLLM stop")
    neovim.shows("Stopped.")


def test_subcommands_and_providers_complete(neovim: Neovim) -> None:
    def completions(line: str) -> list[str]:
        found: list[str] = neovim.nvim.call("getcompletion", line, "cmdline")
        return found

    assert completions("AbstractLLM ") == [
        "approvals",
        "approve",
        "ask",
        "branch",
        "bringback",
        "chat",
        "compact",
        "context",
        "delete",
        "diff",
        "export",
        "fork",
        "import",
        "mode",
        "model",
        "new",
        "pin",
        "provider",
        "regenerate",
        "reject",
        "rename",
        "resend",
        "rewind",
        "search",
        "sessions",
        "stop",
        "takeback",
        "uncompact",
        "undelete",
        "usage",
    ]
    assert completions("AbstractLLM mode ") == ["ask", "auto", "edit"]
    assert completions("AbstractLLM s") == ["search", "sessions", "stop"]

    neovim.command("AbstractLLM provider")
    neovim.asked()
    assert completions("AbstractLLM provider a") == ["anthropic"]
    assert completions("AbstractLLM stop x") == []


def test_a_second_carriage_return_does_not_send_a_prompt_twice(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.ask("First")
    vendors.will(Reply(text=["Once."]))
    neovim.command("AbstractLLM chat")
    neovim.command("AbstractLLM chat")
    neovim.type("iSecond<Esc><CR><CR>")
    neovim.shows("Once.")
    wait_until(neovim.is_idle, "the end of the turn")

    assert neovim.notices == []
    assert len(vendors.requests) == 2


def test_lines_that_are_none_of_a_file_do_not_go_along(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chat")
    neovim.command("%AbstractLLM ask what is this?")

    assert neovim.notices[0].startswith("Only lines of a file")
    assert neovim.lines() == [""]


def test_after_a_provider_that_does_not_exist_another_one_can_answer(
    neovim: Neovim,
) -> None:
    neovim.command("AbstractLLM provider nonsense")
    neovim.command("AbstractLLM ask Hello!")
    assert "nonsense" in neovim.told("nonsense")

    neovim.command("AbstractLLM provider openai")
    assert neovim.ask("Hello!")[-1] == "You said: Hello!"
