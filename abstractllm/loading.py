"""Importing what is heavy on first use: once, whole, and off the event loop."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module

_importer = ThreadPoolExecutor(1, thread_name_prefix="abstractllm-import")
"""Its only thread makes imports wait for one another.

A module stands in `sys.modules` while it is being imported. Whoever looks there takes
half a module for a whole one, and two threads that import modules of one circle at once
are given halves by Python itself.
"""

_imports: dict[tuple[str, ...], Future[None]] = {}


async def load(*modules: str) -> None:
    """Import modules without holding up the event loop: an SDK takes seconds.

    Raises `ImportError` as `import` does, and tries again when it is asked again.
    """
    imported = _imports.get(modules)
    if imported is None:
        imported = _imports.setdefault(modules, _importer.submit(_import, modules))
    try:
        # Shielded: the others wait for the same import when one of them is cancelled.
        await asyncio.shield(asyncio.wrap_future(imported))
    except Exception:
        _imports.pop(modules, None)
        raise


def _import(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)
