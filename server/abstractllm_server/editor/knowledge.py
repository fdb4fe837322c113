"""Tools by which a model asks what the editor's language servers know."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol.types import Position
from pygls.workspace import ServerTextPosition

from abstractllm.enums import ToolKind
from abstractllm.errors import FileRefused, InvalidParameter
from abstractllm.tools.definition import ToolDefinition
from abstractllm.tools.edits import EditTools
from abstractllm.tools.proposal import Proposal
from abstractllm.workspace.documents import Document
from abstractllm.workspace.lines import lines_of
from abstractllm.workspace.view import path_of_uri
from abstractllm_server.editor.live_workspace import LiveWorkspace
from abstractllm_server.editor.problems import MOST_PROBLEMS, told
from abstractllm_server.editor.queries import Location, Queries, QueryFailed
from abstractllm_server.editor.renaming import changes_of

MOST_PLACES = 100
LONGEST_LINE = 200

_NEEDS = {
    "get_diagnostics": "diagnostics",
    "find_symbols": "symbols",
    "go_to_definition": "definition",
    "find_references": "references",
    "rename_symbol": "rename",
    "get_open_files": "openFiles",
}
"""Which kind of query each tool needs the editor to answer."""


class KnowledgeTools:
    """What only the editor knows; its docstrings are written for the model."""

    def __init__(
        self,
        queries: Queries,
        workspace: LiveWorkspace,
        edits: EditTools,
    ) -> None:
        self._queries = queries
        self._workspace = workspace
        self._edits = edits

    @property
    def definitions(self) -> list[ToolDefinition]:
        """The tools that this editor can answer, to be offered to a model."""
        functions: list[Callable[..., Awaitable[Any]]] = [
            self.get_diagnostics,
            self.find_symbols,
            self.go_to_definition,
            self.find_references,
            self.rename_symbol,
            self.get_open_files,
        ]
        return [
            ToolDefinition.from_function(
                function,
                ToolKind.EDIT if name == "rename_symbol" else ToolKind.READ,
            )
            for function in functions
            if self._queries.can(_NEEDS[name := function.__name__])
        ]

    async def get_diagnostics(self, path: str | None = None) -> str:
        """List the problems that the user's editor shows: errors, warnings, hints.

        Of one file, or without a path of all files that are open in the editor.
        """
        paths = [path] if path is not None else await self._open_paths()
        lines = []
        for name in paths:
            try:
                document = await self._workspace.read(name)
            except FileRefused:
                if path is None:
                    continue
                raise
            problems = await self._queries.diagnostics(document.uri)
            lines += [told(document.name, problem) for problem in problems]
        return _listed(lines, MOST_PROBLEMS, "problems")

    async def find_symbols(
        self, query: str | None = None, path: str | None = None
    ) -> str:
        """Find classes, functions and other symbols by name, or list those of a file.

        With a query, in the whole project; with a path, in one file; with both, those
        of the file whose name holds the query.
        """
        if path is None:
            if not query:
                raise InvalidParameter("Give a query, a path, or both.")
            found = await self._queries.symbols(query)
            lines = [
                f"{self._name(symbol.uri or '')}:{symbol.line}: "
                f"{symbol.kind} {symbol.name}"
                + (f" (in {symbol.container})" if symbol.container else "")
                for symbol in found
            ]
            return _listed(lines, MOST_PLACES, "symbols")
        document = await self._workspace.read(path)
        found = await self._queries.symbols_of(document.uri)
        lines = [
            f"{symbol.line:>6}  {'  ' * symbol.depth}{symbol.kind} {symbol.name}"
            for symbol in found
            if (query or "").casefold() in symbol.name.casefold()
        ]
        return _listed(lines, MOST_PLACES, "symbols")

    async def go_to_definition(self, path: str, line: int, symbol: str) -> str:
        """Tell where a symbol is defined, and what the editor says about it.

        The symbol is named as it stands in the given line of the file; lines count
        from 1.
        """
        document = await self._workspace.read(path)
        place = self._place(document, line, symbol)
        found = await self._queries.locations("definition", document.uri, place)
        lines = [await self._shown(location) for location in found]
        answer = _listed(lines, MOST_PLACES, "definitions")
        if not self._queries.can("hover"):
            return answer
        about = await self._queries.hover(document.uri, place)
        return f"{answer}\n\n{about}".rstrip()

    async def find_references(self, path: str, line: int, symbol: str) -> str:
        """List all places where a symbol is used, by what it means and not by its text.

        The symbol is named as it stands in the given line of the file; lines count
        from 1.
        """
        document = await self._workspace.read(path)
        place = self._place(document, line, symbol)
        found = await self._queries.locations("references", document.uri, place)
        lines = [await self._shown(location) for location in found[:MOST_PLACES]]
        return _listed(lines, MOST_PLACES, "references", more=len(found) > MOST_PLACES)

    async def rename_symbol(
        self, path: str, line: int, symbol: str, new_name: str
    ) -> Proposal:
        """Rename a symbol wherever it is used, by what it means and not by its text.

        The symbol is named as it stands in the given line of the file; lines count
        from 1. The user sees the change and may refuse it.
        """
        document = await self._workspace.read(path)
        place = self._place(document, line, symbol)
        edit = await self._queries.rename(document.uri, place, new_name)
        files = await changes_of(edit, self._workspace, self._workspace.codec)
        if not files:
            raise QueryFailed(f"The editor finds nothing to rename for {symbol}.")
        return await self._edits.proposal(f"Rename {symbol} to {new_name}", *files)

    async def get_open_files(self) -> str:
        """List the files that are open in the user's editor, and what is selected."""
        lines = []
        for document in await self._queries.open_files():
            facts = [word for word in ("active", "visible") if document.get(word)]
            selection = document.get("selection")
            if isinstance(selection, dict) and selection["start"] != selection["end"]:
                first, last = selection["start"]["line"], selection["end"]["line"]
                facts.append(f"lines {first + 1} to {last + 1} are selected")
            name = self._name(str(document.get("uri")))
            lines.append(f"{name} ({', '.join(facts)})" if facts else name)
        return _listed(lines, MOST_PLACES, "open files")

    async def _open_paths(self) -> list[str]:
        if not self._queries.can("openFiles"):
            raise InvalidParameter("Name a file by its path.")
        return [str(d.get("uri")) for d in await self._queries.open_files()]

    def _place(self, document: Document, line: int, symbol: str) -> dict[str, int]:
        lines = lines_of(document.text)
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        found = re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", text)
        if not symbol or found is None:
            raise InvalidParameter(
                f"Line {line} of {document.name} does not hold {symbol!r}. It is: "
                f"{text.strip()[:LONGEST_LINE]!r}."
            )
        place: Position = self._workspace.codec.position_to_client_units(
            lines, ServerTextPosition(line - 1, found.start())
        )
        return {"line": place.line, "character": place.character}

    async def _shown(self, location: Location) -> str:
        """Return a place with its line, if that may be seen."""
        shown = f"{self._name(location.uri)}:{location.line + 1}"
        try:
            document = await self._workspace.read(location.uri)
        except FileRefused:
            return shown
        lines = lines_of(document.text)
        text = lines[location.line] if location.line < len(lines) else ""
        return f"{shown}: {text.strip()[:LONGEST_LINE]}"

    def _name(self, uri: str) -> str:
        path = path_of_uri(uri) or uri
        for folder in self._workspace.folders:
            if path.startswith(f"{folder}/"):
                return path.removeprefix(f"{folder}/")
        return path


def _listed(lines: list[str], most: int, things: str, *, more: bool = False) -> str:
    if not lines:
        return f"The editor shows no {things}."
    more = more or len(lines) > most
    return "\n".join([*lines[:most], *([f"There are more {things}."] if more else [])])
