"""The wire: method names and parameter shapes, all that server and clients share.

A method is both a JSON-RPC method (`abstractllm/session/new`, as a request or as a
notification) and a workspace command of the same name with dots. On the wire every key
is camelCase.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

VERSION = "0.1.0"
"""Of the whole distribution; to look it up there would take a part of the start."""

SESSION_NEW = "abstractllm/session/new"
SESSION_LIST = "abstractllm/session/list"
SESSION_LOAD = "abstractllm/session/load"
SESSION_GENERATE = "abstractllm/session/generate"
SESSION_REGENERATE = "abstractllm/session/regenerate"
SESSION_CANCEL = "abstractllm/session/cancel"
SESSION_SWITCH_PROVIDER = "abstractllm/session/switchProvider"
SESSION_RENAME = "abstractllm/session/rename"
SESSION_DELETE = "abstractllm/session/delete"
SESSION_UNDELETE = "abstractllm/session/undelete"
SESSION_PIN = "abstractllm/session/pin"
SESSION_REWIND = "abstractllm/session/rewind"
SESSION_FORK = "abstractllm/session/fork"
SESSION_COMPACT = "abstractllm/session/compact"
SESSION_UNCOMPACT = "abstractllm/session/uncompact"
SESSION_EXPORT = "abstractllm/session/export"
SESSION_IMPORT = "abstractllm/session/import"
SESSION_CLEAR = "abstractllm/session/clear"
SESSION_SET_MODE = "abstractllm/session/setMode"
SESSION_REVERT_EDITS = "abstractllm/session/revertEdits"
SESSION_REAPPLY_EDITS = "abstractllm/session/reapplyEdits"
SESSION_SHOW_EDITS = "abstractllm/session/showEdits"
SESSION_SEARCH = "abstractllm/session/search"
USAGE = "abstractllm/usage"
DOCTOR = "abstractllm/doctor"
APPROVALS_LIST = "abstractllm/approvals/list"
APPROVALS_REVOKE = "abstractllm/approvals/revoke"
PROVIDERS_LIST = "abstractllm/providers/list"
MODELS_LIST = "abstractllm/models/list"

SESSION_UPDATE = "abstractllm/session/update"
"""Notification: one step of a turn, `{sessionId, turnId, seq, update}`."""

SESSIONS_CHANGED = "abstractllm/sessions/changed"
"""Notification: `{sessionIds, sessions}`, what a list shows of these sessions now.

`sessions` are the infos in the order of the ids, `None` for a deleted session.
"""

TOOL_APPROVE = "abstractllm/tool/approve"
"""Request to the editor: may this call be carried out?"""

EDITOR_QUERY = "abstractllm/editor/query"
"""Request to the editor: what only it knows, by its language servers."""

DOCUMENT_SAVE = "abstractllm/document/save"
"""Request to the editor: save these buffers, which a model has changed."""

AFTER_THE_LAST = ""
"""In the place of a message's id: the prompt follows the last one that is shown."""

SETTINGS_SECTION = "abstractllm"


def command_of(method: str) -> str:
    """Return the workspace command of a method."""
    return method.replace("/", ".")


@attrs.frozen(kw_only=True)
class NoArguments:
    """Of a method that takes none."""


@attrs.frozen(kw_only=True)
class NewSession:
    """Parameters of `session.new`; `provider` may be `"name:model"` everywhere."""

    title: str | None = None
    system_prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    provider_config: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    mode: Literal["ask", "edit", "auto"] | None = None


@attrs.frozen(kw_only=True)
class ListSessions:
    """Parameters of `session.list`; `cursor` is a former answer's `nextCursor`."""

    limit: int | None = None
    cursor: str | None = None


@attrs.frozen(kw_only=True)
class SessionReference:
    """Parameters of `session.cancel`, `.delete`, `.undelete`, `.clear`, `.compact`."""

    session_id: str


@attrs.frozen(kw_only=True)
class LoadSession:
    """Parameters of `session.load`: all messages, or the `last` ones before one."""

    session_id: str
    last: int | None = None
    before: str | None = None


@attrs.frozen(kw_only=True)
class Position:
    """A place in a document, as LSP has it, in the negotiated position encoding."""

    line: int
    character: int


