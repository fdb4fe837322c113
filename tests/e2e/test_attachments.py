"""What goes with a prompt beside files: folders, pictures, changes, what is open."""

import base64
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from abstractllm.pictures import LARGEST_PICTURE
from abstractllm_server import protocol
from tests.e2e.editor import Editor, Json, Refused, environment
from tests.unit.repositories import Repository
from tests.vendors import VendorServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
WEBP = b"RIFF\0\0\0\0WEBP"

ALL = ["diagnostics", "openFiles"]


class Knowing(Editor):
    """An editor that answers what it is asked."""

    documents: tuple[Json, ...] = ()
    problems: tuple[Json, ...] = ()

    def answer(self, params: Any) -> Any:
        """Return what an editor knows."""
        if params["kind"] == "openFiles":
            return {"documents": list(self.documents)}
        assert params["kind"] == "diagnostics"
        return [problem for problem in self.problems if problem["uri"] == params["uri"]]


async def start(folder: Path, env: dict[str, str], queries: list[str]) -> Knowing:
    editor = await Knowing.start(
        folder, env, options={"capabilities": {"editorQueries": queries}}
    )
    assert isinstance(editor, Knowing)
    editor.client.feature(protocol.EDITOR_QUERY)(lambda params: editor.answer(params))
    return editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_editor(
    tmp_path_factory: pytest.TempPathFactory, shared_vendors: VendorServer
) -> AsyncGenerator[Knowing, None]:
    """Start an editor that knows, in a project that has a repository."""
    env = environment(tmp_path_factory.mktemp("home"), shared_vendors)
    folder = tmp_path_factory.mktemp("project")
    Repository(folder).commit(a__py="a = 1\n", b__py="b = 2\n")
    (folder / "a.py").write_text("a = 3\n")
    editor = await start(folder, env, ALL)
    yield editor
    await editor.stop()


@pytest.fixture
def editor(shared_editor: Knowing, vendors: VendorServer) -> Knowing:
    """Return the editor, in which nothing is open."""
    shared_editor.forget()
    shared_editor.documents = shared_editor.problems = ()
    return shared_editor


@pytest.fixture
def folder(editor: Knowing) -> Path:
    """Return the module's project folder."""
    return editor.workspace


async def attached(
    editor: Editor, *context: Json, prompt: str = "?", provider: str = "openai"
) -> list[Json]:
    """Return the parts of a prompt's message but its text."""
    session = await editor.run(protocol.SESSION_NEW, provider=provider)
    await editor.run(
        protocol.SESSION_GENERATE,
        sessionId=session["id"],
        prompt=prompt,
        context=context,
    )
    updates = await editor.turn()
    parts: list[Json] = updates[0]["update"]["message"]["parts"]
    return parts[:-1]


async def texts(editor: Editor, *context: Json, prompt: str = "?") -> list[str]:
    return [part["text"] for part in await attached(editor, *context, prompt=prompt)]


def image(data: bytes, media_type: str) -> Json:
    encoded = base64.b64encode(data).decode()
    return {"kind": "image", "data": encoded, "mediaType": media_type}


async def test_a_folder_goes_as_the_names_of_its_files(
    editor: Editor, folder: Path
) -> None:
    (folder / "src/deep").mkdir(parents=True)
    for name in ("src/one.py", "src/deep/two.py", "src/.env"):
        (folder / name).write_text("x")
    uri = (folder / "src").as_uri()

    (by_item,) = await attached(editor, {"kind": "folder", "uri": uri})
    (mentioned,) = await attached(editor, prompt="What is in @src/?")

    assert (
        by_item
        == mentioned
        == {
            "kind": "resource",
            "uri": uri,
            "text": "src/deep/two.py\nsrc/one.py",
            "range": None,
            "version": None,
        }
    )
    assert await attached(editor, prompt="Install @angular/ and @react.") == []


async def test_a_picture_goes_as_a_picture_pasted_named_or_mentioned(
    editor: Editor, folder: Path, vendors: VendorServer
) -> None:
    (folder / "plot.PNG").write_bytes(PNG)
    (folder / "photo").write_bytes(WEBP)
    uri = (folder / "plot.PNG").as_uri()

    parts = await attached(
        editor,
        {"kind": "image", "uri": (folder / "photo").as_uri()},
        {"kind": "file", "uri": uri},
        image(PNG, "image/gif"),
        prompt="Like @plot.PNG?",
    )

    png = image(PNG, "image/png")
    assert parts == [image(WEBP, "image/webp"), png, png, png]
    sent = vendors.requests[-1].body["messages"][-1]["content"]
    assert [part["type"] for part in sent] == ["image_url"] * 4 + ["text"]


async def test_what_has_changed_goes_as_a_diff(editor: Editor) -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a = 1\n+a = 3\n"

    (by_item,) = await texts(editor, {"kind": "changes"})
    (mentioned,) = await texts(editor, prompt="Review @changes.")

    assert by_item == mentioned
    assert by_item.startswith(diff)


def lines(first: int, column: int, last: int, end: int) -> Json:
    return {
        "start": {"line": first, "character": column},
        "end": {"line": last, "character": end},
    }


