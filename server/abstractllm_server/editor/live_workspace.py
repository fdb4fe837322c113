"""A workspace that is changed in the editor's buffers, with the editor's own undo."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.workspace import PositionCodec

from abstractllm.errors import ChangeRefused, FileRefused
from abstractllm.workspace.changes import WorkspaceChange
from abstractllm.workspace.disk import Aim, DiskWorkspace
from abstractllm.workspace.files import Buffers
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
    UTF-8 and not open, which an editor may not read as they are.
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

    async def apply(self, change: WorkspaceChange) -> None:
        """Apply a change, all of it or nothing; see `DiskWorkspace.apply`."""
        aims = await self.aims(change)
        if all(map(self._is_for_editor, aims)):
            await self._edit(aims)
            await self._save(aims)
        else:
            await super().apply(change)

    def _is_for_editor(self, aim: Aim) -> bool:
        able = self._editor.client_capabilities.workspace
        if able is None or not able.apply_edit or not aim.target.is_utf8:
            return False
        if aim.change.before is None and aim.change.mode is not None:
            return False  # it was deleted, and had permissions that editors cannot give
        edits = able.workspace_edit or types.WorkspaceEditClientCapabilities()
        possible = edits.resource_operations if edits.document_changes else None
        return operations(aim) <= set(possible or ())

    async def _edit(self, aims: Sequence[Aim]) -> None:
        able = self._editor.client_capabilities.workspace
        edits = able.workspace_edit if able else None
        versioned = bool(edits and edits.document_changes)
        edit = workspace_edit(aims, self.codec, versioned=versioned)
        applied = await self._ask(
            types.WORKSPACE_APPLY_EDIT, {"label": "AbstractLLM", "edit": edit}
        )
        if not getattr(applied, "applied", False):
            reason = getattr(applied, "failure_reason", None) or "it does not say why"
            raise ChangeRefused(f"The editor did not apply the change: {reason}.")
        for aim in aims:
            await self._arrived(aim)

    async def _arrived(self, aim: Aim) -> None:
        """Wait for the new text of a buffer.

        Some editors pass over an edit of a buffer that has changed meanwhile, and still
        say that they applied it.
        """
        change = aim.change
        if change.before == change.after or change.after is None:
            return
        name = change.new_uri or change.uri
        try:
            async with asyncio.timeout(SYNC_SECONDS):
                # No event tells that the notifications of an editor have arrived.
                while (await self.target(name)).text == change.before:  # noqa: ASYNC110
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            if aim.target.is_open:
                raise ChangeRefused(
                    f"The editor did not change {aim.target.name}, but says so: "
                    "it may have changed meanwhile."
                ) from None
        except FileRefused:
            logger.warning("a changed file cannot be read", exc_info=True)

    async def _save(self, aims: Sequence[Aim]) -> None:
        """Have the editor save what was saved before, so that commands see it."""
        if self._editor.client_capability("saves") is not True:
            return
        uris = [
            aim.change.new_uri or aim.target.buffer_uri or aim.target.uri
            for aim in aims
            if aim.change.after is not None and not aim.target.unsaved
        ]
        if not uris:
            return
        try:
            await self._ask(DOCUMENT_SAVE, {"uris": uris})
        except ChangeRefused:  # it is changed, and the user sees that it is not saved
            logger.warning("the editor did not save", exc_info=True)

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
