"""Whether somebody listens at a socket; that its file is there says too little."""

import socket
from pathlib import Path


def listens(path: Path) -> bool:
    """Return whether a connection to a Unix socket is taken now.

    The file is there from `bind` on, connections are taken only from `listen` on.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True
