"""Programs that a repository names: none of them runs when changes are told."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from abstractllm.errors import InvalidParameter
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.git_changes import changes
from tests.unit.repositories import Repository

FUTURE = 4_000_000_000
"""A time of change that has git look into a file, whatever it remembers of it."""


class Trap:
    """A program that leaves a trace, and a repository whose settings name it."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.trace = repository.folder.parent / "trapped"
        self.program = repository.write("trap.sh", f"#!/bin/sh\ntouch {self.trace}\n")
        self.program.chmod(0o755)

    def set(self, name: str, value: str | None = None) -> None:
        """Set what git reads, to the program if to nothing else."""
        self.repository.git("config", name, value or str(self.program))

    def snaps(self, *arguments: str) -> bool:
        """Return whether the program runs when git is asked this by its user."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.repository.git(*arguments)
        snapped = self.trace.exists()
        self.trace.unlink(missing_ok=True)
        return snapped


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    """Return a trap in a repository in which a file has changed."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    repository = Repository(tmp_path / "project")
    repository.write(".gitattributes", "*.txt diff=odd filter=o.dd\n")
    os.utime(repository.write("same.txt", "same\n"), (FUTURE, FUTURE))
    repository.commit(changed__txt="before\n")
    repository.write("changed.txt", "after\n")
    repository.write(".git/info/exclude", "trap.sh\n")
    return Trap(repository)


def hook(trap: Trap) -> None:
    hook = trap.repository.folder / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.symlink_to(trap.program)


def filter_elsewhere(trap: Trap) -> None:
    included = f'[filter "o.dd"]\n\tclean = {trap.program}\n'
    trap.repository.write(".git/more", included)
    trap.set("include.path", "more")


def submodule(trap: Trap) -> None:
    inner = Repository(trap.repository.folder / "inner")
    inner.commit(a__py="a\n", __gitattributes="*.py filter=inner\n")
    trap.repository.git("add", "inner")
    inner.git("config", "filter.inner.clean", str(trap.program))
    inner.write("a.py", "b\n")


def content_elsewhere(trap: Trap, remote: str) -> None:
    """Take away the content of a file, and tell git where to fetch it."""
    blob = trap.repository.git("rev-parse", "HEAD:changed.txt").strip()
    (trap.repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    trap.set("core.repositoryFormatVersion", "1")
    trap.set("extensions.partialClone", "origin")
    trap.set("remote.origin.promisor", "true")
    trap.set("remote.origin.url", remote)


def helper(trap: Trap) -> None:
    content_elsewhere(trap, f"ext::{trap.program}")
    trap.set("protocol.ext.allow", "always")


def remote_shell(trap: Trap) -> None:
    content_elsewhere(trap, "ssh://nowhere.example/x")
    trap.set("core.sshCommand")


def upload_pack(trap: Trap) -> None:
    content_elsewhere(trap, str(trap.repository.folder))
    trap.set("remote.origin.uploadpack")


Setting = Callable[[Trap], None]


def of(name: str) -> Setting:
    """Return what sets one setting to the program."""
    return lambda trap: trap.set(name)


SHOW = ("show", "HEAD:changed.txt")

TRAPS: dict[str, tuple[Setting, Sequence[str]]] = {
    "monitor": (of("core.fsmonitor"), ["status"]),
    "hook": (hook, ["add", "--all"]),
    "external diff": (of("diff.external"), ["diff", "HEAD"]),
    "diff driver": (of("diff.odd.command"), ["diff", "HEAD"]),
    "textconv": (of("diff.odd.textconv"), ["diff", "HEAD"]),
    "filter": (of("filter.o.dd.clean"), ["diff", "HEAD"]),
    "filter process": (of("filter.o.dd.process"), ["diff", "HEAD"]),
    "filter elsewhere": (filter_elsewhere, ["diff", "HEAD"]),
    "submodule": (submodule, ["diff", "HEAD"]),
    "helper": (helper, SHOW),
    "remote shell": (remote_shell, SHOW),
    "upload pack": (upload_pack, SHOW),
    "pager": (of("core.pager"), []),
    "editor": (of("core.editor"), ["commit", "--all"]),
    "signature": (of("gpg.program"), ["commit", "--all", "--message=x", "--gpg-sign"]),
}


@pytest.mark.parametrize(("setting", "command"), TRAPS.values(), ids=TRAPS)
async def test_no_program_that_a_repository_names_is_run(
    trap: Trap, setting: Setting, command: Sequence[str]
) -> None:
    setting(trap)

    told = await Workspace([trap.repository.folder]).look(changes)

    assert not trap.trace.exists()
    assert "changed.txt" in told
    assert trap.snaps(*command) or not command, "this is no trap"


async def test_a_diff_is_right_in_the_midst_of_traps(trap: Trap) -> None:
    for setting in (
        *("core.fsmonitor", "diff.external", "diff.odd.command", "diff.odd.textconv"),
        *("filter.o.dd.clean", "filter.o.dd.process", "filter.o.dd.smudge"),
    ):
        trap.set(setting)
    trap.set("filter.o.dd.required", "true")

    told = await Workspace([trap.repository.folder]).look(changes)

    assert told == (
        "--- a/changed.txt\n+++ b/changed.txt\n@@ -1 +1 @@\n-before\n+after\n"
    )


async def test_a_filter_that_cannot_be_turned_off_ends_it(trap: Trap) -> None:
    trap.set("filter.o=dd.clean")

    with pytest.raises(InvalidParameter, match="could not be kept from running"):
        await Workspace([trap.repository.folder]).look(changes)


async def test_content_that_is_not_here_is_only_named(trap: Trap) -> None:
    helper(trap)

    told = await Workspace([trap.repository.folder]).look(changes)

    assert told == "changed.txt has changed, and cannot be shown.\n"
