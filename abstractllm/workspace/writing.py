"""Writing, removing and moving files of a workspace, each of them whole or not at all.

As with opening, no link is followed on the way.
"""

import contextlib
import os

from abstractllm.messages import new_id
from abstractllm.workspace.boundary import Place
from abstractllm.workspace.opening import Opener

_NEW = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


def write_file(opener: Opener, place: Place, data: bytes, mode: int | None) -> None:
    """Write a file, and the folders it lies in; raises `OSError`.

    It takes the place of the one that is there in one step. `mode` are its permissions;
    `None` leaves them to the user's mask.
    """
    name, folder = opener.spot(place, make=True)
    temporary = f".{new_id()}.tmp"  # whose name is not too long where `name` is not
    descriptor = os.open(temporary, _NEW, 0o666, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode, dir_fd=folder)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def remove_file(opener: Opener, place: Place) -> None:
    """Remove a file; raises `OSError`."""
    name, folder = opener.spot(place)
    os.unlink(name, dir_fd=folder)


def move_file(opener: Opener, old: Place, new: Place) -> None:
    """Move a file to where none is, and make the folders it lies in.

    Raises `OSError`.
    """
    with Opener() as other:
        new_name, new_folder = other.spot(new, make=True)
        name, folder = opener.spot(old)
        os.rename(name, new_name, src_dir_fd=folder, dst_dir_fd=new_folder)
