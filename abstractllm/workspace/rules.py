"""Which names are secrets, and which files a project wants ignored.

The rules are git's (gitignore(5)): of a file's lines the last one that fits counts, a
deeper file goes over one above, and what lies in an ignored folder is ignored. Paths
have forward slashes; a folder's ends with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property

import attrs

from abstractllm.workspace.globs import NEVER, Glance, last_part, translated

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
**/.kube/config
**/.docker/config.json
"""


@cache
def _secrets() -> IgnoreFile:
    return IgnoreFile(_SECRETS)


def is_secret(name: str) -> bool:
    """Return whether a path, or a folder on it, is named as what holds keys.

    Its case does not matter.
    """
    path = name.replace("\\", "/").lstrip("/")
    return any(map(is_secret_itself, with_parents(path)))


def is_secret_itself(path: str) -> bool:
    """Return whether a path is a secret, the folders on it left aside."""
    return _secrets().verdict(path.lower()) is True


def with_parents(path: str) -> Iterator[str]:
    """Yield the folders that a path goes through, the uppermost first, and itself."""
    yield from (path[: slash.end()] for slash in re.finditer("/", path[:-1]))
    if path:
        yield path


@attrs.frozen
class IgnoreRules:
    """The ignore files that count for what lies in one folder."""

    _files: tuple[tuple[int, IgnoreFile], ...] = ()
    """The nearest first, each with the length of the path to its folder."""

    def below(self, folder: str, text: str) -> IgnoreRules:
        """Return the rules for a folder with an ignore file of its own."""
        return IgnoreRules(((len(folder), IgnoreFile(text)), *self._files))

    def ignore_itself(self, path: str) -> bool:
        """Return whether a path is ignored, the folders on it left aside."""
        if last_part(path).removesuffix("/") in NEVER_LISTED:
            return True
        for start, file in self._files:
            verdict = file.verdict(path[start:])
            if verdict is not None:
                return verdict
        return False


class IgnoreFile:
    """The lines of an ignore file; paths are relative to the folder it lies in."""

    def __init__(self, text: str) -> None:
        lines = [_Line(*parsed) for parsed in enumerate(_stripped(text))]
        self._glance = Glance([line.glob for line in lines])
        self._for_names = _Lines([line for line in lines if "/" not in line.glob])
        self._for_paths = _Lines([line for line in lines if "/" in line.glob])

    def verdict(self, path: str) -> bool | None:
        """Return whether a path itself is ignored, `None` where no line fits it."""
        if not self._glance.may_fit(path):
            return None
        name = self._for_names.last_to_fit(last_part(path))
        whole = self._for_paths.last_to_fit(path)
        if name and whole:
            return max(name, whole, key=lambda line: line.number).ignores
        line = name or whole
        return line.ignores if line else None


class _Line:
    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.ignores = not text.startswith("!")
        self._folders_only = text.endswith("/")
        self.glob = text.removeprefix("!").removesuffix("/")

    @property
    def expression(self) -> str:
        if not self.glob:
            return NEVER
        return translated(self.glob) + ("/" if self._folders_only else "/?")


class _Lines:
    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines[::-1]

    def last_to_fit(self, path: str) -> _Line | None:
        found = self._expression.fullmatch(path)
        return self._lines[found.lastindex - 1] if found and found.lastindex else None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        choices = [f"({line.expression})" for line in self._lines]
        return re.compile("|".join(choices) or NEVER, re.DOTALL)


def _stripped(text: str) -> Iterator[str]:
    """Yield the lines that say something, without the spaces that count for nothing."""
    for line in text.split("\n"):
        stripped = line.removesuffix("\r").rstrip(" ")
        escapes = len(stripped) - len(stripped.rstrip("\\"))
        if escapes % 2 and len(stripped) < len(line):
            stripped += " "
        if stripped and not stripped.startswith("#"):
            yield stripped
