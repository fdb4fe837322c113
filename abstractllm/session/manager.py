"""The sessions of one folder."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from abstractllm.blocking import blocking
from abstractllm.enums import SessionMode
from abstractllm.errors import (
    InvalidParameter,
    SessionExists,
    StoreClosed,
    StoreError,
    TurnRunning,
    UnknownSession,
)
from abstractllm.messages import new_id
from abstractllm.providers.pool import ProviderPool
from abstractllm.session.journal import Journal
from abstractllm.session.open_sessions import OpenSessions
from abstractllm.session.outage import THE_LIST, Outage
from abstractllm.session.selection import ProviderReference, Selection
from abstractllm.session.session import Session
from abstractllm.session.trust import Trust, mode_of
from abstractllm.session.waiting import WaitingSessions
from abstractllm.store.contract import (
    Examination,
    SearchPage,
    SessionInfo,
    SessionPage,
    SessionRecord,
    SessionStore,
    SessionUsage,
)
from abstractllm.store.sqlite import SQLiteStore
from abstractllm.tools.definition import Tool, tool_definition
from abstractllm.tools.remembered import RememberedApprovals

_logger = logging.getLogger(__name__)


class SessionListing(NamedTuple):
    """One line of `list_sessions`."""

    session_id: str
    created_at: datetime
    last_modified_at: datetime


class SessionManager:
    """The only owner of the sessions in a folder.

    Sessions outlive the process: whatever a method or a session changed is on disk when
    it returns. While the disk refuses it, sessions go on in memory, which is told, and
    are saved as soon as that works: with the next change, list or `save_waiting`, and
    at the end. What only the disk knows raises `StoreError` then.
    """

    def __init__(
        self,
        sessions_dir: str | os.PathLike[str] = "./sessions",
        *,
        store: SessionStore | None = None,
        providers: ProviderPool | None = None,
        approvals: RememberedApprovals | None = None,
        tell: Callable[[str], None] = _logger.warning,
    ) -> None:
        """Manage the sessions in `sessions_dir`, which is made when first written to.

        `store` takes the folder's place; `providers` are shared by all sessions, and
        so are `approvals`, those that were given for always.
        `tell` is given sentences for the user about the folder's files, such as that a
        damaged one was set aside, or that they take nothing.
        """
        self._store = store or SQLiteStore(Path(sessions_dir), tell)
        self._providers = providers or ProviderPool()
        self._approvals = approvals
        self._sessions = OpenSessions()
        self._outage = Outage(tell)
        self._waiting = WaitingSessions(self._sessions, self._outage)

    async def create_session_async(
        self,
        system_prompt: str | None = None,
        provider: ProviderReference | None = None,
        provider_config: Mapping[Any, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tools: Sequence[Tool] | None = None,
        session_id: str | None = None,
        title: str | None = None,
        *,
        mode: SessionMode | str = SessionMode.EDIT,
    ) -> Session:
        """Create a session, under `session_id` or a new id.

        Raises `SessionExists`, `InvalidParameter` and `UnknownProvider`.
        """
        if session_id is not None and not session_id.strip():
            raise InvalidParameter("A session's id cannot be blank.")
        selection = Selection.of(provider, provider_config)
        record = SessionRecord(
            id=session_id or new_id(),
            title=title,
            system_prompt=system_prompt,
            metadata=dict(metadata or {}),
            mode=mode_of(mode),
            **selection.stored_fields,
        )
        if self._waiting.info(record.id):
            raise SessionExists(f"There is already a session {record.id!r}.")
        session = Session(
            provider=provider,
            provider_config=provider_config,
            tools=tools,
            journal=await Journal.begun(record, (), self._store, self._outage),
            providers=self._providers,
            approvals=self._approvals,
            keep=self._sessions.keep,
        )
        if record.mode is SessionMode.AUTO:
            await session.set_mode_async(record.mode)
        return self._sessions.keep(session)

    create_session = blocking(create_session_async)

    async def import_session_async(self, text: str) -> Session:
        """Keep a session from elsewhere under a new id, and return it.

        `text` is what `Session.export` returns as JSON, or a list of messages as OpenAI
        has them. Raises `InvalidSessionFile`.
        """
        from abstractllm.session.importing import imported

        record, messages = await asyncio.to_thread(imported, text)
        journal = await Journal.begun(record, messages, self._store, self._outage)
        return self._opened(journal)

    import_session = blocking(import_session_async)

    async def get_session_async(
        self,
        session_id: str,
        provider: ProviderReference | None = None,
        tools: Sequence[Tool] | None = None,
    ) -> Session | None:
        """Return a session, whichever process made it, or `None` if there is none.

        `provider` and `tools` take the place of the session's own; functions are not
        stored, so a session of a former process has no tools until they are given.
        """
        session = self._sessions.get(session_id)
        if session is None:
            stored = await self._store.read(session_id)
            if stored is None:
                return None
            session = self._opened(Journal.opened(stored, self._store, self._outage))
        if tools is not None:
            session.tools = [tool_definition(tool) for tool in tools]
        if provider is not None:
            await session.switch_provider_async(provider)
        return session

    get_session = blocking(get_session_async)

    def _opened(self, journal: Journal) -> Session:
        """Return the session of a journal, or the one that is open already."""
        session = Session(
            journal=journal,
            providers=self._providers,
            approvals=self._approvals,
            keep=self._sessions.keep,
        )
        return self._sessions.keep(session)

    async def list_sessions_async(self) -> list[SessionListing]:
        """Return id, creation and last change of all sessions, latest change first."""
        page = await self.page_async()
        return [
            SessionListing(info.id, info.created_at, info.updated_at)
            for info in page.sessions
        ]

    list_sessions = blocking(list_sessions_async)

    async def page_async(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return one page of sessions, latest change first.

        Raises `InvalidParameter` for a cursor that no page gave.
        """
        await self.save_waiting_async()
        try:
            page = await self._store.page(limit, cursor)
        except StoreError:
            if not self._waiting:
                raise
            page = SessionPage(sessions=())
        return self._waiting.shown_in(page, first=cursor is None)

    page = blocking(page_async)

    async def page_to_show_async(
        self, limit: int | None = None, cursor: str | None = None
    ) -> SessionPage:
        """Return a page for people, who are told where the store cannot be read.

        It is empty then, and no error.
        """
        try:
            return await self.page_async(limit, cursor)
        except StoreClosed:
            raise
        except StoreError as error:
            self._outage.begin(THE_LIST, str(error))
            return SessionPage(sessions=())

    page_to_show = blocking(page_to_show_async)

    async def info_async(self, session_id: str) -> SessionInfo | None:
        """Return what a list shows of one session, or `None` if there is none."""
        waiting = self._waiting.info(session_id)
        return waiting or await self._store.info(session_id)

    info = blocking(info_async)

    async def search_async(
        self,
        query: str,
        limit: int = 20,
        cursor: str | None = None,
        session_id: str | None = None,
    ) -> SearchPage:
        """Return messages that hold a text, the newest first, and titles that do.

        The text is taken literally; small and capital letters are the same. Raises
        `InvalidParameter` for a blank text, or a cursor that no search gave.
        """
        return await self._store.search(query, limit, cursor, session_id)

    search = blocking(search_async)

    async def changed_elsewhere_async(self) -> list[str]:
        """Return sessions that other processes changed since this was last asked.

        Made, deleted, or with a turn that began or ended, too; none the first time.
        """
        changed = await self._store.changed_elsewhere()
        self._outage.end(THE_LIST)
        return changed

    changed_elsewhere = blocking(changed_elsewhere_async)

    async def save_waiting_async(self) -> None:
        """Save what could not be saved before, as far as the disk takes it now."""
        await self._waiting.save()

    save_waiting = blocking(save_waiting_async)

    async def usage_async(self, since: datetime | None = None) -> list[SessionUsage]:
        """Return what each session used that used any, since a time or in all."""
        return await self._store.usage(since)

    usage = blocking(usage_async)

    async def delete_session_async(self, session_id: str) -> bool:
        """Delete a session; return whether it was there.

        Until the manager is closed, `undelete_session` brings it back. Raises
        `TurnRunning` while it answers a prompt, here or in another process.
        """
        session = self._sessions.get(session_id)
        if session and session.turn_running:
            raise TurnRunning("This session still answers a prompt. Cancel it first.")
        is_new = session is not None and not session.is_stored
        try:
            await self._store.check_lease(session_id)
            deleted = await self._store.delete(session_id)
        except StoreError:
            if not is_new:
                raise
            deleted = False  # as it is in memory alone
        await Trust(self._approvals).revoke_mode_async(session_id)
        self._sessions.drop(session_id)
        self._waiting.forget(session_id)
        return deleted or is_new

    delete_session = blocking(delete_session_async)

    async def undelete_session_async(self, session_id: str) -> Session:
        """Bring back a session that this manager deleted, and return it.

        It has lost what is in memory alone: its tools, and its provider's key. Raises
        `UnknownSession` where it did not, and `SessionExists`.
        """
        if await self._store.undelete(session_id):
            session = await self.get_session_async(session_id)
            if session is not None:
                return session
        raise UnknownSession(
            f"The session {session_id!r} cannot be brought back: it was not deleted "
            "here since the start."
        )

    undelete_session = blocking(undelete_session_async)

    async def examine_async(self, *, mend: bool = False) -> Examination:
        """Return what is wrong with the store, and mend what can be mended."""
        return await self._store.examine(mend=mend)

    examine = blocking(examine_async)

    async def close_async(self) -> None:
        """Save what waits, let go of the folder, and end what the providers run."""
        await self._providers.aclose()
        with contextlib.suppress(StoreError):  # closed before
            await self.save_waiting_async()
        await self._store.close()

    close = blocking(close_async)
