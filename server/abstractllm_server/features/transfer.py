"""Sessions that leave the workspace, and sessions that come from elsewhere."""

from typing import Any

from abstractllm_server.context import Context
from abstractllm_server.protocol import ExportSession, ImportSession

Json = dict[str, Any]


async def export(context: Context, params: ExportSession) -> Json:
    """Return a session as a text: all of it as JSON, or what is shown as Markdown."""
    session = await context.session(params.session_id)
    await session.refresh_async()
    return {"text": session.export(params.format)}


async def import_session(context: Context, params: ImportSession) -> Json:
    """Keep a session from elsewhere, under a new id."""
    session = await context.sessions.import_session_async(params.text)
    return await context.changed(session.id)
