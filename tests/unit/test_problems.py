"""What an edit brings about, as the editor's language servers tell it."""

from typing import Any

import pytest
from lsprotocol.types import ClientCapabilities

from abstractllm.workspace.changes import FileChange, WorkspaceChange
from abstractllm_server.editor.problems import ProblemWatch
from abstractllm_server.editor.queries import Queries

pytestmark = pytest.mark.asyncio

CHANGE = WorkspaceChange(
    (FileChange(uri="file:///a.py", name="a.py", before="a\n", after="b\n"),)
)


class Knowing:
    """An editor that tells problems, and says each time something else."""

    client_capabilities = ClientCapabilities()

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def ask(self, method: str, params: Any) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def client_capability(self, name: str) -> Any:
        return ["diagnostics"]


def problem(message: str) -> dict[str, Any]:
    place = {"line": 0, "character": 4}
    return {"range": {"start": place, "end": place}, "message": message}


async def report(*answers: Any) -> str:
    """Return what is told after a change."""
    watch = ProblemWatch(Queries(Knowing(*answers)))
    told = await watch(CHANGE)
    return await told()


async def test_new_problems_are_told_once_they_stay() -> None:
    old, new = problem("old"), problem("new")

    assert await report([old], [old], [], [old, new]) == (
        "New problems in a.py, of 2 in all:\na.py:1:5: error: new"
    )


async def test_where_nothing_looks_for_problems_none_are_waited_for() -> None:
    assert await report(None, AssertionError("asked again")) == ""
