"""What a tool would do, told before it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from abstractllm.workspace.changes import WorkspaceChange


class Performance(Protocol):
    """What a proposal is given when it is carried out."""

    hunks: tuple[int, ...] | None
    """The accepted hunks of its diff; `None` means all of them."""

    def tell(self, text: str) -> None:
        """Show the user more of the output while it comes."""

    async def apply(
        self,
        change: WorkspaceChange,
        door: Callable[[WorkspaceChange], Awaitable[WorkspaceChange]],
    ) -> WorkspaceChange:
        """Have `door` apply a change, and keep the change with the session.

        Returns the change as it came to be; some editors change what they save.

        It is kept before it is applied, so that one is never without the other, and
        forgotten where `door` raises. Who is cancelled waits for the end of it.
        """


@attrs.frozen(kw_only=True)
class Proposal:
    """What the function of a tool that acts returns, in the place of a result.

    `perform` does it, once that is approved, and returns what the model reads. `diff`
    shows what changes, `command` and `folder` what is run. `scope` is what an approval
    "for this session" or "always" is remembered for, beside the tool's name. What is
    `sensitive` is asked about in every mode.
    """

    title: str
    perform: Callable[[Performance], Awaitable[str]]
    diff: str | None = None
    command: str | None = None
    folder: str | None = None
    scope: str = ""
    change: WorkspaceChange | None = None
    sensitive: bool = False
