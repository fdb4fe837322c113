"""Changes of files as values: what there was before, and what there will be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

import attrs

from abstractllm.workspace.hunks import (
    Hunk,
    hunks_between,
    unified,
    with_hunks,
)
from abstractllm.workspace.lines import lines_of

_SURROGATE = re.compile("[\ud800-\udfff]")


@attrs.frozen(kw_only=True, slots=False)
class FileChange:
    """One file, before and after.

    `before` is `None` for a file that is made, `after` for one that is deleted.
    `version` is the editor's, of the open buffer that `before` is the text of. A file
    with a `new_uri` and `new_name` is moved there. `mode` are the permissions of the
    file on the disk, where it is there.
    """

    uri: str
    name: str
    before: str | None
    after: str | None
    version: int | None = None
    new_uri: str | None = None
    new_name: str | None = None
    mode: int | None = None

    @cached_property
    def old_lines(self) -> list[str]:
        """The lines before."""
        return lines_of(self.before or "")

    @cached_property
    def new_lines(self) -> list[str]:
        """The lines after."""
        return lines_of(self.after or "")

    @cached_property
    def hunks(self) -> list[Hunk]:
        """What differs, in order."""
        return hunks_between(self.old_lines, self.new_lines)

    @property
    def line_counts(self) -> tuple[int, int]:
        """How many lines are added, and how many removed."""
        blocks = [block for hunk in self.hunks for block in hunk.blocks]
        added = sum(block.new_end - block.new_start for block in blocks)
        return added, sum(block.end - block.start for block in blocks)

    @property
    def inverse(self) -> FileChange:
        """The change that takes this one back."""
        return attrs.evolve(
            self,
            uri=self.new_uri or self.uri,
            name=self.new_name or self.name,
            new_uri=self.uri if self.new_uri else None,
            new_name=self.name if self.new_uri else None,
            before=self.after,
            after=self.before,
            version=None,
        )

    def only(self, accepted: Collection[int]) -> FileChange | None:
        """Return the change with these of its hunks, `None` where nothing is left."""
        if len(set(accepted)) == len(self.hunks):
            return self
        if self.before is None or self.after is None:
            return None
        hunks = [hunk for number, hunk in enumerate(self.hunks) if number in accepted]
        if not hunks and not self.new_uri:
            return None
        after = with_hunks(self.old_lines, self.new_lines, hunks)
        return attrs.evolve(self, after=after)

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff, without their ends."""
        if self.new_name:
            yield f"rename from {self.name}"
            yield f"rename to {self.new_name}"
        if self.hunks or not self.new_name:
            yield "--- " + ("/dev/null" if self.before is None else f"a/{self.name}")
            after = self.new_name or self.name
            yield "+++ " + ("/dev/null" if self.after is None else f"b/{after}")
        yield from unified(self.old_lines, self.new_lines, self.hunks)


@attrs.frozen(slots=False)
class WorkspaceChange:
    """Changes of files that are shown, approved, applied and taken back together."""

    files: tuple[FileChange, ...]

    @cached_property
    def diff(self) -> str:
        """A unified diff against what the user sees, in valid UTF-8."""
        lines = (f"{line}\n" for file in self.files for line in file.diff())
        return _SURROGATE.sub("\ufffd", "".join(lines))

    @cached_property
    def hunk_count(self) -> int:
        """How many hunks `diff` has."""
        return sum(len(file.hunks) for file in self.files)

    def only(self, accepted: Collection[int]) -> WorkspaceChange:
        """Return what is left with these hunks of `diff`, counted from 0."""
        files = []
        first = 0
        for file in self.files:
            own = {n - first for n in accepted if 0 <= n - first < len(file.hunks)}
            first += len(file.hunks)
            left = file.only(own)
            if left is not None:
                files.append(left)
        return WorkspaceChange(tuple(files))
