"""The server's life as Neovim sees it: killed, shared, missing, checked."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.editor import environment
from tests.editors.nvim.neovim import ROOT, Neovim, wait_until
from tests.vendors import Held, Reply, VendorServer


def test_a_session_goes_on_after_the_server_was_killed_in_mid_turn(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.ask("Hello!")
    vendors.will(Held(gate=threading.Event(), after=2), Reply(text=["Three."]))
    neovim.command("AbstractLLM ask Count")
    neovim.shows("One two ")

    neovim.kill_server()

    lines = neovim.shows("The server was stopped")
    assert lines[-1] == (
        "• The server was stopped by signal 9. The session is kept; "
        "the next prompt goes on with it."
    )
    assert vendors.wait_for_disconnect()

    neovim.command("AbstractLLM ask Go on")
    lines = neovim.shows("Three.")
    assert lines.count("# You") == 3
    asked = json.dumps(vendors.requests[-1].body["messages"])
    assert all(prompt in asked for prompt in ("Hello!", "Count", "Go on"))


def test_a_killed_servers_session_can_be_loaded(neovim: Neovim) -> None:
    lines = neovim.ask("Remember me")
    neovim.kill_server()
    neovim.command("AbstractLLM new")

    neovim.choose("Remember me")
    neovim.command("AbstractLLM sessions")

    neovim.shows("You said: Remember me")
    assert neovim.lines() == lines


def test_two_neovims_continue_one_session(
    neovim: Neovim, start: Callable[..., Neovim], vendors: VendorServer
) -> None:
    neovim.ask("Said in the first")
    second = start()
    second.choose("Said in the first")
    second.command("AbstractLLM sessions")
    second.shows("You said: Said in the first")
    lines = second.ask("Said in the second")

    neovim.command("doautocmd FocusGained")
    neovim.shows("You said: Said in the second")
    assert neovim.lines() == lines
    assert neovim.ask("Back in the first")[-1] == "You said: Back in the first"
    assert [
        message["content"]
        for message in vendors.requests[-1].body["messages"]
        if message["role"] == "user"
    ] == ["Said in the first", "Said in the second", "Back in the first"]


def test_a_prompt_after_what_another_neovim_said_shows_that_too(
    neovim: Neovim, start: Callable[..., Neovim]
) -> None:
    neovim.ask("Alpha")
    second = start()
    second.choose("Alpha")
    second.command("AbstractLLM sessions")
    second.shows("You said: Alpha")
    second.ask("Beta")

    neovim.command("AbstractLLM ask Gamma")
    lines = neovim.shows("You said: Beta", "You said: Gamma")
    assert lines.count("# You") == 3


def test_checkhealth_tells_what_works(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    neovim.command("checkhealth abstractllm")

    report = "\n".join(neovim.nvim.current.buffer[:])
    assert "ERROR" not in report
    assert "openai is ready" in report
    assert "The server runs" in report


def test_there_is_help(neovim: Neovim, tmp_path: Path) -> None:
    (tmp_path / "doc").mkdir()
    text = (ROOT / "editors/nvim/doc/abstractllm.txt").read_text()
    (tmp_path / "doc/abstractllm.txt").write_text(text)
    neovim.command(f"set runtimepath^={tmp_path} | helptags {tmp_path}/doc")
    neovim.command("help abstractllm-install")

    assert neovim.nvim.current.buffer.name.endswith("abstractllm.txt")
    subcommands = neovim.lua(
        'return vim.tbl_keys(require("abstractllm.commands").subcommands)'
    )
    missing = [name for name in subcommands if f"*:AbstractLLM-{name}*" not in text]
    assert missing == []


@pytest.mark.parametrize("version", ["0.12.4"], indirect=True, scope="module")
def test_vim_lsp_enable_starts_the_same_server(start: Callable[..., Neovim]) -> None:
    neovim = start()
    neovim.lua('vim.lsp.enable("abstractllm")')
    neovim.command("edit sample.py")
    neovim.command("set filetype=python")
    wait_until(neovim.servers, "the server")
    neovim.ask("Hello!")

    assert len(neovim.servers()) == 1


def test_a_missing_server_is_told_in_a_sentence(start: Callable[..., Neovim]) -> None:
    neovim = start()
    neovim.lua('require("abstractllm").setup({ cmd = { "no-such-server" } })')
    neovim.command("AbstractLLM ask Hello!")

    assert "no program `no-such-server`" in neovim.told("program")


def test_a_chat_with_the_real_model(
    version: str, workspace: Path, tmp_path: Path
) -> None:
    settings = {"providers": {"huggingface": {"maxTokens": 100, "temperature": 0}}}
    with Neovim(version, workspace, environment(tmp_path), settings=settings) as neovim:
        lines = neovim.ask("What is the capital of France?")
        assert "Paris" in "\n".join(lines[4:])
        assert lines[3] == "# SmolLM2-135M-Instruct"

        neovim.command("AbstractLLM ask Tell me a very long story about a dragon.")
        wait_until(lambda: neovim.headings() == 4, "the beginning of the story")
        neovim.command("AbstractLLM stop")
        neovim.shows("Stopped.")
