"""Sessions: making, listing, opening, changing and deleting them."""

from typing import Any

from abstractllm_server.arguments import parameters_from_wire
from abstractllm_server.context import Context, unknown_session
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import (
    ListSessions,
    LoadSession,
    NewSession,
    PinSession,
    RenameSession,
    SessionReference,
    SetMode,
    SwitchProvider,
)
from abstractllm_server.shown import shown

Json = dict[str, Any]

MAX_PAGE = 1000


async def new(context: Context, params: NewSession) -> Json:
    """Create a session, with the settings' provider and prompt unless told others."""
    session = await context.sessions.create_session_async(
        title=params.title,
        system_prompt=params.system_prompt or context.settings.system_prompt,
        provider=params.provider or context.default_provider(),
        provider_config=parameters_from_wire(params.provider_config, params.model),
        metadata=params.metadata,
        mode=params.mode or context.settings.mode,
    )
    return await context.changed(session.id)


async def list_sessions(context: Context, params: ListSessions) -> Json:
    """Return one page of sessions, latest change first."""
    if params.limit is not None and not 0 < params.limit <= MAX_PAGE:
        raise InvalidArguments(f"`limit` must be from 1 to {MAX_PAGE}.")
    page = await context.sessions.page_to_show_async(
        params.limit or MAX_PAGE, params.cursor
    )
    return {
        "sessions": [context.info_to_json(info) for info in page.sessions],
        "nextCursor": page.next_cursor,
    }


async def load(context: Context, params: LoadSession) -> Json:
    """Return a session with messages, and the turn that runs in it, if one does."""
    session = await context.session(params.session_id)
    if session.id not in context.turns:
        await session.refresh_async()
    return await shown(context, session, params.last, params.before)


async def switch_provider(context: Context, params: SwitchProvider) -> Json:
    """Let another provider, or another model, answer from the next turn on."""
    session = await context.session(params.session_id)
    await session.refresh_async()
    await session.switch_provider_async(
        params.provider, parameters_from_wire(params.provider_config, params.model)
    )
    return await context.changed(session.id)


async def rename(context: Context, params: RenameSession) -> Json:
    """Give a session another title."""
    if not params.title.strip():
        raise InvalidArguments("`title` must not be blank.")
    session = await context.session(params.session_id)
    await session.rename_async(params.title.strip())
    return await context.changed(session.id)


async def delete(context: Context, params: SessionReference) -> Json:
    """Stop a session's turn and delete the session, which can be taken back."""
    await context.cancel_turn(params.session_id)
    if not await context.sessions.delete_session_async(params.session_id):
        raise unknown_session(params.session_id)
    context.workspace.forget(params.session_id)
    context.tell(params.session_id, None)
    return {"deleted": True}


async def undelete(context: Context, params: SessionReference) -> Json:
    """Bring back a session that was deleted since the server began."""
    session = await context.sessions.undelete_session_async(params.session_id)
    return await context.changed(session.id)


async def pin(context: Context, params: PinSession) -> Json:
    """List a session before the others, or no longer."""
    session = await context.session(params.session_id)
    await session.pin_async(params.pinned)
    return await context.changed(session.id)


async def set_mode(context: Context, params: SetMode) -> Json:
    """Let a session's models act more or less freely from now on."""
    session = await context.session(params.session_id)
    await session.refresh_async()
    await session.set_mode_async(params.mode)
    return await context.changed(session.id)


async def clear(context: Context, params: SessionReference) -> Json:
    """Start a session over with an empty history."""
    session = await context.session(params.session_id)
    await session.clear_history_async()
    return await context.changed(session.id)
