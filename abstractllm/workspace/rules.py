"""Which names are secrets, and which files a project wants ignored."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".abstractllmignore")

NEVER_LISTED = frozenset({".git", ".hg", ".svn", ".abstractllm"})

_SECRETS = """
.env
.env.*
*.env
!.env.example
!.env.sample
!.env.template
*.pem
*.key
*.p12
*.pfx
*.jks
*.keystore
*.kdbx
*.ppk
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
!*.pub
.netrc
_netrc
.npmrc
.pypirc
.htpasswd
.pgpass
.git-credentials
*credentials*.json
service-account*.json
secrets.json
secrets.toml
secrets.yaml
secrets.yml
*.tfstate
*.tfstate.*
.ssh/
.aws/
.gnupg/
.kube/config
.docker/config.json
"""


@cache
def _secrets() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(_SECRETS.splitlines())


def is_secret(name: str) -> bool:
    """Return whether a path's name tells that it holds keys or passwords.

    `name` has forward slashes; its case does not matter.
    """
    return _secrets().match_file(name.replace("\\", "/").lower().lstrip("/"))


class IgnoreRules:
    """The ignore files of one workspace folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._specs: dict[Path, GitIgnoreSpec | None] = {}

    def ignores(self, path: Path) -> bool:
        """Return whether a file of this folder is ignored, by itself or with a parent.

        An ignore file counts for all below it, and a deeper one goes over it, as git
        has it (gitignore(5)).
        """
        ancestors = [p for p in path.parents if p.is_relative_to(self._folder)]
        return self.ignores_itself(path, is_folder=False) or any(
            self.ignores_itself(ancestor, is_folder=True)
            for ancestor in ancestors
            if ancestor != self._folder
        )

    def ignores_itself(self, path: Path, *, is_folder: bool) -> bool:
        """Return whether a file or folder is ignored, its parents left aside."""
        if path.name in NEVER_LISTED:
            return True
        for folder, spec in self._specs_above(path):
            name = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
            verdict = spec.check_file(name).include
            if verdict is not None:
                return verdict
        return False

    def _specs_above(self, path: Path) -> Iterator[tuple[Path, GitIgnoreSpec]]:
        """Yield the ignore files that count for a path, the nearest first."""
        for folder in path.parents:
            if folder not in self._specs:
                self._specs[folder] = _read_spec(folder)
            if spec := self._specs[folder]:
                yield folder, spec
            if folder == self._folder:
                return


def _read_spec(folder: Path) -> GitIgnoreSpec | None:
    lines: list[str] = []
    for name in IGNORE_FILES:
        path = folder / name
        if path.is_file():
            with open(path, "rb") as file:
                lines += file.read(_LARGEST).decode("utf-8", "replace").splitlines()
    return GitIgnoreSpec.from_lines(lines) if lines else None


_LARGEST = 1 << 20
"""Bytes of an ignore file that are read."""
