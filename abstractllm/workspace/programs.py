"""Programs of the user's that we make use of where he has them."""

import os
from collections.abc import Sequence
from pathlib import Path


def find_program(name: str, folders: Sequence[Path]) -> str | None:
    """Return where a program is, `None` if there is none to be trusted.

    Programs that lie in one of `folders`, and folders on the PATH that are not
    absolute, are passed over: what a workspace holds is never run.
    """
    file_name = f"{name}.exe" if os.name == "nt" else name
    for folder in os.get_exec_path():
        path = Path(os.path.realpath(Path(folder) / file_name))
        if (
            os.path.isabs(folder)
            and os.access(path, os.X_OK)
            and path.is_file()
            and not any(path.is_relative_to(forbidden) for forbidden in folders)
        ):
            return str(path)
    return None
