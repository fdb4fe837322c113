"""The switchboard: which method is answered by which feature."""

from lsprotocol import types

from abstractllm_server import protocol
from abstractllm_server.features import (
    approvals,
    branches,
    doctor,
    edits,
    lifecycle,
    models,
    search,
    sessions,
    transfer,
    turns,
    usage,
)
from abstractllm_server.server import Server


def create_server() -> Server:
    """Return a server with all its features, not yet serving."""
    server = Server()

    method = server.method
    method(protocol.SESSION_NEW, protocol.NewSession, sessions.new)
    method(protocol.SESSION_LIST, protocol.ListSessions, sessions.list_sessions)
    method(protocol.SESSION_LOAD, protocol.LoadSession, sessions.load)
    method(protocol.SESSION_GENERATE, protocol.Generate, turns.generate)
    method(protocol.SESSION_REGENERATE, protocol.Regenerate, turns.regenerate)
    method(protocol.SESSION_CANCEL, protocol.SessionReference, turns.cancel)
    method(
        protocol.SESSION_SWITCH_PROVIDER,
        protocol.SwitchProvider,
        sessions.switch_provider,
    )
    method(protocol.SESSION_RENAME, protocol.RenameSession, sessions.rename)
    method(protocol.SESSION_DELETE, protocol.SessionReference, sessions.delete)
    method(protocol.SESSION_UNDELETE, protocol.SessionReference, sessions.undelete)
    method(protocol.SESSION_PIN, protocol.PinSession, sessions.pin)
    method(protocol.SESSION_REWIND, protocol.RewindSession, branches.rewind)
    method(protocol.SESSION_FORK, protocol.ForkSession, branches.fork)
    method(protocol.SESSION_COMPACT, protocol.SessionReference, turns.compact)
    method(protocol.SESSION_UNCOMPACT, protocol.MessageReference, turns.uncompact)
    method(protocol.SESSION_EXPORT, protocol.ExportSession, transfer.export)
    method(protocol.SESSION_IMPORT, protocol.ImportSession, transfer.import_session)
    method(protocol.SESSION_CLEAR, protocol.SessionReference, sessions.clear)
    method(protocol.SESSION_SET_MODE, protocol.SetMode, sessions.set_mode)
    method(protocol.SESSION_REVERT_EDITS, protocol.TurnEdits, edits.revert)
    method(protocol.SESSION_REAPPLY_EDITS, protocol.TurnEdits, edits.reapply)
    method(protocol.SESSION_SHOW_EDITS, protocol.ShowEdits, edits.show)
    method(protocol.SESSION_SEARCH, protocol.SearchSessions, search.search)
    method(protocol.USAGE, protocol.UsageSince, usage.usage)
    method(protocol.DOCTOR, protocol.Doctor, doctor.examine)
    method(protocol.APPROVALS_LIST, protocol.NoArguments, approvals.list_approvals)
    method(protocol.APPROVALS_REVOKE, protocol.ApprovalReference, approvals.revoke)
    method(protocol.PROVIDERS_LIST, protocol.NoArguments, models.list_providers)
    method(protocol.MODELS_LIST, protocol.ListModels, models.list_models)

    server.feature(types.INITIALIZE)(lifecycle.initialize)
    server.feature(types.INITIALIZED)(lifecycle.initialized)
    server.feature(types.SHUTDOWN)(lifecycle.shutdown)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(
        lifecycle.did_change_configuration
    )
    return server
