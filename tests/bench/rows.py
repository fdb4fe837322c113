"""What a benchmark finds: a figure of ours beside its reference of the same run."""

import json
import sys
from collections.abc import Sequence

import attrs


@attrs.frozen(kw_only=True)
class Row:
    """One line of the table.

    With a `reference`, measured in turns with ours, `budget` is the most that ours may
    be as a multiple of it; without one it is the most in the row's own `unit`.
    """

    what: str
    unit: str
    ours: float
    against: str = ""
    reference: float | None = None
    budget: float

    @property
    def value(self) -> float:
        """What the budget is held against."""
        return self.ours if self.reference is None else self.ours / self.reference

    @property
    def holds(self) -> bool:
        """Whether the budget holds."""
        return self.value <= self.budget


def say(rows: Sequence[Row]) -> None:
    """Write rows to stdout for `read`, and for people."""
    for row in rows:
        sys.stdout.write(json.dumps(attrs.asdict(row)) + "\n")


def read(output: str) -> list[Row]:
    """Return the rows that a benchmark wrote among whatever else."""
    lines = [line for line in output.splitlines() if line.startswith('{"what"')]
    return [Row(**json.loads(line)) for line in lines]


def median(values: Sequence[float]) -> float:
    """Return the middle one of some values."""
    return sorted(values)[len(values) // 2]
