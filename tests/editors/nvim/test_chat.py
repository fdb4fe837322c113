"""A chat in the panel: typing, streaming, following, folding, coming back."""

import threading

from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Call, Failure, Held, Reply, VendorServer

CHAT = "abstractllm://chat"
PROMPT = "abstractllm://prompt"


def test_a_prompt_typed_in_the_panel_is_answered(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chat")
    neovim.type("iHello!<Esc><CR>")

    assert neovim.shows("You said: Hello!") == [
        "# You",
        "Hello!",
        "",
        "# gpt-5.4-mini",
        "You said: Hello!",
    ]
    wait_until(lambda: neovim.lines(PROMPT) == [""], "an empty prompt")


def test_a_prompt_of_several_lines_is_sent_while_inserting(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("AbstractLLM chat")
    neovim.type("iOne<CR>two<C-s>")
    neovim.shows("You said: One\ntwo")

    assert vendors.requests[-1].body["messages"][-1]["content"] == "One\ntwo"


def test_a_reply_appears_while_it_is_written(
    neovim: Neovim, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=2))
    neovim.command("AbstractLLM ask Count")

    assert neovim.shows("One two ")[-1] == "One two "
    assert not neovim.is_idle()
    assert "answering" in neovim.window(CHAT).options["winbar"]

    gate.set()
    assert neovim.shows("One two three.")[-1] == "One two three."
    wait_until(neovim.is_idle, "the end of the turn")
    assert "answering" not in neovim.window(CHAT).options["winbar"]


def test_only_the_new_text_is_set_while_streaming(
    neovim: Neovim, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=2))
    neovim.command("AbstractLLM ask Count")
    neovim.shows("One two ")
    neovim.lua("""
        Changes = {}
        vim.api.nvim_buf_attach(require("abstractllm.chat").buffer(), false, {
          on_bytes = function(_, _, _, row, column, _, _, _, old_bytes)
            table.insert(Changes, { row, column, old_bytes })
          end,
        })
    """)
    gate.set()
    neovim.shows("three.")

    assert neovim.lua("return Changes") == [[4, len("One two "), 0]]


def test_the_cursor_stays_where_the_reader_put_it_and_follows_from_the_end(
    neovim: Neovim, vendors: VendorServer
) -> None:
    gate = threading.Event()
    long = [f"line {number}\n\n" for number in range(50)]
    vendors.will(Held(gate=gate, after=30, reply=Reply(text=long)))
    neovim.command("AbstractLLM ask Go on")
    neovim.shows("line 29")
    panel = neovim.window(CHAT)
    assert panel.cursor[0] == len(neovim.lines())
    assert neovim.nvim.current.window != panel

    panel.cursor = (3, 0)
    gate.set()
    neovim.shows("line 49")
    assert tuple(panel.cursor) == (3, 0)


def test_a_tool_call_is_one_folded_line(neovim: Neovim, vendors: VendorServer) -> None:
    call = Call(name="read_file", arguments=['{"path": ', '"sample.py"}'])
    vendors.will(Reply(text=["Let me look."], tool_calls=[call]), Reply(text=["Done."]))
    lines = neovim.ask("Read it")

    row = lines.index("✓ read_file sample.py")
    folded = neovim.lua(
        """
        return vim.api.nvim_win_call(vim.fn.bufwinid("abstractllm://chat"), function()
          return { vim.fn.foldclosed(...), vim.fn.foldclosedend(...) }
        end)
        """.replace("...", str(row + 1))
    )
    assert folded == [row + 1, lines.index("Done.") - 1]
    assert any("def area" in line for line in lines[row:])
    assert lines.index("Let me look.") < row < lines.index("Done.")


def test_thinking_is_folded_away(neovim: Neovim, vendors: VendorServer) -> None:
    vendors.will(Reply(thinking=["Hm, ", "let me see."], text=["Yes."]))
    neovim.command("AbstractLLM provider anthropic")
    neovim.ask("Is it?")

    assert neovim.lines()[-4:] == ["… thinking", "> Hm, let me see.", "", "Yes."]


def test_closing_and_opening_the_panel_in_mid_stream_shows_everything(
    neovim: Neovim, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=1))
    neovim.command("AbstractLLM ask Count")
    neovim.shows("One ")
    neovim.command("AbstractLLM chat")
    assert neovim.window(CHAT) is None

    gate.set()
    wait_until(neovim.is_idle, "the end of the turn")
    neovim.command("AbstractLLM chat")

    assert neovim.window(CHAT) is not None
    assert neovim.lines()[-1] == "One two three."


def test_a_session_loaded_in_mid_stream_goes_on(
    neovim: Neovim, vendors: VendorServer
) -> None:
    gate = threading.Event()
    vendors.will(Held(gate=gate, after=1))
    neovim.command("AbstractLLM ask Count to three")
    neovim.shows("One ")
    neovim.command("AbstractLLM new")
    assert neovim.lines() == [""]

    neovim.choose("Count to three")
    neovim.command("AbstractLLM sessions")
    expected = ["# You", "Count to three", "", "# gpt-5.4-mini"]
    assert neovim.shows("One ") == [*expected, "One "]

    gate.set()
    assert neovim.shows("three.") == [*expected, "One two three."]


def test_a_failed_turn_ends_with_the_servers_sentence(
    neovim: Neovim, vendors: VendorServer
) -> None:
    vendors.will(Failure(status=401, type="invalid_request_error"))
    neovim.ask("Hello!")

    assert neovim.lines()[-1].startswith("• ")
    assert "key" in neovim.lines()[-1]


def test_closing_one_window_of_the_panel_closes_both(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chat")
    assert neovim.nvim.current.buffer.name.endswith(PROMPT)
    neovim.type(":quit<CR>")

    wait_until(lambda: neovim.window(CHAT) is None, "the panel to close")
    assert neovim.window(PROMPT) is None


def test_the_panel_closes_even_where_nothing_else_is_open(neovim: Neovim) -> None:
    neovim.command("AbstractLLM chat")
    neovim.command("1wincmd w | quit")
    neovim.command("AbstractLLM chat")

    (window,) = neovim.nvim.current.tabpage.windows
    assert window.buffer.name == ""


def test_a_very_long_line_and_hostile_text_are_only_text(
    neovim: Neovim, vendors: VendorServer
) -> None:
    hostile = ["\x1b]0;owned\x07", "vim: set modeline:\r\n", "`" * 5, "x" * 200_000]
    vendors.will(Reply(text=hostile))

    lines = neovim.ask("Hello!")

    assert lines[4:] == [
        "\x1b]0;owned\x07vim: set modeline:",
        "`" * 5 + "x" * 200_000,
    ]
