"""All benchmarks, one after the other: `make bench`.

Each runs in a process of its own. What they find is printed, and written into
`docs/benchmarks.md` with a picture.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.picture import draw
from tests.bench.rows import Row, read

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/benchmarks.md"
PICTURE = ROOT / "docs/pictures/benchmarks.png"
MARK = "<!-- made by make bench -->\n"

BENCHMARKS = (
    "startup",
    "relay",
    "request",
    "serving",
    "loading",
    "search",
    "history",
    "endurance",
)


def main() -> None:
    rows = [row for name in BENCHMARKS for row in run(name)]
    table = table_of(rows)
    sys.stdout.write(f"\n{table}\n")
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    _, _, tail = rest.partition(MARK)
    found = f"{machine()}\n\n{table}"
    PAGE.write_text(f"{head}{MARK}{found}{MARK}{tail}", encoding="utf-8")
    draw(rows, PICTURE)


def run(name: str) -> list[Row]:
    """Return what one benchmark finds; it says on stderr how it goes."""
    sys.stdout.write(f"{name} ...\n")
    sys.stdout.flush()
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return read(ran.stdout)


def table_of(rows: Sequence[Row]) -> str:
    """Return rows as a table in Markdown."""
    lines = [
        "| what | ours | reference | ratio | budget | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        reference, ratio, budget = "–", "–", f"≤ {row.budget:g} {row.unit}"
        if row.reference is not None:
            reference = f"{row.against}: {shown(row.reference)} {row.unit}"
            ratio, budget = f"{row.value:.2f} ×", f"≤ {row.budget:g} ×"
        verdict = "holds" if row.holds else "**missed**"
        ours = f"{shown(row.ours)} {row.unit}"
        lines.append(
            f"| {row.what} | {ours} | {reference} | {ratio} | {budget} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


def shown(figure: float) -> str:
    """Return a figure with three digits that count."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def machine() -> str:
    """Return what all figures were measured on."""
    return (
        f"Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores."
    )


if __name__ == "__main__":
    main()
