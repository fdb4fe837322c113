"""What the plug-in asks of the server, and what it knows without asking."""

from typing import Any

from tests.editors.nvim.neovim import Neovim, wait_until
from tests.vendors import Call, Reply, VendorServer


def record(neovim: Neovim) -> None:
    """Note from now on what is sent to the server."""
    neovim.lua("""
        local rpc = require("abstractllm.client").running().rpc
        local own = { request = rpc.request, notify = rpc.notify }
        rpc.unrecorded = rpc.unrecorded or own
        User.sent = {}
        for name, send in pairs(rpc.unrecorded) do
          rpc[name] = function(method, ...)
            table.insert(User.sent, method)
            return send(method, ...)
          end
        end
    """)


def sent(neovim: Neovim) -> list[str]:
    """Return the methods that were sent to the server since `record`."""
    methods: list[str] = neovim.lua("return User.sent")
    return methods


def info(neovim: Neovim) -> dict[str, Any]:
    """Return what the plug-in knows of its session."""
    known: dict[str, Any] | None = neovim.lua(
        'return require("abstractllm.session").state.info'
    )
    return known or {}


def know(neovim: Neovim, **expected: Any) -> None:
    """Wait until the plug-in knows these things of its session."""
    wait_until(lambda: info(neovim).items() >= expected.items(), f"{expected}")


def test_a_turn_asks_for_the_answer_and_for_nothing_else(
    neovim: Neovim, vendors: VendorServer
) -> None:
    neovim.ask("First")
    know(neovim, messageCount=2)
    call = Call(name="read_file", arguments=['{"path": "sample.py"}'])
    vendors.will(Reply(text=["Let me see."], tool_calls=[call]), Reply(text=["Done."]))

    record(neovim)
    neovim.ask("Second")
    know(neovim, messageCount=6, title="First")

    assert sent(neovim) == ["abstractllm/session/generate"]


def test_a_first_prompt_makes_its_session_and_learns_its_title(neovim: Neovim) -> None:
    neovim.ask("Of an earlier session")
    neovim.command("AbstractLLM new")

    record(neovim)
    neovim.ask("What is a fox?")
    know(neovim, messageCount=2, title="What is a fox?")

    assert sent(neovim) == ["abstractllm/session/new", "abstractllm/session/generate"]


def test_a_session_that_is_deleted_elsewhere_is_left(neovim: Neovim) -> None:
    neovim.ask("Hello!")
    know(neovim, title="Hello!")
    session_id = info(neovim)["id"]

    record(neovim)
    neovim.lua(
        """
        local delete = { sessionId = ... }
        require("abstractllm.client").request("session/delete", delete, function() end)
        """,
        session_id,
    )

    assert neovim.told("deleted") == 'The session "Hello!" is deleted.'
    assert neovim.lines() == [""]
    assert sent(neovim) == ["abstractllm/session/delete"]


def test_a_turn_in_the_panel_is_not_shown_as_progress_too(neovim: Neovim) -> None:
    neovim.lua("""
        User.progress = {}
        vim.api.nvim_create_autocmd("LspProgress", {
          callback = function(event)
            table.insert(User.progress, event.data)
          end,
        })
    """)
    neovim.ask("Hello!")
    know(neovim, messageCount=2)

    assert neovim.lua("return User.progress") == []
