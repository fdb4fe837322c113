"""Turns that changed files, and taking them back."""

from collections.abc import Sequence
from pathlib import Path

from abstractllm.events import TurnEnded
from abstractllm.messages import Message
from abstractllm.session import Session, SessionManager
from abstractllm.session.checkpoints import Restored
from abstractllm.workspace.disk import DiskWorkspace
from tests.scripted import Step
from tests.unit.acting import ONCE, User, acts, edit, events_of, model, project, tools

ODD = b"\xef\xbb\xbfa\r\nb\nc\r\xff\xfe\x0c\xe2\x80\xa8end"


def odd_project(folder: Path) -> Path:
    """Return a new project folder with a poem, odd bytes and a script in it."""
    project(folder)
    (folder / "odd.bin").write_bytes(ODD)
    (folder / "run.sh").write_text("echo\n")
    (folder / "run.sh").chmod(0o751)
    return folder


EVERYTHING = acts(
    edit("line 2\n", "two\nzwei\n"),
    edit("b\n", "B\n", path="odd.bin"),
    ("write_file", {"path": "new/made.txt", "content": "1\n2\n"}),
    ("delete_file", {"path": "run.sh"}),
    ("rename_file", {"path": "poem.txt", "new_path": "verse.txt"}),
)


async def acted(
    manager: SessionManager, folder: Path, *replies: Sequence[Step]
) -> tuple[Session, TurnEnded]:
    """Return a session with one turn of these replies, and how it ended."""
    session = await manager.create_session_async(
        provider=model(*replies), tools=tools(DiskWorkspace([folder])), session_id="s"
    )
    ended = (await events_of(session, User(ONCE)))[-1]
    assert isinstance(ended, TurnEnded)
    return session, ended


def id_of(ended: TurnEnded) -> str:
    assert isinstance(ended.message, Message)
    return ended.message.id


async def reverted(
    session: Session, ended: TurnEnded, folder: Path, *uris: str
) -> Restored:
    return await session.revert_edits_async(
        id_of(ended), DiskWorkspace([folder]).apply, uris or None
    )


async def reapplied(
    session: Session, ended: TurnEnded, folder: Path, *uris: str
) -> Restored:
    return await session.reapply_edits_async(
        id_of(ended), DiskWorkspace([folder]).apply, uris or None
    )
