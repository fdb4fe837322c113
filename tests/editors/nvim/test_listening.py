"""What the fixtures wait for before they attach to a Neovim."""

import socket
from pathlib import Path

from tests.editors.listening import listens


def test_a_socket_that_is_bound_does_not_listen_yet(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    seen = [(path.exists(), listens(path))]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        seen.append((path.exists(), listens(path)))
        server.listen()
        seen.append((path.exists(), listens(path)))
    seen.append((path.exists(), listens(path)))

    assert seen == [(False, False), (True, False), (True, True), (True, False)]
