"""Globs as gitignore(5) has them: `*.py`, `src/**`, `**/test_*.py`, `/build`.

They stand in ignore files and come from models, so none may take long. What follows a
`*` is looked for once, and the first place where it fits is taken for good: the next
`*` can take all that lies between.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

_PLAIN_START = re.compile(r"[^*?\[\\]*")
_PLAIN_END = re.compile(r"[^*?\[\]\\/]*$")
_DIFFICULT = re.compile(r"[\[\\]")

NEVER = "(?!)"
"""The regular expression that matches nothing."""

_ANYWHERE = "**"

_SEGMENT = re.compile(r"(?:\[[!^]?]?(?:\[:\w*:]|\\.|[^]\\])*]|\\.|[^/])*", re.DOTALL)

_TOKEN = re.compile(
    r"(?P<star>\*+)|(?P<any>\?)|\\(?P<escaped>.)"
    r"|\[(?P<negated>[!^])?(?P<members>]?(?:\[:\w*:]|\\.|[^]\\])*)]"
    r"|(?P<literal>[^\\[])",
    re.DOTALL,
)

_MEMBER = re.compile(
    r"\[:(?P<named>\w*):]|\\?(?P<first>.)(?:-\\?(?P<last>.))?", re.DOTALL
)

_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def translated(glob: str) -> str:
    """Return the regular expression, without groups, that matches a whole path.

    Paths have forward slashes, and none in front. What is not well formed, such as
    `[a`, matches nothing.
    """
    segments = [_segment(part) for part in _parts(glob.removeprefix("/"))]
    if NEVER in segments:
        return NEVER
    first, *others = _runs(segments)
    if not others:
        return first
    *between, last = others
    return "".join(
        [
            first and f"{first}/",
            *(f"(?>(?:[^/]+/)*?{run}/)" for run in between if run),
            f"(?:[^/]+/)*{last}" if last else ".+",
        ]
    )


def path_filter(glob: str) -> Callable[[str], bool]:
    """Return what tells whether a glob fits a file's path.

    One without a slash is for the last part of the path. One that ends with a slash is
    for all that lies in a folder.
    """
    glob = glob.removeprefix("./")
    if glob.endswith("/"):
        glob += "**"
    expression = re.compile(translated(glob), re.DOTALL)
    if "/" in glob:
        return lambda path: expression.fullmatch(path) is not None
    return lambda path: expression.fullmatch(last_part(path)) is not None


def _parts(glob: str) -> Iterator[str]:
    """Yield what stands between the slashes; one inside of `[]` does not part."""
    start = 0
    while part := _SEGMENT.match(glob, start):
        yield part[0]
        start = part.end() + 1
        if start > len(glob):
            return


def _runs(segments: list[str]) -> Iterator[str]:
    """Yield what stands between the `**`."""
    run: list[str] = []
    for segment in segments:
        if segment == _ANYWHERE:
            yield "/".join(run)
            run = []
        else:
            run.append(segment)
    yield "/".join(run)


def _segment(part: str) -> str:
    if len(part) > 1 and not part.strip("*"):
        return _ANYWHERE
    chunks = [""]
    start = 0
    while start < len(part):
        token = _TOKEN.match(part, start)
        if token is None:
            return NEVER
        if token["star"]:
            chunks.append("")
        else:
            chunks[-1] += _one_character(token)
        start = token.end()
    first, *others = chunks
    if not others:
        return first
    *between, last = others
    searches = (f"(?>[^/]*?{chunk})" for chunk in between)
    return f"{first}{''.join(searches)}[^/]*{last}"


def _one_character(token: re.Match[str]) -> str:
    if token["any"]:
        return "[^/]"
    if token["members"] is None:
        return re.escape(token["escaped"] or token["literal"])
    members = "".join(map(_member, _MEMBER.finditer(token["members"])))
    if token["negated"]:
        return f"[^/{members}]"
    return f"(?!/)[{members}]" if members else NEVER


def _member(member: re.Match[str]) -> str:
    named, first, last = member.group("named", "first", "last")
    if named is not None:
        return _NAMED.get(named, "")
    if last is None:
        return re.escape(first)
    return f"{re.escape(first)}-{re.escape(last)}" if first <= last else ""


def last_part(path: str) -> str:
    """Return the last part of a path, with the slash that a folder's ends with."""
    return path[path.rfind("/", 0, -1) + 1 :]


class Glance:
    """Tells at little cost of most paths that they fit none of some globs.

    Each glob has a word that must be there: the whole name, its beginning, its end,
    something in it, or the beginning of the path.
    """

    def __init__(self, globs: Sequence[str]) -> None:
        words: dict[str, list[str]] = defaultdict(list)
        for glob in globs:
            place, word = _needed(glob)
            words[place].append(word)
        self._names = frozenset(words["name"])
        self._starts = tuple(words["start"])
        self._ends = tuple(words["end"])
        within = [re.escape(word) for word in words["within"]] or [NEVER]
        self._within = re.compile("|".join(within))
        self._paths = tuple(words["path"])

    def may_fit(self, path: str) -> bool:
        """Return false only where none of the globs fits."""
        name = last_part(path).removesuffix("/")
        return (
            name in self._names
            or name.endswith(self._ends)
            or name.startswith(self._starts)
            or path.startswith(self._paths)
            or self._within.search(name) is not None
        )


def _needed(glob: str) -> tuple[str, str]:
    """Return what a fitting path must have, and where it must have it."""
    anchored = "/" in glob
    glob = glob.removeprefix("/")
    start, end = _PLAIN_START.match(glob), _PLAIN_END.search(glob)
    if anchored and start and start[0]:
        return "path", start[0]
    if start and start[0] == glob:
        return "name", glob
    if end and end[0]:
        return "end", end[0]
    if start and start[0]:
        return "start", start[0]
    if anchored or _DIFFICULT.search(glob):
        return "within", ""
    return "within", max(re.split(r"[*?]", glob), key=len)
