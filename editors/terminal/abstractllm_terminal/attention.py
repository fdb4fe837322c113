"""Being seen from afar, by who looks at another window or tab."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.control import Control

TITLE = "Waiting for you: abstractllm"

# Xterm's stack of titles, which most terminals have. The others keep the last title
# that they were given, so that one had better be true.
_KEEP_TITLE, _BRING_BACK_TITLE = "\x1b[22;0t", "\x1b[23;0t"


@contextmanager
def attention(console: Console) -> Iterator[None]:
    """Call for the user by the bell and by the terminal's title, until he has come."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield
        return
    console.file.write(_KEEP_TITLE)
    console.control(Control.title(TITLE), Control.bell())
    try:
        yield
    finally:
        console.control(Control.title("abstractllm"))
        console.file.write(_BRING_BACK_TITLE)
        console.file.flush()
