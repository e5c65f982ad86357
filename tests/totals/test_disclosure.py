"""Nobody is told apart: what a published table leaves out cannot be worked out from the rest."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.totals.disclosure import THRESHOLD, suppressed

ROWS, COLUMNS = ("a", "b", "c"), ("x", "y", "z")
tables = st.integers(1, 3).flatmap(
    lambda rows: st.integers(1, 3).flatmap(
        lambda columns: st.fixed_dictionaries(
            {cell: st.integers(0, 7) for cell in product(ROWS[:rows], COLUMNS[:columns])}
        )
    )
)


def sums(table):
    """The totals of rows and columns."""
    found = {}
    for (row, column), count in table.items():
        found["row", row] = found.get(("row", row), 0) + count
        found["column", column] = found.get(("column", column), 0) + count
    return found


def fills(room, cells):
    """Every way to fill the hidden cells so that the totals come out."""
    if not cells:
        if not any(room.values()):
            yield {}
        return
    (row, column), *rest = cells
    for count in range(min(room["row", row], room["column", column]) + 1):
        left = room | {
            ("row", row): room["row", row] - count,
            ("column", column): room["column", column] - count,
        }
        for found in fills(left, rest):
            yield found | {(row, column): count}


def is_guessed(table, hidden, cell):
    """Whether only one count is possible in a hidden cell, by trying all."""
    shown = sums({at: count for at, count in table.items() if at not in hidden})
    room = {name: total - shown.get(name, 0) for name, total in sums(table).items()}
    seen = set()
    for found in fills(room, sorted(hidden)):
        seen.add(found[cell])
        if len(seen) > 1:
            return False
    return True


@settings(max_examples=150)
@given(tables)
def test_no_small_count_is_shown_or_follows_from_the_totals(table):
    hidden = suppressed(table)
    small = [cell for cell, count in table.items() if 0 < count < THRESHOLD]
    if hidden is None:
        assert small
        return
    assert hidden >= set(small)
    for cell in small:
        assert not is_guessed(table, hidden, cell)


@given(tables)
def test_what_tells_nobody_apart_is_published_whole(table):
    large = {cell: count * THRESHOLD for cell, count in table.items()}
    assert suppressed(large) == frozenset()


def test_the_smallest_rectangle_is_hidden():
    table = {
        ("KZ", "expert"): 3,
        ("KZ", "head"): 20,
        ("TR", "expert"): 30,
        ("TR", "head"): 9,
        ("UZ", "expert"): 6,
        ("UZ", "head"): 8,
    }
    assert suppressed(table) == {
        ("KZ", "expert"),
        ("KZ", "head"),
        ("UZ", "expert"),
        ("UZ", "head"),
    }


def test_a_single_row_is_not_published_with_its_totals():
    assert suppressed({("KZ", "expert"): 3, ("KZ", "head"): 20}) is None
