"""Sessions: making, listing, opening, changing and deleting them."""

from typing import Any

from abstractllm.encoding import message_to_json, to_json
from abstractllm_server.arguments import parameters_from_wire
from abstractllm_server.context import Context, unknown_session
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import (
    ListSessions,
    LoadSession,
    NewSession,
    RenameSession,
    SessionReference,
    SetMode,
    SwitchProvider,
)

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
    page = await context.sessions.page_async(params.limit or MAX_PAGE, params.cursor)
    return {
        "sessions": [context.info_to_json(info) for info in page.sessions],
        "nextCursor": page.next_cursor,
    }


async def load(context: Context, params: LoadSession) -> Json:
    """Return a session with messages, and the turn that runs in it, if one does."""
    if params.last is not None and params.last < 1:
        raise InvalidArguments("`last` must be 1 or more.")
    session = await context.session(params.session_id)
    turn = context.turns.get(session.id)
    if turn is None:
        await session.refresh_async()
    told = await context.told(session.id)
    messages, more = session.get_page(params.last, params.before)
    answer = {
        "session": told,
        "messages": [message_to_json(message) for message in messages],
        "more": more,
        "changes": to_json(
            await session.changed_files_async({message.id for message in messages})
        ),
    }
    # Read anew: while the store was asked, the turn may have ended or begun.
    if turn := context.turns.get(session.id):
        answer["turn"] = {
            "turnId": turn.id,
            "nextSeq": turn.updates.next_seq,
            "updates": turn.updates.so_far,
        }
    return answer


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
    """Stop a session's turn and delete the session for good."""
    await context.cancel_turn(params.session_id)
    if not await context.sessions.delete_session_async(params.session_id):
        raise unknown_session(params.session_id)
    context.workspace.forget(params.session_id)
    context.tell(params.session_id, None)
    return {"deleted": True}


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
