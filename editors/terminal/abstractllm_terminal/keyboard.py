"""The keyboard: asking for a prompt, and keeping still while it is answered."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import platformdirs
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

PROMPT = "> "


def make_prompt(completer: Completer) -> PromptSession[str]:
    """Return what asks for prompts: Enter sends one, Alt-Enter begins another line."""
    return PromptSession(
        PROMPT,
        multiline=True,
        prompt_continuation=" " * len(PROMPT),
        key_bindings=_key_bindings(),
        completer=completer,
        complete_while_typing=True,
        history=_history(),
    )


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
