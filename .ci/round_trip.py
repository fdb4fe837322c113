"""Tries what a wheel installed: both commands, a chat with the small model, the wire.

Runs in the environment it is installed in, without the checkout on the path.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder}
        print("abstractllm-ls --version:", run(["abstractllm-ls", "--version"], env))
        question = "What is the capital of France?"
        answer = run(["abstractllm", "chat", question], env)
        print("abstractllm chat:", answer)
        assert "Paris" in answer
        print("initialize:", initialize(env))


def run(command: list[str], env: dict[str, str]) -> str:
    program = [str(COMMANDS / command[0]), *command[1:]]
    ran = subprocess.run(
        program, cwd=env["HOME"], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return ran.stdout.strip()


def initialize(env: dict[str, str]) -> object:
    """Return what a server says of itself; it must end when its stdin does."""
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    body = json.dumps(message).encode()
    with subprocess.Popen(
        [COMMANDS / "abstractllm-ls"],
        cwd=env["HOME"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        server.stdin.flush()
        length = 0
        while header := server.stdout.readline().strip():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        return json.loads(server.stdout.read(length))["result"]["serverInfo"]


if __name__ == "__main__":
    main()
