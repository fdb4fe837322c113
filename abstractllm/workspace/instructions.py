"""What a project tells the models that work on it: AGENTS.md, and files like it.

https://agents.md: the file of the project's folder counts for all of it, and one
deeper down for what lies below. These are the words of whoever wrote the project. They
join the system prompt, and can do no more than a prompt can.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import attrs

from abstractllm.errors import FileRefused
from abstractllm.messages import Message, Resource, ToolCall
from abstractllm.workspace.documents import Document
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.names import printable
from abstractllm.workspace.view import View, path_of_uri

NAME = "AGENTS.md"

OTHER_NAMES = ("CLAUDE.md", ".github/copilot-instructions.md")
"""Where a folder has no AGENTS.md; the last one in a workspace folder only."""

MOST_CHARACTERS = 40_000
"""Of all the files together; they are sent with every request."""

_CUT = "\n… (the file is longer than what is shown)"

_LOOKING = {"read_file", "edit_file", "write_file"}
"""Tools whose `path` the model works on."""


@attrs.frozen(kw_only=True)
class JoinedInstructions:
    """A system prompt, and the names of the files that joined it."""

    prompt: str | None
    names: tuple[str, ...] = ()


class Instructions:
    """The instructions that lie in a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def joined(
        self, system_prompt: str | None, history: Iterable[Message]
    ) -> JoinedInstructions:
        """Return the system prompt of a session with what the project adds to it.

        Which files join follows from the history alone, in an order in which they only
        ever grow: vendors cache what begins alike.
        """
        seen = tuple(dict.fromkeys(_looked_at(history)))
        found = await self._workspace.look(lambda view: tuple(_found(view, seen)))
        sections = [system_prompt] if system_prompt else []
        room = MOST_CHARACTERS
        for one in found:
            sections.append(one.section(room))
            room -= len(one.text)
        return JoinedInstructions(
            prompt="\n\n".join(sections) or system_prompt,
            names=tuple(one.name for one in found),
        )


@attrs.frozen(kw_only=True)
class _File:
    """A file of instructions for what lies in a folder; `""` means all there is."""

    name: str
    folder: str
    text: str

    def section(self, room: int) -> str:
        """Return the file's part of the prompt, in so many characters of text."""
        below = f" for {self.folder}/" if self.folder else ""
        text = self.text if len(self.text) <= room else self.text[: max(room, 0)] + _CUT
        return f"# Instructions of the project{below}, from {self.name}\n\n{text}"


def _looked_at(history: Iterable[Message]) -> Iterator[str]:
    """Yield paths and URIs of the files that models worked on, and that were attached.

    A call that failed showed the model nothing.
    """
    history = tuple(history)
    results = (result for message in history for result in message.tool_results)
    failed = {result.call_id for result in results if result.is_error}
    for message in history:
        for part in message.parts:
            match part:
                case Resource(uri=uri):
                    yield uri
                case ToolCall(name=name, id=id, arguments={"path": str(path)}):
                    if name in _LOOKING and id not in failed:
                        yield path


def _found(view: View, seen: Sequence[str]) -> Iterator[_File]:
    told = set()
    for workspace_folder, below in dict.fromkeys(_folders(view, seen)):
        for document in _of_folder(view, workspace_folder, below):
            if document.uri in told or not document.text.strip():
                continue
            told.add(document.uri)
            prefix = f"{workspace_folder.name}/" if len(view.folders) > 1 else ""
            yield _File(
                name=printable(prefix + document.name),
                folder=printable(prefix + below).removesuffix("/"),
                text=document.text.strip(),
            )


def _folders(view: View, seen: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Yield the folders that may tell something, the nearest to a file last."""
    yield from ((folder, "") for folder in view.folders)
    for above in dict.fromkeys(map(_folder_of, seen)):
        try:
            place = view.place(above, even_ignored=True)
        except FileRefused:
            continue
        nearest = PurePosixPath(place.name)
        for folder in (*reversed(nearest.parents), nearest):
            if folder.name:
                yield place.folder, str(folder)


def _folder_of(name: str) -> str:
    return os.path.dirname(path_of_uri(name) or name)


def _of_folder(view: View, folder: Path, below: str) -> Iterator[Document]:
    if document := _read(view, folder, below, NAME):
        yield document
        return
    for name in OTHER_NAMES[: 1 if below else None]:
        if document := _read(view, folder, below, name):
            yield document


def _read(view: View, folder: Path, below: str, name: str) -> Document | None:
    """Return a file if it is there and may be read.

    In an ignored folder others have the word.
    """
    path = folder / below / name
    is_open = path.relative_to(folder).as_posix() in view.open_names(folder)
    if not is_open and not os.path.lexists(path):  # as most are not: a quick look
        return None
    try:
        return view.read(str(path), even_ignored=not below)
    except FileRefused:
        return None
