"""The editor's workspace: what goes with a prompt, and what tools may look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path
from pygls.workspace import Workspace as Documents

from abstractllm.loading import load
from abstractllm_server.documents import keep_exactly
from abstractllm_server.editor.asking import Asking

if TYPE_CHECKING:  # what looks at files is loaded once somebody does
    from abstractllm.workspace.documents import Buffer
    from abstractllm.workspace.instructions import Instructions
    from abstractllm_server.editor.attachments import Attachments
    from abstractllm_server.editor.live_workspace import LiveWorkspace
    from abstractllm_server.editor.toolset import Toolset


class EditorWorkspace:
    """The workspace folders and the open documents, as pygls keeps them."""

    def __init__(self, documents: Documents, editor: Asking) -> None:
        keep_exactly(documents)
        self._documents = documents
        self._editor = editor
        self._toolsets: dict[str, Toolset] = {}

    @property
    def folders(self) -> list[Path]:
        """The workspace folders on this machine's disk, in the editor's order."""
        uris = [folder.uri for folder in self._documents.folders.values()]
        paths = map(to_fs_path, uris or filter(None, [self._documents.root_uri]))
        return [Path(path) for path in paths if path]

    @property
    def files(self) -> LiveWorkspace:
        """The files as the user sees them, to be read and changed."""
        from abstractllm_server.editor.live_workspace import LiveWorkspace

        return LiveWorkspace(
            self.folders, self._buffers, self._editor, self._documents.position_codec
        )

    @property
    def instructions(self) -> Instructions:
        """What the files of the project tell its models."""
        from abstractllm.workspace.instructions import Instructions

        return Instructions(self.files)

    async def toolset(self, session_id: str) -> Toolset:
        """Return the tools of a session, the same for all its turns."""
        from abstractllm_server.editor.toolset import Toolset

        toolset = self._toolsets.get(session_id)
        if toolset is None or toolset.folders != self.folders:
            await load("pydantic.type_adapter")  # which describes their parameters
            toolset = Toolset(self.folders, self.files, self._editor)
            self._toolsets[session_id] = toolset
        return toolset

    def forget(self, session_id: str) -> None:
        """Let go of the tools of a session that was deleted."""
        self._toolsets.pop(session_id, None)

    @property
    def attachments(self) -> Attachments:
        """What may go with a prompt."""
        from abstractllm_server.editor.attachments import Attachments
        from abstractllm_server.editor.queries import Queries

        return Attachments(self.files, Queries(self._editor))

    def _buffers(self) -> Mapping[str, Buffer]:
        from abstractllm.workspace.documents import Buffer

        return {
            document.uri: Buffer(
                text=document.source, version=document.version, uri=document.uri
            )
            for document in self._documents.text_documents.values()
        }
