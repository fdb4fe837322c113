"""What turns changed: shown, taken back, and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abstractllm.encoding import to_json
from abstractllm.errors import InvalidParameter
from abstractllm.session import Session
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import ShowEdits, TurnEdits

if TYPE_CHECKING:
    from abstractllm.session.checkpoints import Restored
    from abstractllm.workspace.changes import FileChange

Json = dict[str, Any]


async def revert(context: Context, params: TurnEdits) -> Json:
    """Take back what a turn changed, file by file."""
    session = await _session(context, params.session_id)
    restored = await session.revert_edits_async(
        params.message_id, context.workspace.files.apply, params.uris
    )
    return {"reverted": restored.done, **await _rest(session, params, restored)}


async def reapply(context: Context, params: TurnEdits) -> Json:
    """Make again what was taken back."""
    session = await _session(context, params.session_id)
    restored = await session.reapply_edits_async(
        params.message_id, context.workspace.files.apply, params.uris
    )
    return {"applied": restored.done, **await _rest(session, params, restored)}


async def show(context: Context, params: ShowEdits) -> Json:
    """Return the texts before and after, of a turn or of a call that waits."""
    if (params.message_id is None) == (params.call_id is None):
        raise InvalidArguments("Give one of `messageId` and `callId`.")
    session = await _session(context, params.session_id)
    if params.message_id is not None:
        files = await session.edited_texts_async(params.message_id)
    else:
        request = context.waiting.get((session.id, params.call_id or ""))
        if request is None:
            raise InvalidParameter(f"No call {params.call_id!r} waits for approval.")
        files = list(request.change.files) if request.change else []
    return {"files": list(map(_texts, files))}


async def _session(context: Context, session_id: str) -> Session:
    """Return a session with what other servers did in it."""
    session = await context.session(session_id)
    await session.refresh_async()
    return session


async def _rest(session: Session, params: TurnEdits, restored: Restored) -> Json:
    changed = await session.changed_files_async([params.message_id])
    return {
        "refused": to_json(restored.refused),
        "changes": to_json(changed.get(params.message_id, ())),
    }


def _texts(file: FileChange) -> Json:
    told = {"uri": file.uri, "before": file.before, "after": file.after}
    return {**told, "newUri": file.new_uri} if file.new_uri else told
