"""Lists by key: no row is lost or shown twice between pages."""

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import listing
from tracker.kernel.listing import Tally, keyset, page_of, tally
from tracker.logistics.models.assistance import AssistanceRequest


def test_pages_by_moment_lose_no_row_of_the_same_day(session):
    """A cursor's moment was once compared as text, and the rest of its day was skipped."""
    delegation = records.delegation(records.election())
    made = [
        records.assistance(delegation, created_at=NOW + timedelta(minutes=number // 3)).id
        for number in range(9)
    ]
    row = AssistanceRequest
    query, keys = sa.select(row.id, row.created_at), (row.created_at, row.id)
    for descending in (False, True):
        found, page = [], keyset(query, keys=keys, cursor=None, descending=descending, size=4)
        while True:
            found += [each.id for each in page.rows]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
            page = keyset(query, keys=keys, cursor=cursor, descending=descending, size=4)
        assert found == (made[::-1] if descending else made)


def test_a_count_is_exact_to_the_bound_and_says_more_beyond(session, monkeypatch):
    delegation = records.delegation(records.election())
    for number in range(4):
        records.assistance(delegation, number=number + 1)
    query = sa.select(AssistanceRequest.id)
    for bound, expected in ((5, Tally(4)), (4, Tally(4)), (3, Tally(3, is_more=True))):
        monkeypatch.setattr(listing, "BOUND", bound)
        assert tally(query) == expected


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_pages_of_what_is_all_there_lose_no_row(count):
    rows = [SimpleNamespace(id=key) for key in random.Random(count).sample(range(100), count)]
    page = page_of(rows, cursor=None, size=3)
    found = [row for (row,) in page.rows]
    assert page.previous_cursor is None
    while page.next_cursor:
        before = page
        page = page_of(rows, cursor=page.next_cursor, size=3)
        assert page_of(rows, cursor=page.previous_cursor, size=3).rows == before.rows
        found += [row for (row,) in page.rows]
    assert found == rows
    assert page_of(rows, cursor="nonsense", size=3) == page_of(rows, cursor=None, size=3)
