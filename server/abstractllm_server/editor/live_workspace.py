"""A workspace that is changed in the editor's buffers, with the editor's own undo."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.workspace import PositionCodec

from abstractllm.errors import ChangeRefused, FileRefused
from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm.workspace.disk import Aim, DiskWorkspace
from abstractllm.workspace.files import Buffers
from abstractllm.workspace.lines import line_ends_of
from abstractllm.workspace.targets import Target, is_utf8
from abstractllm_server.editor.asking import Asking
from abstractllm_server.editor.workspace_edit import operations, workspace_edit
from abstractllm_server.protocol import DOCUMENT_SAVE

logger = logging.getLogger(__name__)

APPLY_SECONDS = 30.0
"""How long an editor may take to apply an edit, or to save."""

SYNC_SECONDS = 2.0
"""How long the changed text of a buffer may take to arrive here."""

POLL_SECONDS = 0.02


class LiveWorkspace(DiskWorkspace):
    """The editor's workspace: what it can change, it changes.

    The disk is written to where the editor cannot do it, and for files that are not
    open and that an editor would not show as they are.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        buffers: Buffers,
        editor: Asking,
        codec: PositionCodec,
    ) -> None:
        super().__init__(folders, buffers)
        self._editor = editor
        self.codec = codec

    async def apply(self, change: WorkspaceChange) -> WorkspaceChange:
        """Apply a change, all of it or nothing; see `DiskWorkspace.apply`."""
        aims = await self.aims(change)
        if not all(map(self._is_for_editor, aims)):
            return await super().apply(change)
        await self._edit(aims)
        for aim in aims:
            if aim.target.is_open:  # what is not may be seen here once it is saved
                await self._arrived(aim)
        saved = await self._save(aims)
        for aim in aims:
            if not aim.target.is_open:
                await self._arrived(aim)
        files = [await self._made(a.change) if a in saved else a.change for a in aims]
        return WorkspaceChange(tuple(files))

    def _is_for_editor(self, aim: Aim) -> bool:
        able = self._able
        if able is None:
            return False
        if not aim.target.is_open and not _is_plain(aim.change):
            return False
        if aim.change.before is None and aim.change.mode is not None:
            return False  # it was deleted, and had permissions that editors cannot give
        possible = able.resource_operations if able.document_changes else None
        return operations(aim) <= set(possible or ())

    @property
    def _able(self) -> types.WorkspaceEditClientCapabilities | None:
        """What edits the editor can apply; `None` where it applies none."""
        workspace = self._editor.client_capabilities.workspace
        if workspace is None or not workspace.apply_edit:
            return None
        return workspace.workspace_edit or types.WorkspaceEditClientCapabilities()

    @property
    def _saves(self) -> bool:
        return self._editor.client_capability("saves") is True

    async def _edit(self, aims: Sequence[Aim]) -> None:
        versioned = bool(self._able and self._able.document_changes)
        edit = workspace_edit(aims, self.codec, versioned=versioned)
        applied = await self._ask(
            types.WORKSPACE_APPLY_EDIT, {"label": "AbstractLLM", "edit": edit}
        )
        if not getattr(applied, "applied", False):
            reason = getattr(applied, "failure_reason", None) or "it does not say why"
            raise ChangeRefused(f"The editor did not apply the change: {reason}.")

    async def _arrived(self, aim: Aim) -> None:
        """Wait for the new text of a file.

        Some editors pass over an edit of a buffer that has changed meanwhile, and still
        say that they applied it.
        """
        before, after = aim.change.before, aim.change.after
        if after is None or after == before:
            return
        try:
            await self._until(aim.change, lambda target: target.text != before)
        except TimeoutError:
            if aim.target.is_open or self._saves:
                raise ChangeRefused(
                    f"The editor did not change {aim.target.name}, but says so: it may "
                    "have changed meanwhile."
                ) from None

    async def _save(self, aims: Sequence[Aim]) -> list[Aim]:
        """Have the editor save what was saved before, so that commands see it."""
        saved = [a for a in aims if a.change.after is not None and not a.target.unsaved]
        if not self._saves or not saved:
            return []
        uris = [
            aim.change.new_uri or aim.target.buffer_uri or aim.target.uri
            for aim in saved
        ]
        try:
            await self._ask(DOCUMENT_SAVE, {"uris": uris})
        except ChangeRefused:  # it is changed, and the user sees that it is not saved
            logger.warning("the editor did not save", exc_info=True)
            return []
        return saved

    async def _made(self, change: FileChange) -> FileChange:
        """Return a change as it was saved: many editors format what they save."""
        try:
            target = await self._until(change, lambda target: not target.unsaved)
        except (TimeoutError, FileRefused):  # the user types, or it cannot be read
            return change
        if target.text is None:
            return change
        return attrs.evolve(change, after=target.text)

    async def _until(
        self, change: FileChange, fits: Callable[[Target], bool]
    ) -> Target:
        """Return a changed file once it is as wanted; raises `TimeoutError`."""
        name = change.new_uri or change.uri
        async with asyncio.timeout(SYNC_SECONDS):
            # No event tells that the notifications of an editor have arrived.
            while not fits(target := await self.target(name)):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
        return target

    async def _ask(self, method: str, params: Any) -> Any:
        try:
            async with asyncio.timeout(APPLY_SECONDS):
                return await self._editor.ask(method, params)
        except JsonRpcException as error:
            raise ChangeRefused(
                f"The editor did not apply the change: {error.message}"
            ) from error
        except TimeoutError:
            raise ChangeRefused("The editor did not answer.") from None


def _is_plain(change: FileChange) -> bool:
    """Return whether an editor that opens a file shows it, and saves it, as it is.

    Editors set a mark aside, make all line ends alike, and take a new file's from the
    system.
    """
    before, after = change.before or "", change.after or ""
    is_text = is_utf8(before + after) and not (before + after).startswith("\ufeff")
    ends = line_ends_of(before) | line_ends_of(after)
    return is_text and (ends <= {"\n"} or line_ends_of(before) == ends == {"\r\n"})
