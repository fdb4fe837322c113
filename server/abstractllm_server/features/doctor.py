"""What is wrong with the workspace's store."""

from typing import Any

from abstractllm.encoding import to_json
from abstractllm_server.context import Context
from abstractllm_server.protocol import Doctor

Json = dict[str, Any]


async def examine(context: Context, params: Doctor) -> Json:
    """Return what the store holds and what is wrong, and mend that if it is wanted."""
    found: Json = to_json(await context.sessions.examine_async(mend=params.mend))
    return found
