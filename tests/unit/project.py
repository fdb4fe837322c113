"""A small project, and a model that changes it by its tools."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from abstractllm.messages import ToolCall, ToolResult
from abstractllm.tools.edits import EditTools
from abstractllm.tools.files import FileTools
from abstractllm.tools.proposal import Proposal
from abstractllm.tools.seen import Seen
from abstractllm.tools.toolbox import Toolbox
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm.workspace.disk import DiskWorkspace
from abstractllm.workspace.documents import Buffer

POEM = "one\ntwo\nthree\n"
"""What is in `poem.txt`, the only file."""


class Performance:
    """Applies what is approved; nobody keeps it."""

    def __init__(self, hunks: tuple[int, ...] | None = None) -> None:
        self.hunks = hunks

    def tell(self, text: str) -> None:
        raise AssertionError("a change has no output")

    async def apply(
        self,
        change: WorkspaceChange,
        door: Callable[[WorkspaceChange], Awaitable[WorkspaceChange]],
    ) -> WorkspaceChange:
        return await door(change)


class Project:
    """A folder, the buffers that are open, and a model with tools for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buffers: dict[str, Buffer] = {}
        workspace = DiskWorkspace([folder], lambda: self.buffers)
        seen = Seen()
        self._tools = Toolbox(
            [
                *FileTools(workspace, seen).definitions,
                *EditTools(workspace, seen).definitions,
            ]
        )

    def write(self, name: str, data: bytes | str) -> Path:
        """Write a file as somebody else does."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    async def read(self, path: str) -> None:
        """Have the model read a file."""
        await self._called("read_file", {"path": path})

    async def proposed(self, tool: str, **arguments: Any) -> Proposal:
        """Return what a call proposes."""
        outcome = await self._called(tool, arguments)
        assert isinstance(outcome, Proposal), outcome
        return outcome

    async def approved(
        self, proposal: Proposal, hunks: tuple[int, ...] | None = None
    ) -> str:
        """Return what the model reads of an approved call."""
        result = await self._tools.perform(
            ToolCall(name="approved"), lambda: proposal.perform(Performance(hunks))
        )
        return result.content

    async def does(self, tool: str, **arguments: Any) -> str:
        """Return what the model reads of a call that is approved at once."""
        return await self.approved(await self.proposed(tool, **arguments))

    async def edits(self, path: str, old: str, new: str) -> str:
        """Return what the model reads of an edit."""
        return await self.does("edit_file", path=path, edits=[{"old": old, "new": new}])

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """Return why a call is refused; no file is another one for it."""
        before = contents(self.folder.parent)
        outcome = await self._called(tool, arguments)
        assert isinstance(outcome, ToolResult), outcome
        assert outcome.is_error, outcome
        assert contents(self.folder.parent) == before
        return outcome.content

    async def _called(
        self, tool: str, arguments: Mapping[str, Any]
    ) -> ToolResult | Proposal:
        return await self._tools.call(ToolCall(name=tool, arguments=arguments))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
