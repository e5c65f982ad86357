"""docs/security.md answers every requirement of OWASP ASVS 5.0, level 2, and names real proof.

`asvs_ids.txt` holds the numbers of that standard's requirements and none of its words.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IDS = (ROOT / "tests" / "house" / "asvs_ids.txt").read_text(encoding="ascii").split()
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TESTS = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# What else than a test may prove a row.
OTHERS = ("this page", "ruff S", "mypy", "import-linter", "requirements.lock")
UNMET = ("Partly", "Not met")


def rows():
    """The rows of the table: ids, what is asked, how it is met, what proves it."""
    table = TEXT.partition("\n## ASVS 5.0\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells if row[0].strip() != "ids"]


def ids_of(cell):
    """`1.2.3, 1.2.4` or `10.*`, a whole chapter."""
    for part in cell.split(", "):
        chapter = part.removesuffix("*") if part.endswith(".*") else None
        yield from [each for each in IDS if each.startswith(chapter)] if chapter else [part]


def test_the_standard_is_whole():
    assert len(IDS) == len(set(IDS)) == 253
    assert {each.split(".")[0] for each in IDS} == {str(number) for number in range(1, 18)}


def test_every_requirement_is_answered_once():
    answered = Counter(each for row in rows() for each in ids_of(row[0]))
    assert sorted(set(IDS) - set(answered)) == [], "answer these in docs/security.md"
    assert sorted(set(answered) - set(IDS)) == [], "these are no requirements of levels 1 and 2"
    # A requirement that is met in one part and not in another stands in one row all the same.
    assert [each for each, count in answered.items() if count > 1] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_row_is_whole_and_proven(row):
    assert len(row) == 4, row
    assert all(row), row
    assert TESTS.search(row[3]) or any(other in row[3] for other in OTHERS), (
        "name a test as `tests/part/test_room.py::test_name`"
    )


@pytest.mark.parametrize(("path", "name"), sorted(set(TESTS.findall(TEXT))), ids=str)
def test_every_test_that_is_named_exists(path, name):
    file = ROOT / path
    assert file.is_file(), f"docs/security.md names {path}, which is not there"
    assert re.search(rf"^def {name}\(", file.read_text(encoding="utf-8"), re.M), (
        f"docs/security.md names {name}, which is not in {path}"
    )


def test_nothing_that_looks_like_a_test_escapes_the_check():
    assert len(re.findall(r"::test_", TEXT)) == len(TESTS.findall(TEXT))


def test_what_is_not_met_is_gathered_at_the_end():
    gathered = TEXT.partition("\n## What is not met\n")[2]
    listed = {each for line in gathered.splitlines() for each in re.findall(r"\d+\.\d+\.\d+", line)}
    unmet = {
        each
        for row in rows()
        if any(f"**{word}**" in row[2] for word in UNMET)
        for each in ids_of(row[0])
    }
    assert unmet - listed == set(), "name these under “What is not met”"
    assert listed - unmet == set(), "the table says that these are met"


def test_own_words_are_few():
    assert [row for row in rows() if len(row[1].split()) > 10] == []
