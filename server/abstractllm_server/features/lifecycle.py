"""The server's life: settings at the start and later, and the end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
from lsprotocol import types

from abstractllm_server.protocol import SETTINGS_SECTION
from abstractllm_server.server import Server
from abstractllm_server.settings import (
    merged,
    read_user_file,
    settings_from,
    user_file,
)
from abstractllm_server.workspace import EditorWorkspace

STORE_FOLDER = ".abstractllm"


async def initialize(server: Server, params: types.InitializeParams) -> None:
    """Read the settings and open the workspace's sessions."""
    workspace = EditorWorkspace(server.workspace, server)
    server.context.open(_store_folder(workspace), workspace)
    server.client_options = _object(params.initialization_options)
    await server.keys.first()
    await _apply(server)


def initialized(server: Server, _: types.InitializedParams) -> None:
    """Tell what is wrong with the settings; before this, nothing may be shown."""
    server.watch_parent()
    server.watch_keys(partial(_apply_and_tell, server))
    server.context.watch()
    _tell_complaints(server)


async def did_change_configuration(
    server: Server, params: types.DidChangeConfigurationParams
) -> None:
    """Take the changed settings; they go over `initializationOptions`."""
    settings = _object(params.settings)
    server.changed_settings = _object(settings.get(SETTINGS_SECTION, settings))
    await _apply_and_tell(server)


async def shutdown(server: Server, _: None) -> None:
    """Stop all turns and let go of the store, while the editor still waits."""
    await server.context.close()


async def _apply(server: Server) -> None:
    from_file, complaints = read_user_file(user_file())
    layers = (from_file, server.client_options, server.changed_settings)
    settings, more = settings_from(merged(*layers))
    server.settings_complaints = complaints + more
    await server.context.apply(settings.with_keys(server.keys.by_provider))


async def _apply_and_tell(server: Server) -> None:
    await _apply(server)
    _tell_complaints(server)


def _tell_complaints(server: Server) -> None:
    complaints, server.settings_complaints = server.settings_complaints, []
    if complaints:
        server.warn(
            "abstractllm uses the defaults in the place of wrong settings: "
            f"{'; '.join(complaints)}."
        )
    for complaint in server.keys.take_complaints():
        server.warn(complaint)


def _store_folder(workspace: EditorWorkspace) -> Path:
    """Return `.abstractllm` in the first folder, or the user's own data directory."""
    for folder in workspace.folders:
        if folder.is_dir():
            return folder / STORE_FOLDER
    return platformdirs.user_data_path("abstractllm")


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
