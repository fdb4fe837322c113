"""Changes as LSP's `WorkspaceEdit`, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types
from pygls.workspace import PositionCodec, ServerTextPosition

from abstractllm.workspace.changes import FileChange
from abstractllm.workspace.disk import Aim

Json = dict[str, Any]


def workspace_edit(
    aims: Sequence[Aim], codec: PositionCodec, *, versioned: bool
) -> Json:
    """Return the edit that makes these changes.

    Without versions, for editors that take none, it can only change texts.
    """
    if versioned:
        return {"documentChanges": [op for aim in aims for op in _steps(aim, codec)]}
    return {"changes": {_uri(aim): text_edits(aim.change, codec) for aim in aims}}


def text_edits(change: FileChange, codec: PositionCodec) -> list[Json]:
    """Return what changes in a text, as LSP's `TextEdit`s for whole lines."""
    old, new = change.old_lines, change.new_lines

    def place(line: int) -> Json:
        # Behind the last line there is none to begin if that has no end of its own.
        if line and line == len(old) and not old[-1].endswith(("\n", "\r")):
            end = ServerTextPosition(line - 1, len(old[-1]))
            found = codec.position_to_client_units(old, end)
            return {"line": found.line, "character": found.character}
        return {"line": line, "character": 0}

    return [
        {
            "range": {"start": place(block.start), "end": place(block.end)},
            "newText": "".join(new[block.new_start : block.new_end]),
        }
        for hunk in change.hunks
        for block in hunk.blocks
    ]


def operations(aim: Aim) -> set[types.ResourceOperationKind]:
    """Return what an editor must be able to do beside changing texts."""
    needed = set()
    if aim.change.before is None:
        needed.add(types.ResourceOperationKind.Create)
    if aim.change.after is None:
        needed.add(types.ResourceOperationKind.Delete)
    if aim.change.new_uri is not None:
        needed.add(types.ResourceOperationKind.Rename)
    return needed


def _steps(aim: Aim, codec: PositionCodec) -> Iterator[Json]:
    change, uri = aim.change, _uri(aim)
    if change.after is None:
        yield {"kind": "delete", "uri": uri}
        return
    if change.before is None:
        yield {"kind": "create", "uri": uri}
    if change.before != change.after:
        document = {"uri": uri, "version": aim.target.version}
        yield {"textDocument": document, "edits": text_edits(change, codec)}
    if change.new_uri is not None:
        yield {"kind": "rename", "oldUri": uri, "newUri": change.new_uri}


def _uri(aim: Aim) -> str:
    return aim.target.buffer_uri or aim.target.uri
