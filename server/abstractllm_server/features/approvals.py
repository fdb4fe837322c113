"""Approvals that were given for always: listed, and taken back."""

import asyncio
from typing import Any

from abstractllm.encoding import to_json
from abstractllm.session.trust import AUTO_MODE
from abstractllm_server.context import Context
from abstractllm_server.protocol import ApprovalReference, NoArguments


async def list_approvals(context: Context, _: NoArguments) -> dict[str, Any]:
    """Return what need not be asked any more in this workspace, the oldest first."""
    approvals = await asyncio.to_thread(context.approvals.all)
    # That a session is in the mode `auto` is kept there too, and told by its info.
    shown = [approval for approval in approvals if approval.tool != AUTO_MODE]
    return {"approvals": to_json(shown)}


async def revoke(context: Context, params: ApprovalReference) -> dict[str, Any]:
    """Ask again from now on."""
    return {"revoked": await asyncio.to_thread(context.approvals.revoke, params.id)}
