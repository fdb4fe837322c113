"""Turns: answering a prompt, once or again, and stopping."""

from collections.abc import Sequence
from typing import Any, cast

from abstractllm.events import Event, StopReason, TurnEnded
from abstractllm.messages import Part
from abstractllm.session import PromptOptions, Session, TurnOptions
from abstractllm.tools.definition import Tool
from abstractllm_server.arguments import parameters_from_wire
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import (
    AFTER_THE_LAST,
    Generate,
    MessageReference,
    Regenerate,
    SessionReference,
)
from abstractllm_server.running_turn import RunningTurn


async def generate(context: Context, params: Generate) -> dict[str, Any]:
    """Begin a turn and return its id; everything else arrives as updates."""
    if not params.prompt.strip():
        raise InvalidArguments("`prompt` must not be blank.")
    session = await context.session(params.session_id)
    attachments = context.workspace.attachments
    attached = [
        part for item in params.context or () for part in await attachments.of(item)
    ]
    attached += await attachments.mentioned(params.prompt)
    turn = context.new_turn(session)
    given = await _options(context, session, turn, params, attached)
    options = cast(PromptOptions, {**given, "context": attached})
    if params.parent_id != AFTER_THE_LAST:
        options["parent_id"] = params.parent_id
    is_first = not session.get_history()

    def name_it(event: Event) -> None:
        if isinstance(event, TurnEnded) and event.stop_reason is StopReason.END_TURN:
            context.name_soon(session, options.get("provider"))

    if context.settings.titles and is_first:
        turn.watch(name_it)
    await turn.start(session.stream(params.prompt, **options))
    return {"turnId": turn.id}


async def regenerate(context: Context, params: Regenerate) -> dict[str, Any]:
    """Answer a prompt anew, beside the answer it has; return the turn's id."""
    session = await context.session(params.session_id)
    turn = context.new_turn(session)
    options = await _options(context, session, turn, params)
    await turn.start(session.stream_again(params.message_id, **options))
    return {"turnId": turn.id}


async def compact(context: Context, params: SessionReference) -> dict[str, Any]:
    """Begin to summarize a history, as a turn; return the turn's id."""
    session = await context.session(params.session_id)
    turn = context.new_turn(session)
    provider = None if session.provider else context.default_provider()
    await turn.start(session.stream_compaction(provider=provider))
    return {"turnId": turn.id}


async def uncompact(context: Context, params: MessageReference) -> dict[str, Any]:
    """Send again what a summary stands for, from the next turn on."""
    session = await context.session(params.session_id)
    await session.uncompact_async(params.message_id)
    return await context.changed(session.id)


async def _options(
    context: Context,
    session: Session,
    turn: RunningTurn,
    params: Generate | Regenerate,
    attached: Sequence[Part] = (),
) -> TurnOptions:
    """Return what every turn of this server is given."""
    config = parameters_from_wire(params.provider_config, params.model)
    provider = params.provider
    if provider is None and session.provider is None:
        provider = context.default_provider()
    files, settings = context.workspace, context.settings
    tools: Sequence[Tool] = ()
    if settings.file_tools:
        toolset = await files.toolset(session.id)
        toolset.note(attached)
        tools = toolset.definitions
    return {
        "provider": provider,
        "provider_config": config,
        "tools": tools,
        "approver": context.approver(turn),
        "max_tool_calls": settings.max_tool_calls,
        "compact_at": settings.compact_at,
        "instructions": files.instructions if settings.instructions else None,
    }


async def cancel(context: Context, params: SessionReference) -> dict[str, Any]:
    """Stop a session's turn; what was said until now is kept."""
    session = await context.session(params.session_id)
    return {"cancelled": await context.cancel_turn(session.id)}
