"""The real server, but for prompts: it asks the editor what they say, word for word.

A prompt is `METHOD JSON`, such as `workspace/applyEdit {"edit": …}`. The editor's
answer goes into the file that is the program's first argument, as a line of JSON.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from pygls.exceptions import JsonRpcException

from abstractllm_server import app
from abstractllm_server.__main__ import main
from abstractllm_server.protocol import SESSION_GENERATE, SESSION_UPDATE
from abstractllm_server.server import Server

USAGE = {"inputTokens": 0, "outputTokens": 0, "cachedTokens": 0}


def keep(answers: Path, line: str) -> None:
    with answers.open("a") as file:
        file.write(f"{line}\n")


def asking(server: Server, answers: Path) -> Server:
    """Give a server another ear for prompts."""

    async def ask(params: dict[str, Any]) -> dict[str, Any]:
        method, _, asked = params["prompt"].partition(" ")
        try:
            answer = await server.ask(method, json.loads(asked))
        except JsonRpcException as error:
            answer = {"error": error.message}
        line = json.dumps(server.protocol._converter.unstructure(answer))
        await asyncio.to_thread(keep, answers, line)
        ended = {"kind": "turnEnded", "stopReason": "endTurn", "usage": USAGE}
        turn = {"sessionId": params["sessionId"], "turnId": asked, "seq": 0}
        server.notify(SESSION_UPDATE, {**turn, "update": ended})
        return {"turnId": asked}

    server.protocol.fm.features[SESSION_GENERATE] = ask
    return server


if __name__ == "__main__":
    create_server, answers = app.create_server, Path(sys.argv.pop(1))
    app.create_server = lambda: asking(create_server(), answers)
    main()
