"""A language server's `WorkspaceEdit`, taken as a change that is yet to be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import attrs
from lsprotocol.types import Position
from pygls.workspace import PositionCodec

from abstractllm.errors import ChangeRefused
from abstractllm.workspace.changes import FileChange
from abstractllm.workspace.disk import DiskWorkspace
from abstractllm_server.editor.queries import QueryFailed
from abstractllm_server.positions import replaced

TextEdits = list[tuple[Position, Position, str]]


@attrs.define
class _Parsed:
    """What an edit does, by the files' URIs."""

    edits: defaultdict[str, TextEdits] = attrs.field(
        factory=lambda: defaultdict[str, TextEdits](list)
    )
    versions: dict[str, int] = attrs.field(factory=dict)
    moves: dict[str, str] = attrs.field(factory=dict)


async def changes_of(
    edit: Mapping[str, Any], workspace: DiskWorkspace, codec: PositionCodec
) -> list[FileChange]:
    """Return what an edit changes.

    Raises `FileRefused` for files that may not be changed, `ChangeRefused` where one is
    not as the edit found it, `QueryFailed` for what is no such edit.
    """
    try:
        parsed = _parsed(edit)
    except (KeyError, TypeError, ValueError):
        raise QueryFailed(
            "The editor's language server answers with a change that cannot be made "
            "from here."
        ) from None
    # In the order of a diff, as `changes` has none: Lua's tables do not keep one.
    uris = sorted({*parsed.edits, *parsed.moves})
    return [await _change(uri, parsed, workspace, codec) for uri in uris]


async def _change(
    uri: str, parsed: _Parsed, workspace: DiskWorkspace, codec: PositionCodec
) -> FileChange:
    target = await workspace.target(uri)
    version = parsed.versions.get(uri)
    if target.text is None or version not in (None, target.version):
        raise ChangeRefused(f"{target.name} has changed meanwhile. Try again.")
    new = await workspace.target(parsed.moves[uri]) if uri in parsed.moves else None
    return FileChange(
        uri=target.uri,
        name=target.name,
        before=target.text,
        after=replaced(target.text, parsed.edits[uri], codec),
        version=target.version,
        new_uri=new.uri if new else None,
        new_name=new.name if new else None,
        mode=target.mode,
    )


def _parsed(edit: Mapping[str, Any]) -> _Parsed:
    parsed = _Parsed()
    for step in edit.get("documentChanges") or ():
        if step.get("kind") == "rename":
            parsed.moves[step["oldUri"]] = step["newUri"]
            continue
        document = step["textDocument"]
        parsed.edits[document["uri"]] += map(_text_edit, step["edits"])
        if isinstance(document.get("version"), int):
            parsed.versions[document["uri"]] = document["version"]
    if not edit.get("documentChanges"):
        for uri, edits in (edit.get("changes") or {}).items():
            parsed.edits[uri] += map(_text_edit, edits)
    return parsed


def _text_edit(edit: Mapping[str, Any]) -> tuple[Position, Position, str]:
    start, end = edit["range"]["start"], edit["range"]["end"]
    return (
        Position(start["line"], start["character"]),
        Position(end["line"], end["character"]),
        str(edit["newText"]),
    )
