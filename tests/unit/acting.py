"""Sessions whose model acts, and users who answer when they are asked."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abstractllm.enums import MessageRole, ToolKind
from abstractllm.events import Event, ReplyEnded, StopReason
from abstractllm.messages import Message, ToolCall, ToolResult
from abstractllm.session import Session
from abstractllm.tools.approval import ApprovalRequest, Decision, Verdict
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.edits import EditTools
from abstractllm.tools.files import FileTools
from abstractllm.tools.proposal import Performance, Proposal
from abstractllm.tools.seen import Seen
from abstractllm.workspace.disk import DiskWorkspace
from tests.scripted import ScriptedProvider, Step, says

POEM = "".join(f"line {number}\n" for number in range(1, 31))

ONCE = Decision(verdict=Verdict.ONCE)
FOR_THE_SESSION = Decision(verdict=Verdict.SESSION)
ALWAYS = Decision(verdict=Verdict.ALWAYS)
NO = Decision(verdict=Verdict.REJECT)


class User:
    """Answers as a test wrote, the last answer again and again.

    An exception is raised, and an event is waited for without an answer.
    """

    def __init__(self, *answers: Decision | Exception | asyncio.Event) -> None:
        self.asked: list[ApprovalRequest] = []
        self.was_asked = asyncio.Event()
        self._answers = list(answers)

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        self.was_asked.set()
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return ONCE
        return answer

    @property
    def titles(self) -> list[str]:
        return [request.title for request in self.asked]


class Shouting:
    """A tool that runs what it is told; here, it only keeps it."""

    def __init__(self) -> None:
        self.shouted: list[str] = []

    @property
    def definition(self) -> ToolDefinition:
        return ToolDefinition.from_function(self.shout, ToolKind.RUN)

    async def shout(self, text: str) -> Proposal:
        """Shout."""

        async def perform(performance: Performance) -> str:
            performance.tell(f"{text}!")
            self.shouted.append(text)
            return "Heard."

        return Proposal(
            title=f"Shout {text}",
            perform=perform,
            command=text,
            folder="/here",
            scope=text,
        )


def acts(*calls: tuple[str, Mapping[str, Any]]) -> list[Step]:
    """Return a script of one reply with these calls, whose ids are `1`, `2`, …."""
    return [
        *(
            ToolCall(name=name, arguments=arguments, id=str(number))
            for number, (name, arguments) in enumerate(calls, 1)
        ),
        ReplyEnded(StopReason.TOOL_USE),
    ]


def edit(old: str, new: str, path: str = "poem.txt") -> tuple[str, Mapping[str, Any]]:
    """Return a call that edits a file."""
    return "edit_file", {"path": path, "edits": [{"old": old, "new": new}]}


def shout(text: str) -> tuple[str, Mapping[str, Any]]:
    """Return a call that runs something."""
    return "shout", {"text": text}


def project(folder: Path) -> Path:
    """Return a new project folder with a poem in it."""
    folder.mkdir(exist_ok=True)
    (folder / "poem.txt").write_text(POEM)
    return folder


def tools(workspace: DiskWorkspace, *more: ToolDefinition) -> list[ToolDefinition]:
    """Return the tools for files, with a memory of their own, and more."""
    seen = Seen()
    return [
        *FileTools(workspace, seen).definitions,
        *EditTools(workspace, seen).definitions,
        *more,
    ]


def model(*replies: Sequence[Step]) -> ScriptedProvider:
    """Return a provider that gives these replies, and then says that it is done."""
    return ScriptedProvider(*replies, says("Done."))


async def events_of(session: Session, user: User | None, **more: Any) -> list[Event]:
    """Return the events of a turn."""
    return [event async for event in session.stream("Go", approver=user, **more)]


def results(session: Session) -> list[ToolResult]:
    """Return what the model read of its calls, in the order of the history."""
    return [
        part
        for message in tool_messages(session)
        for part in message.parts
        if isinstance(part, ToolResult)
    ]


def read_by_model(session: Session) -> list[str]:
    """Return the texts of the results."""
    return [result.content for result in results(session)]


def statuses(session: Session) -> list[str]:
    """Return how the calls ended, as the messages remember it."""
    return [
        call["status"]
        for message in tool_messages(session)
        for call in message.metadata["tools"].values()
    ]


def tool_messages(session: Session) -> list[Message]:
    """Return the messages that hold results."""
    return [m for m in session.get_history() if m.role is MessageRole.TOOL]


def acting(folder: Path, provider: ScriptedProvider, shouting: Shouting) -> Session:
    """Return a session whose model may edit a folder's files, and shout."""
    workspace = DiskWorkspace([folder])
    return Session(provider=provider, tools=tools(workspace, shouting.definition))


def poem(folder: Path) -> str:
    """Return what the poem of a folder is now."""
    return (folder / "poem.txt").read_text()
