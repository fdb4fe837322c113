"""What the features share: the settings, the sessions and the turns that run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import platformdirs

from abstractllm.encoding import to_json
from abstractllm.enums import SessionMode
from abstractllm.errors import AbstractLLMError, StoreError, UnknownSession
from abstractllm.providers.pool import ProviderPool
from abstractllm.providers.registry import PROVIDERS
from abstractllm.session import Session, SessionManager
from abstractllm.session.selection import ProviderReference
from abstractllm.session.trust import AUTO_MODE
from abstractllm.store.contract import SessionInfo
from abstractllm.tools.remembered import RememberedApprovals
from abstractllm_server.editor.asking import Asking
from abstractllm_server.progress import Progress, Stop, TurnProgress
from abstractllm_server.protocol import SESSION_UPDATE, SESSIONS_CHANGED
from abstractllm_server.running_turn import RunningTurn
from abstractllm_server.settings import Settings
from abstractllm_server.updates import Update
from abstractllm_server.workspace import EditorWorkspace

if TYPE_CHECKING:  # who asks is loaded once there is a turn
    from abstractllm_server.editor.approver import EditorApprover, Waiting

logger = logging.getLogger(__name__)

BACKGROUND_SECONDS = 1.0
"""How long the end waits for what is done in the background."""

WATCH_SECONDS = 1.0
"""How often the server looks what other servers did; nothing tells of it."""

NOT_OPEN = "no request is let through before `initialize`"


class Editor(Asking, Protocol):
    """The editor, as far as features speak to it."""

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send one of our notifications."""

    @property
    def shows_progress(self) -> bool:
        """Whether the editor, and no panel of ours, is to show what is under way."""

    def show_progress(self, title: str, stop: Stop) -> Progress:
        """Have the editor show a piece of work; it calls `stop` to stop it."""

    def warn(self, message: str) -> None:
        """Show the user a sentence."""


