"""What a workspace shows: documents, lines that match, and whether that is all."""

from typing import Generic, TypeVar

import attrs

T = TypeVar("T", covariant=True)


@attrs.frozen(kw_only=True)
class Buffer:
    """The text of a document that is open in an editor.

    `uri` is what the editor calls it, which may be spelt otherwise than its path's.
    """

    text: str
    version: int | None = None
    uri: str | None = None


@attrs.frozen(kw_only=True)
class Document:
    """A file as the user sees it.

    `version` is the editor's, of an open buffer. `unsaved` tells that the disk holds
    another text, or none. `is_cut` tells that the file is larger than what is read.
    """

    name: str
    uri: str
    text: str
    version: int | None = None
    unsaved: bool = False
    is_cut: bool = False


@attrs.frozen(kw_only=True)
class Query:
    """What is searched for: `text`, in the files that `pattern` names.

    `most` is how many matches are wanted. A `regex` is one of Python's `re`.
    """

    text: str
    pattern: str
    most: int
    match_case: bool
    regex: bool = False


@attrs.frozen(kw_only=True)
class Match:
    """A line that holds what was searched for; `line` counts from 1.

    Of a long line, `text` is the beginning.
    """

    name: str
    line: int
    text: str


@attrs.frozen(kw_only=True)
class Found(Generic[T]):
    """What was found, and whether it is all there is to find."""

    items: tuple[T, ...]
    complete: bool


@attrs.frozen(kw_only=True)
class Listing:
    """The names of the files in a folder, and its URI."""

    uri: str
    files: Found[str]
