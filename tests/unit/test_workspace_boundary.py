"""What is opened is what was judged, whatever happens to the folders meanwhile."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from abstractllm.errors import FileRefused
from abstractllm.workspace.files import Workspace

SECRET = "the-secret-of-this-test"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a folder, beside another folder with the same names."""
    for folder, text in (("project/src/deep", "Hello\n"), ("outside/deep", SECRET)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "main.py").write_text(text)
        (tmp_path / folder).with_name("main.py").write_text(text)
    return tmp_path / "project"


@pytest.fixture
def swap(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Swap `src` for a link out of the project when it is about to be opened."""
    source = project / "src"

    def swapping(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(path: Any, *args: Any, **kwargs: Any) -> Any:
            if "src" in str(path) and not source.is_symlink():
                source.rename(project / "moved")
                source.symlink_to(project.parent / "outside")
            return function(path, *args, **kwargs)

        return wrapper

    monkeypatch.setattr(os, "open", swapping(os.open))
    monkeypatch.setattr(os, "scandir", swapping(os.scandir))


@pytest.mark.usefixtures("swap")
@pytest.mark.parametrize("name", ["src/main.py", "src/deep/main.py"])
async def test_a_folder_swapped_for_a_link_leads_no_reader_out(
    project: Path, name: str
) -> None:
    with pytest.raises(FileRefused) as refusal:
        await Workspace([project]).read(name)

    assert str(refusal.value) == f"{name} cannot be read: Not a directory."


@pytest.mark.usefixtures("swap")
async def test_a_folder_swapped_for_a_link_leads_no_list_or_search_out(
    project: Path,
) -> None:
    workspace = Workspace([project])

    listed = await workspace.list(".", "*", 10)
    found = await workspace.search("secret", "*", 10, match_case=False)

    assert (listed.items, found.items) == ((), ())


async def test_a_workspace_folder_swapped_for_a_link_shows_nothing(
    project: Path,
) -> None:
    workspace = Workspace([project])
    project.rename(project.parent / "moved")
    project.symlink_to(project.parent / "outside")

    with pytest.raises(FileRefused):
        await workspace.read("main.py")
    assert (await workspace.list(".", "*", 10)).items == ()


@pytest.fixture
def deep(project: Path) -> Iterator[list[str]]:
    """Yield the names of a file in each folder, 1,200 of them in one another."""
    folder = os.open(project, os.O_RDONLY)
    names = []
    for depth in range(1, 1201):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        names.append(f"{'d/' * depth}file")
    os.close(folder)
    yield names
    subprocess.run(["rm", "-r", project / "d"], check=True)  # pytest cannot


async def test_a_tree_of_any_depth_is_walked(project: Path, deep: list[str]) -> None:
    listed = await Workspace([project]).list(".", "file", 5000)

    assert listed.items == tuple(reversed(deep))
