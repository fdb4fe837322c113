"""The keyboard: asking for prompts, lines and keys, and keeping still otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import platformdirs
from prompt_toolkit import Application, PromptSession
from prompt_toolkit.application.current import get_app_session
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window


def make_prompt(message: Callable[[], str], completer: Completer) -> PromptSession[str]:
    """Return what asks for prompts: Enter sends one, Alt-Enter begins another line."""
    return PromptSession(
        message,
        multiline=True,
        prompt_continuation=lambda width, *_: " " * width,
        key_bindings=_key_bindings(),
        completer=completer,
        complete_while_typing=True,
        history=_history(),
    )


async def ask_line(question: str) -> str:
    """Ask for a line; raises `EOFError` and `KeyboardInterrupt`."""
    return await PromptSession[str]().prompt_async(question)


async def ask_key(question: str, keys: Iterable[str]) -> str:
    """Ask for one of some keys, and take the question off the screen.

    What was typed before it was there is no answer, and neither is what is pasted.
    Raises `KeyboardInterrupt`.
    """
    _forget_typed()
    text = FormattedTextControl(question, show_cursor=False)
    window = Window(text, wrap_lines=True, dont_extend_height=True)
    application: Application[str] = Application(
        layout=Layout(window), key_bindings=_answers(keys), erase_when_done=True
    )
    return await application.run_async()


def _answers(keys: Iterable[str]) -> KeyBindings:
    bindings = KeyBindings()

    def answer(event: KeyPressEvent) -> None:
        event.app.exit(result=event.key_sequence[0].key)

    def interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    for key in keys:
        bindings.add(key)(answer)
    for key in ("c-c", "<sigint>"):
        bindings.add(key)(interrupt)
    return bindings


def _forget_typed() -> None:
    clear_typeahead(get_app_session().input)
    try:
        import termios
    except ImportError:  # Windows
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _key_bindings() -> KeyBindings:
    keys = KeyBindings()
    writing = has_focus(DEFAULT_BUFFER)  # and not searching the history

    @keys.add("enter", filter=writing)
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=writing)
    def begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def _history() -> History:
    """Return the prompts of former times, which only the user may read."""
    path = platformdirs.user_state_path("abstractllm") / "prompts"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


@contextmanager
def silent() -> Iterator[None]:
    """Do not echo what is typed; the prompt that comes next begins with it."""
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = list(before)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
