"""What goes along with a prompt beside a selection."""

import base64
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.editors.vscode.window import Window
from tests.vendors import VendorServer


def chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data).to_bytes(4)
    return len(data).to_bytes(4) + name + data + crc


HEADER = bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])

DOT = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", HEADER)
    + chunk(b"IDAT", zlib.compress(bytes(2)))
    + chunk(b"IEND", b"")
)
"""A picture of one dot."""

PASTE = """(box, data) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], "dot.png", {type: "image/png"}));
    const options = {clipboardData: carried, bubbles: true, cancelable: true};
    box.dispatchEvent(new ClipboardEvent("paste", options));
}"""


def attach(window: Window, what: str) -> None:
    window.run("AbstractLLM: Attach to the Prompt")
    window.pick(what)


def dialog(window: Window) -> Locator:
    """Return the dialog for files, once it shows where it begins."""
    dialog = window.page.locator(".quick-input-widget")
    expect(dialog.locator("input").last).to_have_value(re.compile("/project/$"))
    return dialog


def choose_file(window: Window, path: Path) -> None:
    shown = dialog(window)
    shown.locator("input").last.fill(f"{path.parent}/")
    shown.locator(".monaco-list-row", has_text=path.name).click()


def choose_folder(window: Window, path: Path) -> None:
    """Go into a folder without folders, and choose it."""
    shown = dialog(window)
    rows = shown.locator(".monaco-list-row")
    expect(rows.filter(has_text=path.name)).to_be_visible()
    shown.locator("input").last.fill(f"{path}/")
    expect(rows).to_have_text([".."])
    shown.get_by_role("button", name="Attach").click()


def asked(window: Window, vendors: VendorServer) -> Any:
    """Ask, and return the content of the prompt that the model was sent."""
    expect(window.chat.locator(".chip")).to_be_visible()
    window.ask("What is this?")
    window.wait_for_end()
    expect(window.chat.locator(".chip")).to_have_count(0)
    return vendors.requests[-1].body["messages"][-1]["content"]


def test_a_pasted_picture_reaches_the_model_and_is_shown(
    window: Window, vendors: VendorServer
) -> None:
    data = base64.b64encode(DOT).decode()
    window.prompt.evaluate(PASTE, data)

    content = asked(window, vendors)

    (url,) = [part["image_url"]["url"] for part in content if "image_url" in part]
    assert url == f"data:image/png;base64,{data}"
    picture = window.chat.locator("img.picture")
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 1


def test_a_picture_of_the_disk_reaches_the_model(
    window: Window, vendors: VendorServer, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    attach(window, "Picture")
    choose_file(window, path)

    content = asked(window, vendors)

    assert base64.b64encode(DOT).decode() in str(content)


def test_the_problems_of_the_open_file_reach_the_model(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "broken.json").write_text('{"a": }\n')
    window.open_file("broken.json")
    expect(window.page.get_by_role("button", name="Errors: 1")).to_be_visible()
    attach(window, "Problems of broken.json")

    content = asked(window, vendors)

    assert "broken.json:1:7: error: Value expected" in str(content)


def test_what_git_tells_of_changes_reaches_the_model(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "colours.txt").write_text("red\n")
    who = ["-c", "user.name=Me", "-c", "user.email=me@example.org"]
    for command in (["init"], ["add", "."], [*who, "commit", "-m", "Red"]):
        subprocess.run(["git", "-C", workspace, *command], check=True)
    (workspace / "colours.txt").write_text("green\n")
    attach(window, "Changes")

    content = asked(window, vendors)

    assert "-red\n+green" in content


def test_a_folder_is_attached_and_left_out_again(
    window: Window, workspace: Path, vendors: VendorServer
) -> None:
    (workspace / "paints").mkdir()
    (workspace / "paints" / "colours.txt").write_text("red\n")
    window.chat.get_by_role("button", name="Attach").click()
    window.pick("Folder")
    choose_folder(window, workspace / "paints")
    chip = window.chat.locator(".chip", has_text="paints/")
    chip.click()
    expect(chip).to_have_count(0)
    attach(window, "Folder")
    choose_folder(window, workspace / "paints")

    content = asked(window, vendors)

    assert "colours.txt" in content
