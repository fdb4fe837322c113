"""The files of a folder as they were at the last commit of its repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from abstractllm.errors import InvalidParameter
from abstractllm.workspace.git import Git

LARGEST_FILE = 500_000
"""Bytes of a file whose changes are shown."""

_LISTED = re.compile(
    rb"(?P<mode>\d+) \w+ (?P<id>\w+) +(?P<size>\S+)\t(?P<name>.+)", re.DOTALL
)
"""What `git ls-tree --long` says; the size of what is not here is no number."""

_REGULAR = {b"100644", b"100755", b"100664"}


class LastCommit:
    """What git knows of a folder; names are relative to it."""

    def __init__(self, git: Git) -> None:
        """Look up the last commit; before the first one there are no files."""
        found = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if found is None:
            found = git.ask("hash-object", "-t", "tree", "--no-filters", "--stdin")
        self._git = git
        self._tree = (found or b"").decode().strip()

    def changed(self) -> set[str]:
        """Return at least the names of the files that are not what they were.

        Unsaved changes are not among them.
        """
        options = ("--no-renames", "--no-ext-diff", "--no-textconv", "--relative")
        return set(
            self._git.names(
                *("diff-index", "--name-only", "-z", "--ignore-submodules=all"),
                *(*options, self._tree, "--"),
            )
        )

    def unknown(self) -> set[str]:
        """Return the names of files that git does not know, nor ignores."""
        return set(self._git.names("ls-files", "--others", "--exclude-standard", "-z"))

    def texts(self, names: Sequence[str]) -> dict[str, str | None]:
        """Return what stood in those of the files that were there.

        `None` stands for what was no text, is too large, or is not here. Raises
        `InvalidParameter`.
        """
        if not names:
            return {}
        listed = self._git.ask("ls-tree", "--long", "-z", self._tree, "--", *names)
        if listed is None:
            raise InvalidParameter("git cannot read the last commit here.")
        texts: dict[str, str | None] = {}
        shown = {}
        for entry in map(_LISTED.fullmatch, listed.split(b"\0")):
            if entry is not None:
                name = os.fsdecode(entry["name"])
                texts[name] = None
                size = int(entry["size"]) if entry["size"].isdigit() else None
                is_small = size is not None and size <= LARGEST_FILE
                if is_small and entry["mode"] in _REGULAR:
                    shown[name] = entry["id"]
        contents = self._contents(list(shown.values()))
        texts.update(zip(shown, map(_text, contents), strict=True))
        return texts

    def _contents(self, ids: Sequence[bytes]) -> Iterator[bytes | None]:
        """Yield the contents of these objects, `None` for one that is not here."""
        order = b"".join(id + b"\n" for id in ids)
        answer = self._git.ask("cat-file", "--batch", order=order) if ids else None
        start = 0
        for _ in ids:
            end = answer.find(b"\n", start) if answer else -1
            head = answer[start:end].split() if answer and end >= 0 else []
            start = end + 1
            if answer is None or len(head) != 3:  # "… missing"
                yield None
                continue
            size = int(head[2])
            yield answer[start : start + size]
            start += size + 1


def _text(content: bytes | None) -> str | None:
    if content is None or b"\0" in content:
        return None
    return content.decode("utf-8", "replace")
