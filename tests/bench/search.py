"""Searching 100,000 files, beside ripgrep used plainly."""

import asyncio
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from abstractllm.workspace import ripgrep
from abstractllm.workspace.files import Workspace
from tests.bench.rows import Row, median, say

FILES = 100_000
FILES_IN_A_FOLDER = 50
ROUNDS = 5
BUDGET = 2.0

WORDS = "import return session turn model message self None def class stream the"
IGNORED = "*.pyc\n__pycache__/\n/build/\n.cache/\nlogs/**/*.log\n"


def build(folder: Path) -> None:
    """Fill a folder with source files of about 2 KB; the last one holds `Needle`."""
    chance = random.Random(1)
    texts = ["\n".join(chance.choices(WORDS.split(), k=400)) for _ in range(100)]
    for number in range(FILES):
        unit = number // FILES_IN_A_FOLDER
        place = folder / f"part{unit // 100:02}/unit{unit}"
        if number % FILES_IN_A_FOLDER == 0:
            place.mkdir(parents=True)
        (place / f"file{number}.py").write_text(chance.choice(texts))
    (place / "last.py").write_text("the Needle is here\n")
    (folder / ".gitignore").write_text(IGNORED)


async def ours(folder: Path) -> float:
    """Return the seconds that a search takes."""
    began = perf_counter()
    found = await Workspace([folder]).search("needle", "*", 200, match_case=False)
    took = perf_counter() - began
    assert [match.text for match in found.items] == ["the Needle is here"]
    return took


def reference(folder: Path) -> float:
    """Return the seconds that ripgrep takes."""
    began = perf_counter()
    command = ["rg", "--no-config", "--ignore-case", "needle", str(folder)]
    found = subprocess.run(command, check=True, capture_output=True).stdout
    took = perf_counter() - began
    assert found.endswith(b"the Needle is here\n")
    return took


def measure() -> list[Row]:
    """Return the row of the table; on stderr, what it takes without ripgrep."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        pairs = [(asyncio.run(ours(folder)), reference(folder)) for _ in range(ROUNDS)]
        with patch.object(ripgrep, "find_program", return_value=None):
            alone = median([asyncio.run(ours(folder)) for _ in range(3)])
    sys.stderr.write(f"without ripgrep: {alone:.2f} s\n")
    return [
        Row(
            what=f"search in {FILES:,} files",
            unit="s",
            ours=median([pair[0] for pair in pairs]),
            against="ripgrep",
            reference=median([pair[1] for pair in pairs]),
            budget=BUDGET,
        )
    ]


if __name__ == "__main__":
    say(measure())
