"""Lists by key: no row is lost or shown twice between pages."""

from datetime import timedelta

import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel.listing import keyset
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