class Context:
    """The state of one server: one user's settings, one workspace's sessions."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.settings = Settings()
        self.providers = ProviderPool()
        self.turns: dict[str, RunningTurn] = {}
        self.waiting: Waiting = {}
        self._watching: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._manager: SessionManager | None = None
        self._approvals: RememberedApprovals | None = None
        self._workspace: EditorWorkspace | None = None

    def open(self, folder: Path, workspace: EditorWorkspace) -> None:
        """Keep the sessions in `folder`, the workspace's `.abstractllm`."""
        kept = platformdirs.user_data_path("abstractllm") / "approvals"
        self._approvals = RememberedApprovals(kept, folder.parent)
        self._manager = SessionManager(
            folder,
            providers=self.providers,
            approvals=self._approvals,
            tell=self.editor.warn,
        )
        self._workspace = workspace

    @property
    def sessions(self) -> SessionManager:
        """The manager of the workspace's sessions."""
        if self._manager is None:
            raise RuntimeError(NOT_OPEN)
        return self._manager

    @property
    def approvals(self) -> RememberedApprovals:
        """What the user approved for always in this workspace."""
        if self._approvals is None:
            raise RuntimeError(NOT_OPEN)
        return self._approvals

    @property
    def workspace(self) -> EditorWorkspace:
        """The files, as the user sees them."""
        if self._workspace is None:
            raise RuntimeError(NOT_OPEN)
        return self._workspace

    async def session(self, session_id: str) -> Session:
        """Return a session; raises `UnknownSession`."""
        session = await self.sessions.get_session_async(session_id)
        if session is None:
            raise unknown_session(session_id)
        return session

    async def apply(self, settings: Settings) -> None:
        """Use these settings from now on; turns under way keep theirs."""
        self.settings = settings
        await self.providers.configure(settings.provider_configs)

    def default_provider(self) -> str | None:
        """Return the provider for who chose none: the settings', or the first ready."""
        if self.settings.provider is not None:
            return self.settings.provider
        ready = self.providers.first_ready()
        return ready.name if ready else None

    async def told(self, session_id: str) -> dict[str, Any]:
        """Return the `info` of a session; raises `UnknownSession`."""
        info = await self.sessions.info_async(session_id)
        if info is None:
            raise unknown_session(session_id)
        return self.info_to_json(info)

    def info_to_json(self, info: SessionInfo) -> dict[str, Any]:
        """Return an `info`; where no model was chosen, with its provider's."""
        told: dict[str, Any] = to_json(info)
        if info.provider in PROVIDERS and info.model is None:
            told["model"] = self.providers.get(info.provider).model
        if info.mode is SessionMode.AUTO and not self.approvals.holds(
            AUTO_MODE, info.id
        ):
            told["mode"] = str(SessionMode.EDIT)  # where `Session.mode` says why
        return told

    def watch(self) -> None:
        """Tell the editor from now on what other servers do in the workspace."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        fails = False
        while True:
            try:
                await self.sessions.save_waiting_async()
                for session_id in await self.sessions.changed_elsewhere_async():
                    await self._tell_now(session_id, elsewhere=True)
                fails = False
            except StoreError:  # who uses the store is told
                if not fails:
                    logger.warning("the store cannot be watched", exc_info=True)
                fails = True
            await asyncio.sleep(WATCH_SECONDS)

    def name_soon(self, session: Session, provider: ProviderReference | None) -> None:
        """Have a session's model find a title for it; no update waits for it."""

        async def name() -> None:
            try:
                if await session.retitle_async(provider=provider):
                    await self.changed(session.id)
            except AbstractLLMError:  # it has a title as it is
                logger.info("no title was found", exc_info=True)

        self._in_background(name())

    def approver(self, turn: RunningTurn) -> EditorApprover:
        """Return who asks the user before a tool of a turn acts."""
        from abstractllm_server.editor.approver import EditorApprover

        return EditorApprover(self.editor, turn.id, self.waiting)

    def new_turn(self, session: Session) -> RunningTurn:
        """Return a turn of a session that reports to the editor, not yet started."""

        def send(turn_id: str, seq: int, update: Update) -> None:
            params = {
                "sessionId": session.id,
                "turnId": turn_id,
                "seq": seq,
                "update": update,
            }
            self.editor.notify(SESSION_UPDATE, params)
            if update["kind"] in ("userMessage", "turnEnded"):
                self._tell_soon(session.id)

        turn = RunningTurn(session, send, self.turns)
        if self.editor.shows_progress:
            turn.watch(TurnProgress(self.editor.show_progress, turn.stop).add)
        return turn

    async def changed(self, session_id: str) -> dict[str, Any]:
        """Tell the editor what a list shows of a session now, and return it.

        Raises `UnknownSession` where there is none (any more).
        """
        told = await self.told(session_id)
        self.tell(session_id, told)
        return told

    def tell(
        self,
        session_id: str,
        told: dict[str, Any] | None,
        *,
        elsewhere: bool = False,
    ) -> None:
        """Tell the editor what a list shows of a session; `None` means deleted.

        Where another server changed it, its messages may be others than were shown.
        """
        params: dict[str, Any] = {"sessionIds": [session_id], "sessions": [told]}
        if elsewhere:
            params["elsewhere"] = True
        self.editor.notify(SESSIONS_CHANGED, params)

    def _tell_soon(self, session_id: str) -> None:
        """Tell of a session once the store was asked; no update waits for it."""
        self._in_background(self._tell_now(session_id))

    async def _tell_now(self, session_id: str, *, elsewhere: bool = False) -> None:
        told = None
        try:
            told = await self.told(session_id)
        except UnknownSession:
            pass  # it is deleted, and told as that
        except StoreError:
            logger.warning("a change could not be told", exc_info=True)
            return
        self.tell(session_id, told, elsewhere=elsewhere)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def cancel_turn(self, session_id: str) -> bool:
        """Stop a session's turn, if one runs, and return whether one did."""
        turn = self.turns.get(session_id)
        if turn is not None:
            await turn.cancel()
        return turn is not None

    async def close(self) -> None:
        """Stop all turns, keep what they said, and let go of everything."""
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*map(self.cancel_turn, list(self.turns)))
        if self._background:
            await asyncio.wait(self._background, timeout=BACKGROUND_SECONDS)
        for task in self._background:
            task.cancel()
        if self._manager is not None:
            await self._manager.close_async()


def unknown_session(session_id: str) -> UnknownSession:
    """Return the error for an id that no session has."""
    return UnknownSession(
        f"There is no session {session_id!r} in this workspace; it may be deleted."
    )
