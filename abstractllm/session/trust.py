"""What the user has allowed: in a session, and in a workspace for always."""

from __future__ import annotations

import asyncio
import logging

from abstractllm.enums import SessionMode
from abstractllm.errors import InvalidParameter
from abstractllm.store.contract import SessionRecord
from abstractllm.tools.remembered import RememberedApprovals

logger = logging.getLogger(__name__)

AUTO_MODE = "mode auto"
"""Stands in the place of a tool where a session was put into that mode."""


class Trust:
    """Approvals by tool and scope: for this session, and those given for always."""

    def __init__(self, remembered: RememberedApprovals | None) -> None:
        self._remembered = remembered
        self._granted: set[tuple[str, str]] = set()

    def mode(self, record: SessionRecord) -> SessionMode:
        """Return how freely a session's models may act.

        The store lies in the workspace, and may come with a cloned one. So `auto` holds
        only where it was chosen here.
        """
        if record.mode is SessionMode.AUTO and not self._has(AUTO_MODE, record.id):
            return SessionMode.EDIT
        return record.mode

    def grant_mode(self, session_id: str, mode: SessionMode) -> None:
        """Have a mode hold that the user chose for a session, as long as this runs."""
        if mode is SessionMode.AUTO:
            self._granted.add((AUTO_MODE, session_id))

    async def grant_mode_async(self, session_id: str, mode: SessionMode) -> None:
        """Have a mode hold that the user chose for a session, from now on."""
        if mode is SessionMode.AUTO:
            await self.grant(AUTO_MODE, session_id, always=True)
        else:
            await self.revoke_mode_async(session_id)

    async def revoke_mode_async(self, session_id: str) -> None:
        """Have `auto` hold for a session no more, whatever its record says."""
        self._granted.discard((AUTO_MODE, session_id))
        if self._remembered is None:
            return
        try:
            await asyncio.to_thread(self._remembered.remove, AUTO_MODE, session_id)
        except OSError:
            logger.warning("a mode is still remembered", exc_info=True)

    async def has(self, tool: str, scope: str) -> bool:
        """Return whether calls of a tool need no asking."""
        return await asyncio.to_thread(self._has, tool, scope)

    async def grant(self, tool: str, scope: str, *, always: bool) -> None:
        """Approve calls of a tool in this session, or for always."""
        if always and self._remembered is not None:
            try:
                await asyncio.to_thread(self._remembered.add, tool, scope)
                return  # and not kept here too, or it could not be revoked
            except OSError:
                logger.warning("an approval holds in this session only", exc_info=True)
        self._granted.add((tool, scope))

    def _has(self, tool: str, scope: str) -> bool:
        if (tool, scope) in self._granted:
            return True
        return self._remembered is not None and self._remembered.holds(tool, scope)


def mode_of(mode: str) -> SessionMode:
    """Return a mode by its name; raises `InvalidParameter`."""
    try:
        return SessionMode(mode)
    except ValueError:
        modes = ", ".join(SessionMode)
        raise InvalidParameter(
            f"There is no mode {mode!r}. Use one of: {modes}."
        ) from None
