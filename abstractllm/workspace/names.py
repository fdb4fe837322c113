"""Names of files, shown."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(name: str) -> str:
    """Return a name that cannot end its line, nor hold half a character."""
    return "".join(one if one.isprintable() else _REPLACEMENT for one in name)
