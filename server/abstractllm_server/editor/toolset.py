"""The tools of one session: for files, for commands, and for what the editor knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from abstractllm.messages import Part, Resource
from abstractllm.tools.commands import CommandTools
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.edits import EditTools, no_watch
from abstractllm.tools.files import FileTools
from abstractllm.tools.seen import Seen
from abstractllm_server.documents import MOST_CHARACTERS
from abstractllm_server.editor.asking import Asking
from abstractllm_server.editor.knowledge import KnowledgeTools
from abstractllm_server.editor.live_workspace import LiveWorkspace
from abstractllm_server.editor.problems import ProblemWatch
from abstractllm_server.editor.queries import Queries


class Toolset:
    """Tools that know what the model of a session has read."""

    def __init__(
        self, folders: Sequence[Path], files: LiveWorkspace, editor: Asking
    ) -> None:
        self.folders = folders
        self._seen = Seen()
        queries = Queries(editor)
        watched = queries.can("diagnostics")
        edits = EditTools(
            files, self._seen, ProblemWatch(queries) if watched else no_watch
        )
        self.definitions: list[ToolDefinition] = [
            *FileTools(files, self._seen).definitions,
            *edits.definitions,
            *KnowledgeTools(queries, files, edits).definitions,
        ]
        if self.folders:
            self.definitions += CommandTools(self.folders[0]).definitions

    def note(self, context: Iterable[Part]) -> None:
        """Remember what goes with a prompt: the model is shown it."""
        for part in context:
            match part:
                case Resource(uri=uri, text=text, range=None):
                    if len(text) <= MOST_CHARACTERS:  # or it was cut
                        self._seen.note_text(uri, text)
