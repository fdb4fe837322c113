"""Tools by which a model looks into the workspace."""

from collections.abc import Sequence

from abstractllm.enums import ToolKind
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.seen import Seen
from abstractllm.workspace.documents import Document, Found
from abstractllm.workspace.files import Workspace
from abstractllm.workspace.lines import bare_lines_of

MOST_LINES = 1000
MOST_CHARACTERS = 60_000
LONGEST_LINE = 1000
MOST_NAMES = 500
MOST_MATCHES = 200


class FileTools:
    """`read_file`, `list_files` and `search_text` over a workspace.

    The docstrings of the three are written for the model that calls them.
    """

    def __init__(self, workspace: Workspace, seen: Seen | None = None) -> None:
        self._workspace = workspace
        self._seen = seen or Seen()

    @property
    def definitions(self) -> list[ToolDefinition]:
        """The tools, to be offered to a model."""
        functions = (self.read_file, self.list_files, self.search_text)
        return [ToolDefinition.from_function(f, ToolKind.READ) for f in functions]

    async def read_file(
        self, path: str, start_line: int = 1, end_line: int | None = None
    ) -> str:
        """Read a text file of the user's project, with line numbers.

        The text is what the user sees in the editor, unsaved changes included. Lines
        count from 1 and end_line is the last one shown. Paths are relative to the
        project's folder. Long files are shown in part: ask again with start_line.
        """
        document = await self._workspace.read(path)
        self._seen.note(document)
        lines = bare_lines_of(document.text)
        first = max(start_line, 1)
        last = min(end_line or len(lines), len(lines), first + MOST_LINES - 1)
        shown = []
        size = 0
        for number in range(first, last + 1):
            line = f"{number:>6}  {_shortened(lines[number - 1])}"
            size += len(line) + 1
            if size > MOST_CHARACTERS:
                last = number - 1
                break
            shown.append(line)
        return "\n".join([_heading(document, len(lines), first, last), *shown])

    async def list_files(self, folder: str = ".", pattern: str = "*") -> str:
        """List the files of the user's project below a folder.

        The pattern is a glob: *.py for the last part of a path, src/*.py or
        **/test_*.py or src/** for the whole of it. Files that the project ignores are
        left out.
        """
        found = await self._workspace.list(folder, pattern, MOST_NAMES)
        return _told(found, found.items, "files")

    async def search_text(
        self,
        text: str,
        pattern: str = "*",
        match_case: bool = False,
        regex: bool = False,
    ) -> str:
        """Search the files of the user's project for a text, and list matching lines.

        The text is searched for as it is, or with regex as a regular expression of
        Python's, such as ^class [A-Z]; either within single lines. The pattern is a
        glob for the files to search: *.py for the last part of a path, src/*.py or
        **/test_*.py or src/** for the whole of it.
        """
        found = await self._workspace.search(
            text, pattern, MOST_MATCHES, match_case=match_case, regex=regex
        )
        lines = [
            f"{match.name}:{match.line}: {_shortened(match.text.strip())}"
            for match in found.items
        ]
        return _told(found, lines, "matches")


def _heading(document: Document, count: int, first: int, last: int) -> str:
    facts = [f"lines {first} to {last} of {count}" if last >= first else "no lines"]
    if document.version is not None:
        facts.append(f"open in the editor, version {document.version}")
    if document.unsaved:
        facts.append("with unsaved changes")
    if document.is_cut:
        facts.append("the file is larger than what can be read of it")
    return f"{document.name} ({'; '.join(facts)})"


def _told(found: Found[object], lines: Sequence[str], things: str) -> str:
    if not lines:
        return f"No {things} were found."
    if found.complete:
        return "\n".join(lines)
    more = f"There may be more {things}: narrow the folder, the pattern or the text."
    return "\n".join([*lines, more])


def _shortened(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    left_out = len(line) - LONGEST_LINE
    return f"{line[:LONGEST_LINE]}… ({left_out} more characters)"
