r"""Lines of a text, as editors count them.

Lines end where LSP has them end: `\n`, `\r\n` or `\r`, and nowhere else. Python's
`str.splitlines` knows seven more ends, of which editors know none.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments
"""

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, each with its end; the last one may have none."""
    return _LINE.findall(text)
