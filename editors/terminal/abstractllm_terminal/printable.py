"""What of foreign text may be shown.

A model, a tool, a vendor, a file or a stored session may hold characters that make a
terminal do more than show text: escape sequences that rename it, fill the clipboard or
draw over what stands there, and overrides that turn text around. Only the characters
that begin such things are taken out; what they would have framed is shown, harmless.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")}

# The explicit embeddings, overrides and isolates of Unicode's bidirectional algorithm
# (UAX #9, 2.1 to 2.4), whose effect need not end with the text that holds them.
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}

_NOTHING = dict.fromkeys(_CONTROLS | _TURNING)

_BREAKS = re.compile("[ \t\n\u2028\u2029]+")


def printable(text: str) -> str:
    """Return text without what is no text; line ends and tabs stay.

    Pieces of a text, cleaned and joined, are the cleaned text: it may come in deltas.
    """
    return text.translate(_NOTHING)


def one_line(text: str) -> str:
    """Return printable text in one line, for names and titles."""
    return _BREAKS.sub(" ", printable(text)).strip(" ")


def escaped(text: str) -> str:
    """Return a line in which what is not seen, or does more than be seen, is spelled.

    For what the user approves, which must be what he sees.
    """
    return "".join(map(_seen, text))


_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}

_HARMLESS = "\t\u200c\u200d"
"""Of these, what is in files that people write, and in names with an emoji."""


def _seen(character: str) -> str:
    if character in _HARMLESS or unicodedata.category(character) not in _UNSEEN:
        return character
    return ascii(character)[1:-1]
