"""Prompts sent again, answers compared, sessions forked, found and brought back."""

import re

from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Reply, VendorServer

CHAT = "abstractllm://chat"
PROMPT = "abstractllm://prompt"

FIRST = ["# You", "First", "# gpt-4", "One."]
SECOND = ["# You", "Second", "# gpt-4", "Two."]


def two_turns(neovim: Neovim, vendors: VendorServer) -> None:
    vendors.will(Reply(text=["One."]), Reply(text=["Two."]))
    neovim.ask("First")
    neovim.ask("Second")
    assert shown(neovim) == FIRST + SECOND


def of(place: int, branches: int) -> str:
    """Return what a heading says of its place among branches."""
    return f"  \u2039 {place} of {branches} \u203a"


def shown(neovim: Neovim) -> list[str]:
    """Return what the panel shows, without blank lines and the model's name."""
    lines = [line for line in neovim.lines() if line.strip()]
    return [re.sub("^# (?!You)[^ ]*", "# gpt-4", line) for line in lines]


def becomes(neovim: Neovim, lines: list[str]) -> None:
    """Wait until the panel shows these lines."""
    wait_until(lambda: shown(neovim) == lines, f"{lines}, not {shown(neovim)}")
    wait_until(neovim.is_idle, "the end of the turn")


def session_id(neovim: Neovim) -> str | None:
    """Return the session in the panel, if one is loaded."""
    found: str | None = neovim.lua(
        "return (require('abstractllm.session').state.info or {}).id"
    )
    return found


def go_to(neovim: Neovim, text: str) -> None:
    """Go to the line of the panel that says this."""
    window = neovim.window(CHAT)
    neovim.nvim.current.window = window
    window.cursor = (neovim.lines().index(text) + 1, 0)


def test_a_prompt_is_written_anew_and_the_branches_are_compared(
    neovim: Neovim, vendors: VendorServer
) -> None:
    two_turns(neovim, vendors)
    vendors.will(Reply(text=["Three."]))
    go_to(neovim, "Second")

    neovim.type("ge")
    wait_until(lambda: neovim.lines(PROMPT) == ["Second"], "the prompt")
    assert "Edits an earlier prompt" in neovim.window(PROMPT).options["winbar"]
    neovim.type("A, edited<Esc><CR>")

    edited = [*FIRST, "# You" + of(2, 2), "Second, edited", "# gpt-4", "Three."]
    becomes(neovim, edited)
    assert neovim.lines(PROMPT) == [""]
    said = [m["content"] for m in vendors.requests[-1].body["messages"]]
    assert said[-3:] == ["First", "One.", "Second, edited"]

    neovim.command("AbstractLLM branch previous")
    becomes(neovim, [*FIRST, "# You" + of(1, 2), "Second", "# gpt-4", "Two."])
    neovim.command("AbstractLLM branch 2")
    becomes(neovim, edited)


def test_an_edit_is_given_up(neovim: Neovim, vendors: VendorServer) -> None:
    two_turns(neovim, vendors)
    buffer = neovim.window(PROMPT).buffer
    buffer[:] = ["being written"]
    neovim.command("AbstractLLM resend")
    wait_until(lambda: neovim.lines(PROMPT) == ["Second"], "the prompt")

    neovim.type("<Esc>")

    wait_until(lambda: neovim.lines(PROMPT) == ["being written"], "what was written")


def test_an_answer_is_given_anew_by_another_model(
    neovim: Neovim, vendors: VendorServer
) -> None:
    two_turns(neovim, vendors)
    vendors.will(Reply(text=["Else."]))

    neovim.command("AbstractLLM regenerate model-1")

    becomes(neovim, [*FIRST, "# You", "Second", "# gpt-4" + of(2, 2), "Else."])
    assert vendors.requests[-1].body["model"] == "model-1"


def test_going_back_is_undone(neovim: Neovim, vendors: VendorServer) -> None:
    two_turns(neovim, vendors)
    go_to(neovim, "One.")

    neovim.command("AbstractLLM rewind")
    becomes(neovim, FIRST)
    neovim.told("What followed is kept")
    neovim.command("AbstractLLM branch back")

    becomes(neovim, FIRST + SECOND)


def test_a_fork_is_a_session_of_its_own(neovim: Neovim, vendors: VendorServer) -> None:
    two_turns(neovim, vendors)
    go_to(neovim, "One.")

    neovim.command("AbstractLLM fork")
    becomes(neovim, FIRST)

    assert "First (fork)" in neovim.window(CHAT).options["winbar"]


def test_a_word_is_found_in_another_branch_of_another_session(
    neovim: Neovim, vendors: VendorServer
) -> None:
    two_turns(neovim, vendors)
    vendors.will(Reply(text=["A xylophone."]))
    neovim.command("AbstractLLM regenerate")
    becomes(neovim, [*FIRST, "# You", "Second", "# gpt-4" + of(2, 2), "A xylophone."])
    neovim.command("AbstractLLM branch previous")
    becomes(neovim, [*FIRST, "# You", "Second", "# gpt-4" + of(1, 2), "Two."])
    neovim.command("AbstractLLM new")

    neovim.choose("A xylophone.")
    neovim.command("AbstractLLM search xylo")

    becomes(neovim, [*FIRST, "# You", "Second", "# gpt-4" + of(2, 2), "A xylophone."])
    neovim.command("AbstractLLM search nowhere at all")
    neovim.told('Nothing holds "nowhere at all".')


def test_a_deleted_session_is_brought_back(
    neovim: Neovim, vendors: VendorServer
) -> None:
    two_turns(neovim, vendors)
    neovim.choose("Delete it")
    neovim.command("AbstractLLM delete")
    neovim.told("`:AbstractLLM undelete` brings it back")

    neovim.command("AbstractLLM undelete")

    becomes(neovim, FIRST + SECOND)


def test_a_history_is_compacted_and_back(neovim: Neovim, vendors: VendorServer) -> None:
    two_turns(neovim, vendors)
    vendors.will(Reply(text=["They counted."]))

    neovim.command("AbstractLLM compact")
    neovim.shows("… summary of what is above", "> They counted.")
    wait_until(neovim.is_idle, "the end of the turn")
    neovim.command("AbstractLLM uncompact")

    neovim.shows("tokens · undone")


def test_a_session_is_exported_and_imported(
    neovim: Neovim, vendors: VendorServer
) -> None:
    two_turns(neovim, vendors)
    neovim.command("AbstractLLM export json")
    wait_until(lambda: neovim.nvim.eval("&filetype") == "json", "the export")

    exported = session_id(neovim)
    assert exported is not None
    neovim.command("AbstractLLM import")

    wait_until(lambda: session_id(neovim) not in (None, exported), "the import")
    becomes(neovim, FIRST + SECOND)
    neovim.command("AbstractLLM usage")
    neovim.told("All sessions: ")
