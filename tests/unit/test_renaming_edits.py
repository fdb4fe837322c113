"""What an editor's language server would rename, as changes of files."""

from pathlib import Path

from lsprotocol.types import PositionEncodingKind
from pygls.workspace import PositionCodec

from abstractllm.workspace.disk import DiskWorkspace
from abstractllm_server.editor.renaming import changes_of

EDIT = {
    "range": {
        "start": {"line": 0, "character": 0},
        "end": {"line": 0, "character": 5},
    },
    "newText": "beta",
}


async def test_files_come_in_the_order_of_a_diff_however_the_editor_names_them(
    tmp_path: Path,
) -> None:
    names = ["a.py", "b.py", "c.py"]
    for name in names:
        (tmp_path / name).write_text("alpha = 1\n")
    asked = ["b.py", "c.py", "a.py"]
    edit = {"changes": {(tmp_path / name).as_uri(): [EDIT] for name in asked}}

    changes = await changes_of(
        edit, DiskWorkspace([tmp_path]), PositionCodec(PositionEncodingKind.Utf16)
    )

    assert [(c.name, c.after) for c in changes] == [(n, "beta = 1\n") for n in names]
