"""`abstractllm chat` in a terminal."""

import os
import signal
from pathlib import Path

from tests.e2e.terminal import (
    CTRL_C,
    CTRL_D,
    Terminal,
    is_running,
    prompts,
    run,
    server_of,
)
from tests.vendors import Counts, Failure, Reply, Stall, VendorServer

Env = dict[str, str]


def test_a_prompt_is_answered_and_leaving_leaves_no_process(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    reply = Reply(
        thinking=["Hm.\n"],
        text=["# Foxes\n\nThey are", " **red**."],
        usage=Counts(input=12, output=40),
    )
    vendors.will(reply)
    with Terminal(workspace, env) as terminal:
        greeting = terminal.expect("Ctrl-D to leave")
        assert greeting.startswith("openai gpt-")
        server = server_of(terminal.process.pid)
        terminal.enter("Foxes?")
        terminal.expect("Hm.")
        terminal.expect("They are red.")
        terminal.expect("12 in, 40 out")
        terminal.expect_prompt()
        terminal.type(CTRL_D)

        assert terminal.exit_code() == 0
        assert terminal.echoes
    assert not is_running(server)


def test_merely_starting_leaves_no_session(workspace: Path, env: Env) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/sessions")
        terminal.expect("There are no sessions here yet.")
        terminal.enter("/quit")

        assert terminal.exit_code() == 0


def test_control_c_stops_the_turn_and_the_next_prompt_works(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Stall(after=2, reply=Reply(text=["One ", "two ", "three"])))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Count")
        terminal.expect("One two")
        terminal.type(CTRL_C)
        terminal.expect("Stopped.")
        assert vendors.wait_for_disconnect()
        terminal.enter("Go on")
        terminal.expect("You said: Go on")
        assert prompts(vendors) == [
            ("user", "Count"),
            ("assistant", "One two "),
            ("user", "Go on"),
        ]

        terminal.expect_prompt()
        terminal.type(f"never mind{CTRL_C}")
        terminal.expect("Ctrl-C once more")
        terminal.expect_prompt()
        terminal.type(CTRL_C)
        assert terminal.exit_code() == 0


def test_commands_change_and_show_sessions(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/rename First one")
        terminal.enter("Hello")
        terminal.expect("You said: Hello")
        terminal.enter("/new Second one")
        terminal.expect("new session")
        terminal.enter("//etc is a folder")
        terminal.expect("You said: /etc is a folder")
        terminal.enter("/sessions")
        terminal.expect("1  Second one  2 ")
        terminal.expect("2  First one   2 ")

        terminal.enter("/load 2")
        terminal.expect("> Hello")
        terminal.expect("You said: Hello")
        terminal.enter("And now?")
        terminal.expect("You said: And now?")
        assert prompts(vendors)[0] == ("user", "Hello")

        terminal.enter("/clear")
        terminal.expect("starts over")
        terminal.enter("Once more")
        terminal.expect("You said: Once more")
        assert prompts(vendors) == [("user", "Once more")]

        terminal.enter("/delete")
        terminal.enter("y")
        terminal.expect("The session is deleted;")
        terminal.enter("/load first")
        terminal.expect("There is no session 'first' here.")
        terminal.enter("/load second")
        terminal.expect("You said: /etc is a folder")


def test_commands_choose_who_answers(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/model one")
        terminal.expect("openai one")
        terminal.enter("Hello")
        terminal.expect("You said: Hello")
        assert vendors.requests[-1].body["model"] == "one"
        terminal.enter("/provider anthropic:two")
        terminal.expect("anthropic two")
        terminal.enter("Still there?")
        terminal.expect("You said: Still there?")
        assert vendors.requests[-1].path == "/v1/messages"
        assert vendors.requests[-1].body["model"] == "two"

        terminal.enter("/model")
        terminal.expect("model-1")
        terminal.enter("/provider")
        terminal.expect("ollama")
        terminal.enter("/provider nix")
        terminal.expect("There is no provider 'nix'.")


def test_wrong_commands_get_a_sentence(workspace: Path, env: Env) -> None:
    with Terminal(workspace, env) as terminal:
        terminal.enter("/wat")
        terminal.expect("There is no command /wat.")
        terminal.enter("/quit now")
        terminal.expect("/quit takes nothing after it.")
        terminal.enter("/rename")
        terminal.expect("Write the new title after /rename.")
        terminal.enter("/delete")
        terminal.expect("There is no session yet that could be deleted.")
        terminal.enter("/help")
        terminal.expect("/provider [name]")


def test_an_error_ends_the_turn_and_not_the_chat(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Failure(status=401, message="Who are you?"))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Hello")
        terminal.expect("did not accept the key")
        terminal.enter("Hello again")
        terminal.expect("You said: Hello again")


def test_a_former_session_is_shown_and_goes_on(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["It is ", "*late*."]))
    run(workspace, env, "chat", "What time is it?")

    with Terminal(workspace, env, "--continue") as terminal:
        terminal.expect("> What time is it?")
        terminal.expect("It is late.")
        terminal.enter("Later still?")
        terminal.expect("You said: Later still?")

    assert prompts(vendors)[0] == ("user", "What time is it?")


def test_escape_sequences_of_a_model_do_not_reach_the_terminal(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["a\x1b]0;title\x07b\x1b[2Jc"]))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Hello")
        terminal.expect("a]0;titleb[2Jc")


def test_a_server_that_dies_in_mid_turn_ends_the_chat_with_a_sentence(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Stall(after=1, reply=Reply(text=["One ", "two"])))
    with Terminal(workspace, env) as terminal:
        terminal.enter("Count")
        terminal.expect("One")
        os.kill(server_of(terminal.process.pid), signal.SIGKILL)
        terminal.expect("The language server ended unexpectedly. Its log: ")

        assert terminal.exit_code() == 1
        assert terminal.echoes
