"""Text that every wire can carry: valid UTF-8, without halves of characters.

A string of Python's may hold lone surrogates: half an emoji that an editor cut or a
model streamed, a byte that was read with `surrogateescape`. UTF-8 has none (RFC 3629).
"""


def is_whole(text: str) -> bool:
    """Return whether text has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(text: str) -> str:
    """Return text with halves that fit joined, and the others as U+FFFD."""
    if is_whole(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
