"""What one does with a history in a terminal: go back in it, search it, keep it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import ENTER, Terminal
from tests.vendors import Reply, VendorServer

Env = dict[str, str]


@pytest.fixture
def terminal(workspace: Path, env: Env, vendors: VendorServer) -> Iterator[Terminal]:
    """Return a terminal with a chat of two turns."""
    vendors.will(Reply(text=["One."]), Reply(text=["Two."]))
    with Terminal(workspace, env) as terminal:
        terminal.expect("Ctrl-D to leave")
        for prompt, answer in (("First", "One."), ("Second", "Two.")):
            does(terminal, prompt, answer)
        yield terminal


def does(terminal: Terminal, line: str, *expected: str) -> None:
    """Enter a line, and wait for what is shown and for the prompt."""
    terminal.enter(line)
    for text in expected:
        terminal.expect(text)


def said(vendors: VendorServer) -> list[str]:
    return [m["content"] for m in vendors.requests[-1].body["messages"]][-3:]


def test_the_last_prompt_is_sent_anew_and_branches_are_shown(
    terminal: Terminal, vendors: VendorServer
) -> None:
    does(terminal, "/resend Second, edited", "You said: Second, edited")
    assert said(vendors) == ["First", "One.", "Second, edited"]

    does(terminal, "/branch", "This is branch 2 of 2.")
    does(terminal, "/branch 1", "Two.")
    does(terminal, "/branch 3", "Give a number from 1 to 2.")


def test_the_last_prompt_is_answered_anew_by_another_model(
    terminal: Terminal, vendors: VendorServer
) -> None:
    does(terminal, "/regenerate model-1", "You said: Second")
    assert vendors.requests[-1].body["model"] == "model-1"
    does(terminal, "/branch", "This is branch 2 of 2.")


def test_one_goes_back_and_on_from_there(
    terminal: Terminal, vendors: VendorServer
) -> None:
    does(terminal, "/rewind", "One.")
    does(terminal, "Third", "You said: Third")
    assert said(vendors) == ["First", "One.", "Third"]
    does(terminal, "/rewind 2", "/clear starts the session over")


def test_a_fork_is_a_session_of_its_own(terminal: Terminal) -> None:
    does(terminal, "/fork", "'First (fork)'")
    does(terminal, "Elsewhere", "You said: Elsewhere")
    does(terminal, "/sessions", "First (fork)", "First")


def test_what_is_found_is_opened_in_its_session_and_branch(terminal: Terminal) -> None:
    does(terminal, "/resend a xylophone", "You said: a xylophone")
    does(terminal, "/branch 1", "Two.")
    does(terminal, "/new", "new session")

    does(terminal, "/search XYLO", "a xylophone", "/found and a number")
    does(terminal, "/found 1", "You said: a xylophone")
    does(terminal, "/search nothing of it", "Nothing holds these words.")


def test_what_is_deleted_is_brought_back(terminal: Terminal) -> None:
    terminal.enter("/delete")
    terminal.expect("Delete this session?")
    terminal.type("y" + ENTER)
    terminal.expect("/undelete brings it back")

    does(terminal, "/undelete", "First", "Two.")


def test_a_history_is_compacted_and_back(
    terminal: Terminal, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["They counted."]))
    does(terminal, "/compact", "2 messages are summarized.", "/uncompact undoes it.")
    does(terminal, "Third", "You said: Third")
    assert "They counted." in said(vendors)[0]

    does(terminal, "/uncompact", "All messages are sent again.")
    does(terminal, "/uncompact", "There is no summary in this session.")


def test_a_session_is_exported_imported_and_paid_for(
    terminal: Terminal, workspace: Path
) -> None:
    does(terminal, "/export chat.md", "The session is in chat.md.")
    does(terminal, "/export chat.md", "cannot be written")
    does(terminal, "/export chat.json", "The session is in chat.json.")
    assert (workspace / "chat.md").read_text().startswith("# First\n\n## You\n")

    does(terminal, "/import chat.json", "First", "Two.")
    does(terminal, "/pin", "The session is pinned.")
    does(terminal, "/sessions", "★ First")
    does(terminal, "/usage", "All", "not known")
