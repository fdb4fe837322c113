"""Tools by which a model changes files; each of them only proposes to."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

import attrs

from abstractllm.enums import ToolKind
from abstractllm.errors import ChangeRefused, FileMissing
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.proposal import Performance, Proposal
from abstractllm.tools.replacing import Replacement, replaced, with_line_ends_of
from abstractllm.tools.seen import Seen
from abstractllm.tools.unseen import first_unseen
from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from abstractllm.workspace.lines import lines_of
from abstractllm.workspace.reading import LARGEST_FILE
from abstractllm.workspace.targets import Target

Report = Callable[[], Awaitable[str]]
"""Returns what the model is told of a change beside that it was made, if anything."""

Watch = Callable[[WorkspaceChange], Awaitable[Report]]
"""Looks at files before they change; the report tells of new problems, for one."""

_RUNS_CODE = re.compile(
    r"(^|/)(\.vscode|\.idea|\.github|\.devcontainer|\.husky)/"
    r"|(^|/)(\.envrc|\.exrc|\.nvim\.lua|\.nvimrc|\.gitattributes|\.gitmodules"
    r"|\.gitignore|\.abstractllmignore|AGENTS\.md|CLAUDE\.md)$"
    r"|\.code-workspace$",
    re.IGNORECASE,
)
"""Files that editors and tools run or obey by themselves, and models with them."""


async def no_watch(_: WorkspaceChange) -> Report:
    """Look at nothing, and have nothing to tell."""

    async def nothing() -> str:
        return ""

    return nothing


class EditTools:
    """`edit_file`, `write_file`, `delete_file` and `rename_file` over a workspace.

    The docstrings of the four are written for the model that calls them.
    """

    def __init__(
        self, workspace: DiskWorkspace, seen: Seen, watch: Watch = no_watch
    ) -> None:
        self._workspace = workspace
        self._seen = seen
        self._watch = watch

    @property
    def definitions(self) -> list[ToolDefinition]:
        """The tools, to be offered to a model."""
        functions: list[Callable[..., Awaitable[Proposal]]] = [
            self.edit_file,
            self.write_file,
            self.delete_file,
            self.rename_file,
        ]
        return [ToolDefinition.from_function(f, ToolKind.EDIT) for f in functions]

    async def edit_file(self, path: str, edits: list[Replacement]) -> Proposal:
        """Change parts of a text file of the user's project.

        Each edit replaces a piece of text: old is what is there now, copied exactly
        from the file and without line numbers, with enough of the lines around it to be
        there only once; new takes its place. With all, every place is replaced. Give
        several edits of one file in one call. The user sees the change and may refuse
        it, or parts of it.
        """
        target = await self._there(path)
        self._seen.check_fresh(target)
        after = await asyncio.to_thread(replaced, target.text or "", edits)
        return await self.proposal(f"Edit {target.name}", _change(target, after))

    async def write_file(self, path: str, content: str) -> Proposal:
        """Write a whole text file of the user's project, a new one or over an old one.

        To change parts of a file, use edit_file.
        """
        target = await self._workspace.target(path)
        self._seen.check_read(target)
        if target.text is None:
            return await self.proposal(
                f"Create {target.name}", _change(target, content)
            )
        if not target.is_utf8:
            raise ChangeRefused(
                f"{target.name} is not UTF-8: change parts of it with edit_file."
            )
        after = _kept_in_form(content, target.text)
        return await self.proposal(f"Write {target.name}", _change(target, after))

    async def delete_file(self, path: str) -> Proposal:
        """Delete a text file of the user's project."""
        target = await self._there(path)
        self._seen.check_fresh(target)
        return await self.proposal(f"Delete {target.name}", _change(target, None))

    async def rename_file(self, path: str, new_path: str) -> Proposal:
        """Move a text file of the user's project to another path, or rename it."""
        target = await self._there(path)
        new = await self._workspace.target(new_path)
        if new.text is not None:
            raise ChangeRefused(f"{new.name} is there already.")
        moved = FileChange(
            uri=target.uri,
            name=target.name,
            before=target.text,
            after=target.text,
            version=target.version,
            new_uri=new.uri,
            new_name=new.name,
            mode=target.mode,
        )
        return await self.proposal(f"Rename {target.name} to {new.name}", moved)

    async def proposal(self, title: str, *files: FileChange) -> Proposal:
        """Return the proposal to change these files."""
        change = WorkspaceChange(files)
        names = [name for file in files for name in (file.name, file.new_name or "")]
        _check(change)
        _check_names(names)
        diff = await asyncio.to_thread(lambda: change.diff)  # of a long text, a while

        async def perform(performance: Performance) -> str:
            return await self._perform(change, performance)

        return Proposal(
            title=title,
            perform=perform,
            diff=diff,
            change=change,
            sensitive=any(map(_RUNS_CODE.search, names)),
        )

    async def _perform(self, change: WorkspaceChange, performance: Performance) -> str:
        accepted = performance.hunks
        part = change if accepted is None else change.only(accepted)
        report = await self._watch(part)
        made = await performance.apply(part, self._workspace.apply)
        for file in made.files:
            if file.after is not None:
                self._seen.note_text(file.new_uri or file.uri, file.after)
        told = ["Done.", _left_out(change, part), _added(part, made), await report()]
        return "\n".join(filter(None, told))

    async def _there(self, path: str) -> Target:
        target = await self._workspace.target(path)
        if target.text is None:
            raise FileMissing(f"{target.name} does not exist.")
        return target


def _change(target: Target, after: str | None) -> FileChange:
    return FileChange(
        uri=target.uri,
        name=target.name,
        before=target.text,
        after=after,
        version=target.version,
        mode=target.mode,
    )


def _check(change: WorkspaceChange) -> None:
    for file in change.files:
        if file.before == file.after and file.new_uri is None:
            raise ChangeRefused(f"This changes nothing in {file.name}.")
        after = file.after or ""
        if "\0" in after:
            raise ChangeRefused("A text file cannot hold a NUL character.")
        if len(after.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
            raise ChangeRefused(
                f"The new text of {file.name} is too large: at most "
                f"{LARGEST_FILE >> 20} MB can be written."
            )


def _check_names(names: Sequence[str]) -> None:
    for unseen in filter(None, map(first_unseen, names)):
        raise ChangeRefused(
            "The user approves what he sees, and the name of the file holds a "
            f"character that is not seen: {unseen!a}."
        )


def _kept_in_form(content: str, before: str) -> str:
    """Return new content with the line ends, mark and last newline of the old one."""
    after = with_line_ends_of(content, before)
    if before.startswith("\ufeff") and not after.startswith("\ufeff"):
        after = f"\ufeff{after}"
    if before and after:
        after = after.removesuffix(_last_end(after)) + _last_end(before)
    return after


def _last_end(text: str) -> str:
    last = lines_of(text[-2:])[-1]
    return last[len(last.rstrip("\r\n")) :]


def _added(change: WorkspaceChange, made: WorkspaceChange) -> str:
    """Return what an editor made of a change when it saved the files."""
    added = [
        attrs.evolve(file, before=asked.after, new_uri=None, new_name=None)
        for asked, file in zip(change.files, made.files, strict=True)
        if asked.after != file.after
    ]
    if not added:
        return ""
    return f"Saving it changed it once more:\n{WorkspaceChange(tuple(added)).diff}"


def _left_out(change: WorkspaceChange, part: WorkspaceChange) -> str:
    if part.hunk_count == change.hunk_count:
        return ""
    return (
        f"The user accepted {part.hunk_count} of {change.hunk_count} parts. This is "
        f"what was changed:\n{part.diff}"
    )
