"""Asking the editor what only it knows, by the language servers that run in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from pygls.exceptions import JsonRpcException

from abstractllm.errors import UsageError
from abstractllm_server.editor.asking import Asking
from abstractllm_server.protocol import EDITOR_QUERY

ANSWER_SECONDS = 15.0
"""How long a language server may take."""

Json = Mapping[str, Any]


class QueryFailed(UsageError):
    """The editor could not tell; the message is for the model."""

    kind = "queryFailed"


@attrs.frozen(kw_only=True)
class Problem:
    """A diagnostic; `line` and `column` count from 1."""

    line: int
    column: int
    severity: str
    message: str
    source: str


@attrs.frozen(kw_only=True)
class Location:
    """A place in a file, with LSP's own line and character."""

    uri: str
    line: int
    character: int


@attrs.frozen(kw_only=True)
class Symbol:
    """Something that has a name; `depth` tells how deep it lies in others."""

    name: str
    kind: str
    line: int
    """From 1."""
    uri: str | None = None
    container: str | None = None
    depth: int = 0


class Queries:
    """The editor's answers as values; what is not in their shape is left out.

    Every method may raise `QueryFailed`.
    """

    def __init__(self, editor: Asking) -> None:
        self._editor = editor

    def can(self, kind: str) -> bool:
        """Return whether the editor answers a kind of query."""
        kinds = self._editor.client_capability("editorQueries")
        return isinstance(kinds, list) and kind in kinds

    async def diagnostics(self, uri: str) -> list[Problem]:
        """Return the problems of a file, by line."""
        return await self.reported(uri) or []

    async def reported(self, uri: str) -> list[Problem] | None:
        """Return the problems of a file; `None` where nothing looks for any."""
        found = await self._ask("diagnostics", uri=uri)
        if found is None:
            return None
        problems = [_problem(item) for item in _objects(found)]
        return sorted(problems, key=lambda problem: (problem.line, problem.column))

    async def symbols_of(self, uri: str) -> list[Symbol]:
        """Return the symbols of a file, in its order."""
        return list(_symbols(await self._ask("symbols", uri=uri), 0))

    async def symbols(self, query: str) -> list[Symbol]:
        """Return the symbols of the workspace that fit a query."""
        return list(_symbols(await self._ask("symbols", query=query), 0))

    async def locations(self, kind: str, uri: str, position: Json) -> list[Location]:
        """Return where the `definition`, or the `references`, of a symbol are."""
        found = await self._ask(kind, uri=uri, position=position)
        items = [found] if isinstance(found, Mapping) else found
        return [_location(item) for item in _objects(items)]

    async def hover(self, uri: str, position: Json) -> str:
        """Return what the editor shows for a symbol, empty for nothing."""
        found = await self._ask("hover", uri=uri, position=position)
        return _marked(found.get("contents")) if isinstance(found, Mapping) else ""

    async def rename(self, uri: str, position: Json, new_name: str) -> Json:
        """Return the `WorkspaceEdit` that renames a symbol."""
        found = await self._ask("rename", uri=uri, position=position, newName=new_name)
        if not isinstance(found, Mapping):
            raise QueryFailed("Nothing that can be renamed is there.")
        return found

    async def open_files(self) -> list[Json]:
        """Return the open documents as the editor tells of them."""
        found = await self._ask("openFiles")
        documents = found.get("documents") if isinstance(found, Mapping) else None
        return _objects(documents)

    async def _ask(self, kind: str, **params: Any) -> Any:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._editor.ask(EDITOR_QUERY, {"kind": kind, **params})
        except TimeoutError:
            raise QueryFailed("The editor's language server did not answer.") from None
        except JsonRpcException as error:
            raise QueryFailed(f"The editor cannot tell: {error.message}") from error


def _objects(items: Any) -> list[Json]:
    if not isinstance(items, Sequence) or isinstance(items, str):
        return []
    return [item for item in items if isinstance(item, Mapping)]


_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


def _problem(item: Json) -> Problem:
    line, character = _start(item.get("range"))
    code = item.get("code")
    named = [item.get("source"), code if isinstance(code, str | int) else None]
    return Problem(
        line=line + 1,
        column=character + 1,
        severity=_SEVERITIES.get(item.get("severity", 1), "error"),
        message=str(item.get("message", "")),
        source=" ".join(str(word) for word in named if word is not None),
    )


def _location(item: Json) -> Location:
    uri = item.get("uri") or item.get("targetUri")
    line, character = _start(item.get("range") or item.get("targetSelectionRange"))
    return Location(uri=str(uri), line=line, character=character)


def _symbols(found: Any, depth: int) -> Iterator[Symbol]:
    for item in _objects(found):
        location = item.get("location")
        location = location if isinstance(location, Mapping) else {}
        line, _ = _start(item.get("selectionRange") or location.get("range"))
        yield Symbol(
            name=str(item.get("name", "")),
            kind=_KINDS.get(item.get("kind", 0), "symbol"),
            line=line + 1,
            uri=location.get("uri"),
            container=item.get("containerName"),
            depth=depth,
        )
        yield from _symbols(item.get("children"), depth + 1)


def _start(found: Any) -> tuple[int, int]:
    start = found.get("start") if isinstance(found, Mapping) else None
    if not isinstance(start, Mapping):
        return 0, 0
    line, character = start.get("line"), start.get("character")
    return (
        line if isinstance(line, int) else 0,
        character if isinstance(character, int) else 0,
    )


def _marked(contents: Any) -> str:
    """Return the text of a hover: of a `MarkupContent` or of `MarkedString`s."""
    if isinstance(contents, str):
        return contents.strip()
    if isinstance(contents, Mapping):
        return str(contents.get("value", "")).strip()
    if isinstance(contents, Sequence):
        return "\n".join(filter(None, map(_marked, contents)))
    return ""


_KINDS = dict(
    enumerate(
        [
            "file",
            "module",
            "namespace",
            "package",
            "class",
            "method",
            "property",
            "field",
            "constructor",
            "enum",
            "interface",
            "function",
            "variable",
            "constant",
            "string",
            "number",
            "boolean",
            "array",
            "object",
            "key",
            "null",
            "member",
            "struct",
            "event",
            "operator",
            "typeParameter",
        ],
        1,
    )
)
"""LSP's `SymbolKind`, in order."""