async def test_what_is_open_goes_with_a_word(editor: Knowing, folder: Path) -> None:
    (folder / "plot.png").write_bytes(PNG)
    names = ["a.py", "gone.py", "../outside.py", "b.py"]
    uris = [*((folder / name).as_uri() for name in names), "output:tasks", 7]
    editor.documents = tuple({"uri": uri, "active": False} for uri in uris)

    assert await texts(editor, {"kind": "open"}) == ["a = 3\n", "b = 2\n"]
    assert await texts(editor, prompt="Compare @open") == ["a = 3\n", "b = 2\n"]


async def test_what_is_selected_goes_with_a_word(editor: Knowing, folder: Path) -> None:
    a, b = ((folder / name).as_uri() for name in ("a.py", "b.py"))
    empty, odd = lines(0, 1, 0, 1), {"start": 0}
    editor.documents = (
        {"uri": b, "visible": True, "selection": odd},
        {"uri": a, "visible": True, "selection": lines(0, 0, 0, 1)},
        {"uri": b, "active": True, "selection": lines(0, 4, 0, 5)},
    )

    assert await texts(editor, {"kind": "selection"}) == ["2"]
    assert await texts(editor, prompt="Why @selection?") == ["2"]

    editor.documents = (*editor.documents[:2], {"uri": b, "active": True})
    assert await texts(editor, {"kind": "selection"}) == ["a"]

    editor.documents = ({"uri": a, "active": True, "selection": empty},)
    with pytest.raises(Refused, match="Nothing is selected in the editor"):
        await attached(editor, {"kind": "selection"})


async def test_problems_go_with_a_word_or_of_one_file(
    editor: Knowing, folder: Path
) -> None:
    a, b = ((folder / name).as_uri() for name in ("a.py", "b.py"))
    problem = {"uri": a, "range": lines(0, 4, 0, 5), "severity": 2, "message": "Odd."}
    editor.documents = ({"uri": b}, {"uri": a})
    editor.problems = (problem,)
    told = ["a.py:1:5: warning: Odd."]

    assert await texts(editor, {"kind": "diagnostics", "uri": a}) == told
    assert await texts(editor, {"kind": "diagnostics"}) == told
    assert await texts(editor, prompt="Fix @diagnostics!") == told
    assert await texts(editor, {"kind": "diagnostics", "uri": b}) == [
        "The editor shows no problems."
    ]


async def test_a_path_is_never_taken_for_a_word(editor: Knowing, folder: Path) -> None:
    (folder / "open").write_text("a file\n")

    assert await texts(editor, prompt="@./open and @open:1") == ["a file\n"] * 2


async def test_an_editor_that_cannot_tell_is_not_asked(
    vendors: VendorServer, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "selection").write_text("a file\n")
    editor = await start(workspace, environment(tmp_path, vendors), [])

    prompt = "@diagnostics of @open, and @selection"
    assert await texts(editor, prompt=prompt) == ["a file\n"]
    for kind in ("diagnostics", "open", "selection"):
        with pytest.raises(Refused, match=f"This editor cannot tell `{kind}`"):
            await attached(editor, {"kind": kind})
    with pytest.raises(Refused, match="in no git repository"):
        await attached(editor, prompt="Review @changes")
    await editor.stop()


TOO_LARGE = PNG + bytes(LARGEST_PICTURE)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"kind": "file"}, "`context`: a `file` needs a `uri`"),
        ({"kind": "folder"}, "`context`: a `folder` needs a `uri`"),
        ({"kind": "image"}, "`context`: an `image` needs a `uri` or `data`"),
        ({**image(PNG, "x"), "uri": "file:///x"}, "needs a `uri` or `data`"),
        ({"kind": "image", "data": "no base64!"}, "must be base64"),
        (image(b"BM", "image/bmp"), "What was attached is no PNG, JPEG, GIF or WebP"),
        (image(TOO_LARGE, "image/png"), "may have at most 3.9 MB"),
    ],
)
async def test_what_cannot_be_attached_is_told_in_a_sentence(
    editor: Editor, item: Json, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        await attached(editor, item)


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("folder", "nowhere", "There is no folder"),
        ("folder", "../home", "is not inside the workspace"),
        ("image", "gone.png", "gone.png does not exist"),
        ("image", "a.py", "a.py is no PNG, JPEG, GIF or WebP picture"),
        ("image", "../secret.png", "is not inside the workspace"),
        ("image", "id_rsa", "may hold keys"),
        ("file", "text.png", "text.png is no PNG, JPEG, GIF or WebP picture"),
        ("diagnostics", "gone.py", "gone.py does not exist"),
    ],
)
async def test_a_wrong_place_is_told_in_a_sentence(
    editor: Editor, folder: Path, kind: str, name: str, sentence: str
) -> None:
    (folder / "text.png").write_text("a pointer to a picture\n")
    (folder / "id_rsa").write_bytes(PNG)

    with pytest.raises(Refused, match=sentence):
        await attached(editor, {"kind": kind, "uri": (folder / name).as_uri()})
