"""Nothing that others wrote does more in Neovim than to be shown."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstractllm_terminal.printable import one_line
from tests.editors.nvim.hands import begin, call, edit, finish, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.hostile import ALL_HOSTILE, HOSTILE, harmful
from tests.vendors import Call, Failure, Model, Reply, VendorServer

CHAT = "abstractllm://chat"
PROMPT = "abstractllm://prompt"

OWNED = "v:lua.Owned()"
ITEMS = [
    f"%{{{OWNED}}}",
    f"%%{{{OWNED}}}",
    f"%%%{{{OWNED}}}",
    f"%{{%{OWNED}%}}",
    f"%%{{%{OWNED}%}}",
    f"%=%{{{OWNED}}}",
    f"%!{OWNED}",
    "100%",
    "%%",
]
"""Items of a status line, which could run any command."""

A_NAME = f"a {ALL_HOSTILE} {' '.join(ITEMS)}"


@pytest.fixture(autouse=True)
def _nothing_runs(neovim: Neovim) -> Iterator[None]:
    """Fail a test in which a name was run as code."""
    neovim.lua("User.owned = 0; function Owned() User.owned = User.owned + 1 end")
    yield
    neovim.command("redraw!")
    assert neovim.lua("return User.owned") == 0


def configure(neovim: Neovim, configured: dict[str, Any]) -> None:
    """Send the server settings that a user has changed."""
    neovim.lua(
        """
        local client = require("abstractllm.client")
        local settings = next(...) and ... or vim.empty_dict()
        client.call(client.running(), "notify", "workspace/didChangeConfiguration", {
          settings = { abstractllm = settings },
        })
        """,
        configured,
    )


def bar(neovim: Neovim, name: str) -> str:
    """Return what the bar of the window with a buffer shows."""
    shown = neovim.lua(
        """
        local window = vim.fn.bufwinid(...)
        local bar = vim.wo[window].winbar
        return vim.api.nvim_eval_statusline(bar, { use_winbar = true, maxwidth = 999 })
        """,
        name,
    )
    return str(shown["str"])


def open_file(neovim: Neovim, folder: Path, name: str) -> str:
    """Open a file that has a name as hostile as may be, and return it in one line."""
    name = name.replace("/", "").replace("\0", "")[:150]
    code = "vim.api.nvim_set_current_buf(vim.fn.bufadd(...))"
    neovim.lua(code, str(folder / name))
    return one_line(name)


def rename(neovim: Neovim, title: str) -> None:
    neovim.lua('require("abstractllm.actions").rename(...)', title)
    titled = 'return require("abstractllm.session").state.info.title == ...'
    wait_until(lambda: neovim.lua(titled, title), "the title")


@pytest.fixture(scope="module")
def line_of(shared_neovim: Neovim) -> Any:
    """Return what the plug-in makes a line with."""
    code = 'return require("abstractllm.plain").line(...)'
    return lambda text: shared_neovim.lua(code, text)


@settings(deadline=None)
@given(text=st.lists(st.text() | st.sampled_from([*HOSTILE.values()])).map("".join))
def test_it_cleans_a_line_as_the_terminal_client_does(line_of: Any, text: str) -> None:
    assert line_of(text) == one_line(text)


@pytest.mark.parametrize("title", [*HOSTILE.values(), *ITEMS], ids=ascii)
def test_a_title_is_shown_as_text(neovim: Neovim, title: str) -> None:
    neovim.ask("Hello!")
    rename(neovim, f"a {title} z")

    assert one_line(f"a {title} z") in bar(neovim, CHAT)


def test_a_model_is_shown_as_text(neovim: Neovim) -> None:
    neovim.lua('require("abstractllm.actions").choose("openai", ...)', A_NAME)
    lines = neovim.ask("Hello!")

    assert lines[3:] == [f"# {one_line(A_NAME)}", "You said: Hello!"]
    assert bar(neovim, PROMPT).endswith(f" openai · {one_line(A_NAME)} · edit ")


@pytest.mark.parametrize("name", [ALL_HOSTILE, *ITEMS], ids=ascii)
def test_a_file_that_will_go_along_is_shown_as_text(
    neovim: Neovim, workspace: Path, name: str
) -> None:
    line = open_file(neovim, workspace, name)
    neovim.command("1AbstractLLM ask")

    assert bar(neovim, PROMPT).startswith(f" ↳ {line}:1-1 ")


def test_a_file_that_went_along_is_shown_as_text(
    neovim: Neovim, workspace: Path
) -> None:
    name = A_NAME.replace("\n", "").replace("\r", "")  # which the server cannot find
    line = open_file(neovim, workspace, name)
    lines = neovim.ask("What is it?", range_="1")

    assert lines[1] == f"↳ {line}:1-1"


def test_a_tool_call_is_shown_as_text(neovim: Neovim, vendors: VendorServer) -> None:
    made_up = Call(name=A_NAME, arguments=[json.dumps({"path": "\x1b[2J a\n\u202eb"})])
    vendors.will(Reply(tool_calls=[made_up]), Reply(text=["Done."]))
    lines = neovim.ask("Do it")

    assert f"✗ `{one_line(A_NAME)} [2J a b`" in lines
    assert lines[-1] == "Done."


def test_a_question_is_shown_as_text(neovim: Neovim, vendors: VendorServer) -> None:
    will(vendors, call("run_command", command=f"echo {' '.join(ITEMS)}"))
    begin(neovim)
    neovim.command("redraw! | redrawstatus!")
    line = next(line for line in neovim.lines() if line.startswith("? "))

    assert harmful(line) == []
    assert harmful(neovim.told("May the model do this?")) == []
    neovim.command(f"AbstractLLM reject {ITEMS[0]}")
    finish(neovim)


def test_a_change_of_a_file_with_any_name_is_shown_as_text(
    neovim: Neovim, vendors: VendorServer, workspace: Path
) -> None:
    name = f"{ITEMS[0]} {ITEMS[4]} __b__ [c] 100%.txt"
    (workspace / name).write_text("\t\x1b[2J one\n")
    open_file(neovim, workspace, name)
    will(vendors, edit(name, ("one", "%{v:lua.Owned()} \x1b[2J two")))
    begin(neovim)
    neovim.type("gD")
    wait_until(lambda: len(neovim.nvim.tabpages) == 2, "a tab")
    neovim.command("redraw! | redrawtabline | tabclose")
    neovim.command("AbstractLLM approve")
    lines = finish(neovim)

    assert f"✓ `Edit {name}`  +1 -1" in lines
    assert f"  `{name}`  +1 -1" in lines
    assert "%{v:lua.Owned()} \x1b[2J two" in (workspace / name).read_text()


def test_an_error_is_one_line_of_text(neovim: Neovim, vendors: VendorServer) -> None:
    vendors.will(Failure(status=400, message=ALL_HOSTILE))
    neovim.ask("Hello!")

    assert neovim.lines()[-1].startswith("• ")
    assert harmful(neovim.lines()[-1]) == []


def test_notifications_are_one_line_of_text(
    neovim: Neovim, vendors: VendorServer
) -> None:
    vendors.will(Failure(status=400, message=ALL_HOSTILE))
    neovim.command("AbstractLLM model")
    neovim.told("gone")
    neovim.ask("Hello!")
    configure(neovim, {f"no setting {ALL_HOSTILE}": 1})
    neovim.told("no setting")
    configure(neovim, {})

    assert neovim.notices == [one_line(notice) for notice in neovim.notices]


def test_a_list_of_sessions_shows_titles_as_text(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    rename(neovim, A_NAME)
    neovim.command("AbstractLLM sessions")

    assert neovim.asked()[0].startswith(f"{one_line(A_NAME)}  (")


def test_a_list_of_models_and_its_completion_show_names_as_text(
    neovim: Neovim, vendors: VendorServer
) -> None:
    vendors.models = [Model(id=A_NAME, context_window=1)]
    neovim.command("AbstractLLM model")

    assert neovim.asked() == [one_line(A_NAME)]
    completed = neovim.nvim.call("getcompletion", "AbstractLLM model a", "cmdline")
    assert completed == [one_line(A_NAME)]


def test_a_question_shows_a_title_as_text(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    rename(neovim, f"a {HOSTILE['another line']}")
    neovim.command("AbstractLLM delete")
    neovim.asked()

    question = neovim.lua("return User.asked[1].prompt")
    assert question == 'Delete the session "a title ✓ trusted"?'


def test_checkhealth_shows_names_as_text(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    configure(neovim, {"providers": {"openai": {"model": A_NAME}}})
    neovim.command("checkhealth abstractllm")
    configure(neovim, {})

    report = "\n".join(neovim.nvim.current.buffer[:])
    assert f"openai is ready: {one_line(A_NAME)}" in report
