"""The files that a turn changed, as they are listed and called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rich.table import Table
from rich.text import Text

from abstractllm_terminal.connection import Json
from abstractllm_terminal.printable import one_line


def changed_files(changes: Sequence[Json], folder: Path) -> Table:
    """Return the files that a turn changed in `folder`, with what became of them."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for change in changes:
        name = file_name(change["uri"], folder)
        if change.get("newUri"):
            name = f"{name} → {file_name(change['newUri'], folder)}"
        taken_back = change["reverted"]
        table.add_row(
            change["kind"],
            Text(one_line(name), overflow="fold"),
            _counted("+", change["added"], "green"),
            _counted("-", change["removed"], "red"),
            "taken back" if taken_back else "",
            style="dim" if taken_back else "",
        )
    return table


def named(change: Json, folder: Path) -> set[str]:
    """Return what a user may call a changed file: its name before and after."""
    uris = filter(None, (change["uri"], change.get("newUri")))
    return {one_line(file_name(uri, folder)) for uri in uris}


def file_name(uri: str, folder: Path) -> str:
    """Return the path of a file, from the folder if it is in there."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = Path(url2pathname(parts.path))
    for parent in (folder, folder.resolve()):
        if path.is_relative_to(parent):
            return path.relative_to(parent).as_posix()
    return str(path)


def _counted(sign: str, lines: int, style: str) -> Text:
    return Text(f"{sign}{lines}" if lines else "", style=style)
