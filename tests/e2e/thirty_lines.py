"""A file of thirty lines, and models that change it."""

import json
from pathlib import Path
from typing import Any

from tests.vendors import Call, Reply, VendorServer

BEFORE = "".join(f"line {number}\n" for number in range(30))


def thirty_lines(workspace: Path) -> Path:
    """Write the file, and return its path."""
    file = workspace / "a.txt"
    file.write_text(BEFORE)
    return file


def calls(*calls: tuple[str, dict[str, Any]], text: str = "") -> Reply:
    """Return a reply that calls tools, each given by its name and arguments."""
    return Reply(
        text=[text] if text else [],
        tool_calls=[
            Call(name=name, arguments=[json.dumps(arguments)], id=f"call_{number}")
            for number, (name, arguments) in enumerate(calls)
        ],
    )


def edit(*changed: int, text: str = "") -> Reply:
    """Return a reply that changes some lines of the file."""
    edits = [{"old": f"line {n}\n", "new": f"changed {n}\n"} for n in changed]
    return calls(("edit_file", {"path": "a.txt", "edits": edits}), text=text)


def edited(*changed: int) -> str:
    """Return the text of the file with some lines changed."""
    lines = BEFORE.splitlines(keepends=True)
    for number in changed:
        lines[number] = f"changed {number}\n"
    return "".join(lines)


def read_by_model(vendors: VendorServer) -> str:
    """Return the result of the last call as the model read it."""
    message = vendors.requests[-1].body["messages"][-1]
    assert message["role"] == "tool"
    return str(message["content"])
