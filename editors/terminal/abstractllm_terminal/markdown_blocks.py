"""Where a Markdown text may be cut."""

from rich.markdown import Markdown


def whole_blocks(text: str) -> int:
    """Return how much of a growing Markdown text cannot change its looks any more.

    That is all but its last block. Half a line counts for nothing: the `2` that would
    end a list may become the `2.` that continues it.
    """
    lines = text.split("\n")[:-1]
    tokens = Markdown("\n".join(lines)).parsed
    starts = [token.map[0] for token in tokens if token.level == 0 and token.map]
    if len(starts) < 2:
        return 0
    return sum(len(line) + 1 for line in lines[: starts[-1]])
