"""What the user has allowed, for once and for longer, and what a mode allows."""

import pytest

from tests.editors.nvim.conftest import SAMPLE
from tests.editors.nvim.hands import begin, call, edit, finish, go_to, will
from tests.editors.nvim.neovim import Neovim, wait_until
from tests.editors.nvim.test_approval import RENAME, RENAMED, buffer_text
from tests.vendors import VendorServer

PROMPT = "abstractllm://prompt"

pytestmark = pytest.mark.usefixtures("fresh_project")


def test_what_is_allowed_in_a_session_is_not_asked_again(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    will(vendors, RENAME, edit("sample.py", ("def surface(", "def area(")))
    begin(neovim)
    go_to(neovim, "? Edit")
    neovim.type("gs")
    lines = finish(neovim)

    assert lines.count("✓ Edit sample.py  +1 -1") == 2
    assert buffer_text(neovim) == SAMPLE


def test_what_is_allowed_always_is_listed_and_can_be_revoked(
    neovim: Neovim, vendors: VendorServer
) -> None:
    will(vendors, call("run_command", command="true"))
    begin(neovim)
    go_to(neovim, "? Run")
    neovim.type("gw")
    finish(neovim)
    neovim.choose("run_command `true`")
    neovim.command("AbstractLLM approvals")
    assert neovim.told("Revoked: run_command `true`")

    neovim.command("AbstractLLM approvals")
    assert neovim.told("Nothing is allowed without a question.")


def test_in_the_mode_auto_edits_are_not_asked_about(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.command("edit sample.py")
    neovim.command("AbstractLLM mode auto")
    will(vendors, RENAME)
    neovim.ask("Do it")
    finish(neovim)

    assert buffer_text(neovim) == RENAMED
    assert "auto" in neovim.window("abstractllm://prompt").options["winbar"]
    neovim.command("AbstractLLM mode edit")
    wait_until(
        lambda: "edit" in neovim.window("abstractllm://prompt").options["winbar"],
        "the other mode",
    )


def test_mode_chooses_what_the_model_may_do(neovim: Neovim) -> None:
    neovim.choose("ask")
    neovim.command("AbstractLLM mode")
    assert len(neovim.asked()) == 3
    neovim.ask("Hello!")

    bar = neovim.window(PROMPT).options["winbar"]
    assert "openai · gpt-5.4-mini · ask" in bar
    neovim.command("AbstractLLM mode fast")
    assert neovim.told("modes") == "The modes are `ask`, `edit` and `auto`."
