"""Markdown that a model might be talked into: it is shown, and does nothing."""

from urllib.parse import urlsplit

from playwright.sync_api import Dialog, Request, expect

from tests.editors.vscode.window import Window
from tests.vendors import Call, Reply, VendorServer

LONGEST_TASK = 500
"""How long the view may be busy at a stretch, in milliseconds."""

ATTACK = "window.top.marker = window.marker = 1"

MARKDOWN = f"""\
<img src=x onerror="{ATTACK}"> <svg onload="{ATTACK}"></svg>

<script>{ATTACK}</script>
<style>@import url(http://attacker.test/style.css);</style>
<iframe srcdoc="<script>{ATTACK}</script>"></iframe>
<meta http-equiv="refresh" content="0; url=http://attacker.test/">

```html
<script>{ATTACK}</script>
```

```"><img/src=x/onerror="{ATTACK}">
</code></pre><script>{ATTACK}</script>
```

[one](javascript:{ATTACK.replace(" ", "")})
[two](&#106;avascript:marker=1) [three](data:text/html,<script>marker=1</script>)
[four](command:workbench.action.files.newUntitledFile) [five](vscode://x/y)

![pixel](http://attacker.test/pixel.png) ![](data:image/svg+xml,<svg/onload=marker=1>)

| a | b |
|:-:|--:|
| <b onmouseover="{ATTACK}">c</b> | d |

The end.
"""


def test_hostile_markdown_does_nothing(window: Window, vendors: VendorServer) -> None:
    requests: list[str] = []
    dialogs: list[str] = []

    def on_request(request: Request) -> None:
        requests.append(urlsplit(request.url).hostname or "")

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    window.page.on("request", on_request)
    window.page.on("dialog", on_dialog)
    call = Call(name=f"<img src=x onerror='{ATTACK}'>")
    vendors.will(Reply(tool_calls=[call]), Reply(text=list(MARKDOWN)))
    window.ask(f"<img src=x onerror='{ATTACK}'>")
    expect(window.answers).to_contain_text("The end.")
    window.wait_for_end()
    window.hide_chat()
    window.show_chat()  # once more, from the store
    expect(window.answers).to_contain_text("The end.")
    for name in ("one", "two", "three", "four", "five"):
        expect(window.answers.get_by_role("link", name=name)).to_have_count(0)

    body = window.chat.locator("body")
    expect(body.locator("img, svg, script:not([nonce]), iframe, meta")).to_have_count(0)
    assert body.evaluate("() => window.marker") is None
    assert window.page.evaluate("() => window.marker") is None
    assert not dialogs
    assert not [host for host in requests if host.endswith("attacker.test")]


def test_a_line_of_200_kilobytes_leaves_the_view_responsive(
    window: Window, vendors: VendorServer
) -> None:
    piece = "*[<`![_" * 140  # a kilobyte that looks like the beginning of everything
    vendors.will(Reply(text=[*[piece] * 205, "\n\nThe end."]))
    body = window.chat.locator("body")
    body.evaluate(
        """() => {
            window.longest = 0;
            const look = (list) => list.getEntries().forEach((entry) => {
                window.longest = Math.max(window.longest, entry.duration);
            });
            new PerformanceObserver(look).observe({type: "longtask"});
        }"""
    )

    window.ask("Say something long.")
    expect(window.answers).to_contain_text("The end.")
    window.wait_for_end()
    window.prompt.fill("Still there?")

    assert body.evaluate("() => window.longest") < LONGEST_TASK
