"""Turns: answering a prompt, and stopping."""

from typing import Any

from abstractllm_server.arguments import parameters_from_wire
from abstractllm_server.context import Context
from abstractllm_server.errors import InvalidArguments
from abstractllm_server.protocol import Generate, SessionReference


async def generate(context: Context, params: Generate) -> dict[str, Any]:
    """Begin a turn and return its id; everything else arrives as updates."""
    if not params.prompt.strip():
        raise InvalidArguments("`prompt` must not be blank.")
    config = parameters_from_wire(params.provider_config, params.model)
    session = await context.session(params.session_id)
    provider = params.provider
    if provider is None and session.provider is None:
        provider = context.default_provider()
    files = context.workspace
    attachments = files.attachments
    attached = [
        part for item in params.context or () for part in await attachments.of(item)
    ]
    attached += await attachments.mentioned(params.prompt)
    tools = []
    if context.settings.file_tools:
        toolset = await files.toolset(session.id)
        toolset.note(attached)
        tools = toolset.definitions
    turn = context.new_turn(session)
    await turn.start(
        params.prompt,
        provider=provider,
        provider_config=config,
        context=attached,
        tools=tools,
        approver=context.approver(turn),
        max_tool_calls=context.settings.max_tool_calls,
        instructions=files.instructions if context.settings.instructions else None,
    )
    return {"turnId": turn.id}


async def cancel(context: Context, params: SessionReference) -> dict[str, Any]:
    """Stop a session's turn; what was said until now is kept."""
    session = await context.session(params.session_id)
    return {"cancelled": await context.cancel_turn(session.id)}
