"""Approvals that were given for always, by workspace.

They lie in a folder of the user's and never in the workspace: a cloned repository must
not bring approvals along. Each is a file of its own, so that several servers may write
at once.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from abstractllm.messages import now


@attrs.frozen(kw_only=True)
class Approval:
    """Calls of `tool` need no asking; of a tool that runs, those of `scope` alone."""

    id: str
    tool: str
    scope: str
    since: datetime


class RememberedApprovals:
    """The approvals of one workspace; methods raise `OSError`."""

    def __init__(self, folder: Path, workspace: Path) -> None:
        """Keep them in a subfolder of `folder`, the user's."""
        self._workspace = os.path.realpath(workspace)
        self._all = folder

    @property
    def _folder(self) -> Path:
        return self._all / _digest(self._workspace)

    def holds(self, tool: str, scope: str) -> bool:
        """Return whether calls of a tool were approved for always."""
        approval = _read(self._path(_digest(tool, scope)))
        return approval is not None and (approval.tool, approval.scope) == (tool, scope)

    def add(self, tool: str, scope: str) -> None:
        """Approve calls of a tool for always."""
        approval = Approval(
            id=_digest(tool, scope), tool=tool, scope=scope, since=now()
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = {
            "workspace": self._workspace,
            "tool": approval.tool,
            "scope": approval.scope,
            "since": approval.since.isoformat(),
        }
        path = self._path(approval.id)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)

    def remove(self, tool: str, scope: str) -> None:
        """Ask about calls of a tool from now on, if they were approved."""
        self._path(_digest(tool, scope)).unlink(missing_ok=True)

    def all(self) -> list[Approval]:
        """Return the approvals, the oldest first."""
        approvals = filter(None, map(_read, sorted(self._folder.glob("*.json"))))
        return sorted(approvals, key=lambda approval: approval.since)

    def revoke(self, approval_id: str) -> bool:
        """Ask again from now on; return whether there was such an approval."""
        for approval in self.all():
            if approval.id == approval_id:
                self._path(approval_id).unlink(missing_ok=True)
                return True
        return False

    def _path(self, approval_id: str) -> Path:
        return self._folder / f"{approval_id}.json"


def _read(path: Path) -> Approval | None:
    """Return what a file says; one that says nothing approves nothing."""
    try:
        written: Any = json.loads(path.read_text(encoding="utf-8"))
        return Approval(
            id=path.stem,
            tool=str(written["tool"]),
            scope=str(written["scope"]),
            since=datetime.fromisoformat(written["since"]).astimezone(UTC),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(*words: str) -> str:
    import hashlib  # it loads OpenSSL: not before it is needed

    data = "\0".join(words).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:32]
