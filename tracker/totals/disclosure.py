"""Which cells of a table may be published: none by which a few people could be told apart.

A table of counts is published with the totals of its rows and columns, which are known anyhow. A
count of one to four is left out (primary suppression), and as many others as it takes that nobody
works it out from the totals and the cells that stay (secondary suppression; A. Hundepool et al.,
Statistical Disclosure Control, chapter 4).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

THRESHOLD = 5  # the smallest count above zero that is published
Cell = tuple[str, str]


def suppressed(table: Mapping[Cell, int]) -> frozenset[Cell] | None:
    """The cells (row, column) of a whole table that are left out; None: nothing may be published.

    A cell that `table` does not name is zero, and known like any other.
    """
    rows, columns = (sorted({cell[side] for cell in table}) for side in (0, 1))
    whole = {cell: table.get(cell, 0) for cell in product(rows, columns)}
    small = [cell for cell, count in whole.items() if 0 < count < THRESHOLD]
    hidden = set(small)
    for cell in small:
        while is_computable(whole, hidden, cell):  # what more is hidden protects others as well
            added = min(_around(whole, hidden, cell), default=None)
            if added is None:
                return None
            hidden.update(added[2])
    return frozenset(hidden)


def is_computable(whole: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> bool:
    """Whether a hidden count follows from the totals and the cells that are shown.

    It does not where another table of counts has the same totals: where one more here is made up
    by one less and one more elsewhere, all the way round among the hidden cells; or one less.
    """
    row, column = ("row", cell[0]), ("column", cell[1])
    others = hidden - {cell}
    return not (
        _leads(whole, others, column, row)
        or (whole[cell] > 0 and _leads(whole, others, row, column))
    )


def _leads(
    whole: Mapping[Cell, int], hidden: set[Cell], start: tuple[str, str], end: tuple[str, str]
) -> bool:
    """Whether a way leads on: from a row by one more in a cell, from a column by one less."""
    steps: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row, column in hidden:
        steps["row", row].append(("column", column))
        if whole[row, column] > 0:
            steps["column", column].append(("row", row))
    reached, waiting = {start}, [start]
    while waiting:
        for step in steps[waiting.pop()]:
            if step not in reached:
                reached.add(step)
                waiting.append(step)
    return end in reached


def _around(
    whole: Mapping[Cell, int], hidden: set[Cell], cell: Cell
) -> Iterator[tuple[int, int, list[Cell]]]:
    """The rectangles that protect a cell: what they cost, and the cells to hide as well."""
    rows = {row for row, _column in whole} - {cell[0]}
    columns = {column for _row, column in whole} - {cell[1]}
    for row, column in product(sorted(rows), sorted(columns)):
        beside, below, across = (cell[0], column), (row, cell[1]), (row, column)
        if (whole[beside] and whole[below]) or whole[across]:
            added = [each for each in (beside, below, across) if each not in hidden]
            if added:
                yield sum(whole[each] for each in added), len(added), added
