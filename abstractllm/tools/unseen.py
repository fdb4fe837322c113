"""Characters that would have a user approve what he does not see."""

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that could make a text look other than it is."""

_HARMLESS = "\u200c\u200d"
"""Of these, what is in people's scripts, and in names with an emoji."""


def first_unseen(text: str, allowed: str = "") -> str | None:
    """Return the first character of a text that is not seen, but for `allowed` ones."""
    shown = _HARMLESS + allowed
    return next(
        (c for c in text if unicodedata.category(c) in _UNSEEN and c not in shown), None
    )
