"""Text that tries to do more than be shown, for every place where foreign text is."""

import unicodedata

HOSTILE = {
    "clear the screen": "\x1b[2J\x1b[Hgone",
    "move and erase": "shown\x1b[1A\x1b[2Khidden",
    "rename the window": "\x1b]0;owned\x07",
    "link elsewhere": "\x1b]8;;http://evil.example\x1b\\bank\x1b]8;;\x1b\\",
    "fill the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "device control": "\x1bP$q\x22p\x1b\\",
    "sequences of one character": "\u009b2J\u009d0;owned\u009c",
    "bell": "ding\x07",
    "lone escape": "\x1b",
    "carriage return": "safe\rowned",
    "backspace": "safe\x08\x08\x08\x08owned",
    "delete": "a\x7fb",
    "null": "a\x00b",
    "turned around": "\u202egpj.exe\u202c",
    "isolated and never ended": "\u2067abc",
    "another line": "title\n✓ trusted",
    "other line breaks": "one\u2028two\u2029three\u0085four\x0bfive\x0csix",
}
"""Hostile strings, by what they try."""

ALL_HOSTILE = "|".join(HOSTILE.values())

_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmful(text: str) -> list[str]:
    """Return the characters of a text that a terminal should not get."""
    return [
        character
        for character in text
        if character in _TURNING
        or (unicodedata.category(character) == "Cc" and character not in "\n\t")
    ]