@attrs.frozen(kw_only=True)
class Range:
    """A part of a document, as LSP has it: the end is exclusive."""

    start: Position
    end: Position


@attrs.frozen(kw_only=True)
class ContextItem:
    """What goes with a prompt.

    A file, or with `range` a part of it; the files of a folder; a picture, by its URI
    or as base64; the problems of a file; without a URI the problems of the open files,
    what is selected, the open files, or what has changed since the last commit.
    """

    kind: Literal[
        "file",
        "range",
        "selection",
        "folder",
        "image",
        "diagnostics",
        "open",
        "changes",
    ]
    uri: str | None = None
    range: Range | None = None
    data: str | None = None
    media_type: str | None = None


@attrs.frozen(kw_only=True)
class Generate:
    """Parameters of `session.generate`; provider and model are for this turn only.

    The prompt follows the last message that is shown, or the one that `parentId` names;
    where that is null, none: it begins the history anew.
    """

    session_id: str
    prompt: str
    parent_id: str | None = AFTER_THE_LAST
    context: Sequence[ContextItem] | None = None
    provider: str | None = None
    model: str | None = None
    provider_config: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Regenerate:
    """Parameters of `session.regenerate`: the prompt of that message, or the last."""

    session_id: str
    message_id: str | None = None
    provider: str | None = None
    model: str | None = None
    provider_config: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class RewindSession:
    """Parameters of `session.rewind`; `last` is as in `session.load`."""

    session_id: str
    message_id: str
    last: int | None = None


@attrs.frozen(kw_only=True)
class ForkSession:
    """Parameters of `session.fork`: up to that message, or all that is shown."""

    session_id: str
    message_id: str | None = None
    title: str | None = None


@attrs.frozen(kw_only=True)
class MessageReference:
    """Parameters of `session.uncompact`: the message is a summary."""

    session_id: str
    message_id: str


@attrs.frozen(kw_only=True)
class ExportSession:
    """Parameters of `session.export`."""

    session_id: str
    format: Literal["json", "markdown"] = "json"


@attrs.frozen(kw_only=True)
class ImportSession:
    """Parameters of `session.import`: the text of an export, or a list of messages."""

    text: str


@attrs.frozen(kw_only=True)
class PinSession:
    """Parameters of `session.pin`."""

    session_id: str
    pinned: bool


@attrs.frozen(kw_only=True)
class SwitchProvider:
    """Parameters of `session.switchProvider`."""

    session_id: str
    provider: str
    model: str | None = None
    provider_config: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class RenameSession:
    """Parameters of `session.rename`."""

    session_id: str
    title: str


@attrs.frozen(kw_only=True)
class SetMode:
    """Parameters of `session.setMode`."""

    session_id: str
    mode: Literal["ask", "edit", "auto"]


@attrs.frozen(kw_only=True)
class TurnEdits:
    """Parameters of `session.revertEdits` and `.reapplyEdits`.

    The message is the last one of the assistant in that turn; without `uris`, it is
    about all files that the turn changed.
    """

    session_id: str
    message_id: str
    uris: Sequence[str] | None = None


@attrs.frozen(kw_only=True)
class ShowEdits:
    """Parameters of `session.showEdits`: of a turn, or of a call that waits."""

    session_id: str
    message_id: str | None = None
    call_id: str | None = None


@attrs.frozen(kw_only=True)
class ApprovalReference:
    """Parameters of `approvals.revoke`."""

    id: str


@attrs.frozen(kw_only=True)
class SearchSessions:
    """Parameters of `session.search`; `cursor` is a former answer's `nextCursor`."""

    query: str
    limit: int | None = None
    cursor: str | None = None
    session_id: str | None = None


@attrs.frozen(kw_only=True)
class UsageSince:
    """Parameters of `usage`; `since` is ISO 8601, and in UTC where it has no zone."""

    since: str | None = None


@attrs.frozen(kw_only=True)
class Doctor:
    """Parameters of `doctor`; with `mend`, what can be mended is."""

    mend: bool = False


@attrs.frozen(kw_only=True)
class ListModels:
    """Parameters of `models.list`; without `provider`, the default one's models."""

    provider: str | None = None
