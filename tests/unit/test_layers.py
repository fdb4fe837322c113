"""The layers of design.md: who may import whom, kept by reading the sources.

A module may import from layers below its own, and from its own layer as long as no
circle comes of it. Imports for types only, and imports inside functions, count too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SESSION = [
    ["abstractllm.session"],
    ["abstractllm.session.manager"],
    ["abstractllm.session.waiting", "abstractllm.session.importing"],
    ["abstractllm.session.open_sessions"],
    ["abstractllm.session.session"],
    ["abstractllm.session.titling"],
    ["abstractllm.session.compacting"],
    ["abstractllm.session.answering"],
    [
        "abstractllm.session.branching",
        "abstractllm.session.turn",
        "abstractllm.session.compactor",
    ],
    ["abstractllm.session.summarizing"],
    ["abstractllm.session.conversation"],
    ["abstractllm.session.checkpoints", "abstractllm.session.call_round"],
    ["abstractllm.session.turn_changes", "abstractllm.session.tool_run"],
    [
        "abstractllm.session.recording",
        "abstractllm.session.permission",
        "abstractllm.session.turn_options",
    ],
    [
        "abstractllm.session.draft",
        "abstractllm.session.selection",
        "abstractllm.session.trust",
    ],
    ["abstractllm.session.journal", "abstractllm.session.session_file"],
    ["abstractllm.session.saving"],
    [
        "abstractllm.session.outage",
        "abstractllm.session.history",
        "abstractllm.session.reply",
        "abstractllm.session.context_use",
        "abstractllm.session.markdown",
    ],
    ["abstractllm.session.compacted"],
]
"""A room has floors of its own: here, every file of it stands on one."""

LIBRARY = [
    ["abstractllm"],
    *SESSION,
    ["abstractllm.providers", "abstractllm.store", "abstractllm.pricing"],
    ["abstractllm.projection", "abstractllm.tools"],
    ["abstractllm.events", "abstractllm.interface"],
    ["abstractllm.encoding", "abstractllm.workspace"],
    [
        "abstractllm.messages",
        "abstractllm.errors",
        "abstractllm.enums",
        "abstractllm.blocking",
        "abstractllm.environment",
        "abstractllm.finishing",
        "abstractllm.loading",
        "abstractllm.pictures",
    ],
]

SERVER = [
    ["abstractllm_server.__main__"],
    ["abstractllm_server.app"],
    ["abstractllm_server.features"],
    ["abstractllm_server.server", "abstractllm_server.shown"],
    ["abstractllm_server.context"],
    [
        "abstractllm_server.running_turn",
        "abstractllm_server.settings",
        "abstractllm_server.workspace",
    ],
    ["abstractllm_server.editor"],
    [
        "abstractllm_server.documents",
        "abstractllm_server.updates",
        "abstractllm_server.progress",
        "abstractllm_server.arguments",
        "abstractllm_server.jsonrpc",
    ],
    [
        "abstractllm_server.protocol",
        "abstractllm_server.positions",
        "abstractllm_server.keys",
        "abstractllm_server.reader",
        "abstractllm_server.writer",
        "abstractllm_server.errors",
    ],
]

LAYERS = SERVER + LIBRARY

BY_FILE = {"abstractllm", "abstractllm.session"}
"""Packages whose files stand on different layers, each of them in the table."""

SDKS = {"openai", "anthropic", "ollama", "xllamacpp"}


def sources() -> dict[str, Path]:
    """Return every module of the library and the server by its name."""
    found = {}
    for base in (ROOT, ROOT / "server"):
        for package in ("abstractllm", "abstractllm_server"):
            for path in (base / package).rglob("*.py"):
                name = ".".join(path.relative_to(base).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = path
    return found


SOURCES = sources()


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in SOURCES else node.module


def layer(module: str) -> int:
    """Return the index of a module's layer, 0 being the uppermost."""
    names = [module.rsplit(".", n)[0] for n in range(module.count(".") + 1)]
    for name in names:
        for index, members in enumerate(LAYERS):
            if name in members and (name == module or name not in BY_FILE):
                return index
    raise AssertionError(f"{module} is in no layer: add it to the table above")


ARROWS = {
    (module, imported)
    for module, path in SOURCES.items()
    for imported in imports(path)
    if imported in SOURCES
}


def test_no_import_runs_back_up() -> None:
    wrong = {(a, b) for a, b in ARROWS if a != b and layer(a) > layer(b)}

    assert wrong == set()


def test_no_two_files_import_each_other() -> None:
    assert {(a, b) for a, b in ARROWS if (b, a) in ARROWS and a != b} == set()


def test_there_are_no_circles() -> None:
    graph: dict[str, set[str]] = {}
    for module, imported in ARROWS:
        graph.setdefault(module, set()).add(imported)

    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_library_has_never_heard_of_the_language_server() -> None:
    foreign = {
        (module, imported)
        for module, path in SOURCES.items()
        for imported in imports(path)
        if module.split(".")[0] == "abstractllm"
        and imported.split(".")[0] in {"pygls", "lsprotocol", "abstractllm_server"}
    }

    assert foreign == set()


def test_a_vendors_sdk_is_imported_in_the_files_named_after_it_only() -> None:
    homes = {
        (module, imported.split(".")[0])
        for module, path in SOURCES.items()
        for imported in imports(path)
        if imported.split(".")[0] in SDKS
    }

    assert homes == {
        ("abstractllm.providers.openai", "openai"),
        ("abstractllm.providers.openai_reply", "openai"),
        ("abstractllm.providers.anthropic", "anthropic"),
        ("abstractllm.providers.anthropic_reply", "anthropic"),
        ("abstractllm.providers.ollama", "ollama"),
        ("abstractllm.providers.llama_server", "xllamacpp"),
    }


def test_no_module_makes_up_its_names_when_they_are_asked_for() -> None:
    makers = {
        module
        for module, path in SOURCES.items()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"
    }

    assert makers == set()


def test_features_do_not_import_each_other_and_only_app_imports_them() -> None:
    package = "abstractllm_server.features"
    importers = {a for a, b in ARROWS if b.startswith(package) and a != b}

    assert importers == {"abstractllm_server.app"}


def test_only_protocol_holds_method_names() -> None:
    holders = {
        module
        for module, path in SOURCES.items()
        if '"abstractllm/' in path.read_text(encoding="utf-8")
    }

    assert holders == {"abstractllm_server.protocol"}


def test_the_terminal_client_knows_nothing_of_ours_but_the_protocol() -> None:
    known = {
        imported
        for path in (ROOT / "editors/terminal").rglob("*.py")
        for imported in imports(path)
        if imported.split(".")[0] in {"abstractllm", "abstractllm_server"}
    }

    assert known <= {"abstractllm_server.protocol"}


@pytest.mark.parametrize(
    "statement",
    [
        "import abstractllm",
        "from abstractllm import Session; Session(provider='openai')",
        "from abstractllm import create_llm as c; "
        "[c(name) for name in ('openai', 'anthropic', 'ollama', 'huggingface')]",
        "from abstractllm_server.app import create_server; create_server()",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(statement: str) -> None:
    heavy = sorted(SDKS | {"pydantic", "httpx", "httpx2"})
    code = f"import sys; {statement}; print([m for m in {heavy} if m in sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
