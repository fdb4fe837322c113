"""Pictures as the vendors take them, told by their bytes and not by their names."""

import base64
import re

from abstractllm.errors import InvalidParameter
from abstractllm.messages import Image

LARGEST_PICTURE = 3_900_000
"""Bytes of a picture; as base64, the vendor with the lowest limit takes 5 MiB."""

MEDIA_TYPES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
"""The types that the vendors take, and how a file of each begins."""

_NAME = re.compile(r"\.(png|jpe?g|gif|webp)$", re.IGNORECASE)


def is_named_as_picture(name: str) -> bool:
    """Return whether a file's name ends as that of a picture."""
    return _NAME.search(name) is not None


def media_type_of(data: bytes) -> str | None:
    """Return the type of a picture, `None` if it is none that the vendors take."""
    found = (kind for kind, form in MEDIA_TYPES.items() if form.match(data))
    return next(found, None)


def picture_of(data: bytes, name: str) -> Image:
    """Return a picture that can be sent; raises `InvalidParameter`, which names it."""
    media_type = media_type_of(data)
    if media_type is None:
        raise InvalidParameter(f"{name} is no PNG, JPEG, GIF or WebP picture.")
    if len(data) > LARGEST_PICTURE:
        raise InvalidParameter(
            f"{name} is too large to be sent: a picture may have at most "
            f"{LARGEST_PICTURE / 1_000_000} MB."
        )
    return Image(data=base64.b64encode(data).decode(), media_type=media_type)
