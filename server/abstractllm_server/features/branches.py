"""The history as a tree: going back in it, and beginning another one from it."""

from typing import Any

from abstractllm_server.context import Context
from abstractllm_server.protocol import ForkSession, RewindSession
from abstractllm_server.shown import shown

Json = dict[str, Any]


async def rewind(context: Context, params: RewindSession) -> Json:
    """Show the history as it was at a message, or the branch that it lies on."""
    session = await context.session(params.session_id)
    await session.rewind_async(params.message_id)
    await context.changed(session.id)
    return await shown(context, session, params.last)


async def fork(context: Context, params: ForkSession) -> Json:
    """Begin a new session with the history up to a message."""
    session = await context.session(params.session_id)
    forked = await session.fork_async(params.message_id, params.title)
    return await context.changed(forked.id)
