"""The picture of the benchmarks: how much of its budget each figure takes."""

from collections.abc import Sequence
from pathlib import Path

from tests.bench.rows import Row

HELD, MISSED = "#2a7f62", "#c0392b"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw a bar for each row, its budget being 1."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shares = [row.value / row.budget for row in rows]
    figure, axes = pyplot.subplots(figsize=(9, 0.34 * len(rows) + 1.2))
    places = range(len(rows))
    colours = [HELD if row.holds else MISSED for row in rows]
    bars = axes.barh(places, [min(share, 1.6) for share in shares], color=colours)
    axes.bar_label(bars, labels=[label(row) for row in rows], padding=4, fontsize=8)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(places, [row.what for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.9)
    axes.set_xlabel("share of the budget (the line)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def label(row: Row) -> str:
    """Return what stands at a bar's end."""
    if row.reference is None:
        return f"{row.ours:.3g} {row.unit}"
    return f"{row.value:.2f} × {row.against}"
