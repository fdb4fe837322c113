"""Approvals that were given for always: listed, and taken back."""

import asyncio
from typing import Any

from abstractllm.encoding import to_json
from abstractllm_server.context import Context
from abstractllm_server.protocol import ApprovalReference, NoArguments


async def list_approvals(context: Context, _: NoArguments) -> dict[str, Any]:
    """Return what need not be asked any more in this workspace, the oldest first."""
    approvals = await asyncio.to_thread(context.approvals.all)
    return {"approvals": [to_json(approval) for approval in approvals]}


async def revoke(context: Context, params: ApprovalReference) -> dict[str, Any]:
    """Ask again from now on."""
    return {"revoked": await asyncio.to_thread(context.approvals.revoke, params.id)}
