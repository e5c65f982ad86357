"""The files of the demonstration's data, row by row."""

import csv
from pathlib import Path

DATA = Path(__file__).parent / "data"
PUBLISHED = DATA / "kz2022"  # what was reported in public of the election of 20 November 2022


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of one file, by their headers."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
