"""How many days after an election each category of personal data is kept, and from which day.

The days are defaults of this program and no law: a host state's own law decides, and an
administrator sets what it says. Where a law names no number it names a principle, that data is
kept no longer than its purpose needs: Regulation (EU) 2016/679, article 5(1)(e).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.kernel.clock import local_moment
from tracker.retention.models import Category

C = Category
LONGEST_DAYS = 36_500

# Days after the last round's election day.
DEFAULT_DAYS: Mapping[Category, int] = {
    C.DOCUMENTS: 30,
    C.PORTRAITS: 90,
    C.CONTACTS: 90,
    C.LISTS: 30,
    C.CERTIFICATES: 90,
    C.CHECKS: 30,
    C.MOVEMENTS: 90,
    C.DEPLOYMENT: 90,
    C.ASSISTANCE: 180,
    C.MEETINGS: 365,
    C.DUTY: 365,
    C.MESSAGES: 180,
    C.SIGN_INS: 30,
    C.REMARKS: 365,
    C.NAMES: 1_095,
    C.AUDIT: 1_095,
}
# What belongs to the installation and to no election: a row goes so many days after it was
# written, whichever election's purge comes by.
BY_AGE = frozenset({C.MESSAGES, C.SIGN_INS})
# A copy never outlives what it is a copy of.
NOT_LONGER_THAN: Mapping[Category, Category] = {C.LISTS: C.DOCUMENTS, C.AUDIT: C.NAMES}


@dataclass(frozen=True)
class Round:
    """An election as its later rounds see it."""

    id: int
    first_round_id: int | None
    election_on: date


def ends_on(election_id: int, rounds: Iterable[Round]) -> date:
    """The day from which an election's periods count: the election day of its last round."""
    by_id = {each.id: each for each in rounds}

    def first(each: Round) -> int:
        seen = {each.id}
        while each.first_round_id in by_id and each.first_round_id not in seen:
            each = by_id[each.first_round_id]
            seen.add(each.id)
        return each.id

    own = first(by_id[election_id])
    return max(each.election_on for each in by_id.values() if first(each) == own)


def due_on(ended_on: date, days: int) -> date:
    """The first local day on which the data is purged."""
    return ended_on + timedelta(days=days)


def written_until(as_of: date, days: int, time_zone: str) -> datetime:
    """The moment before which a row of a category by age was written to be due on `as_of`."""
    return local_moment(as_of - timedelta(days=days) + timedelta(days=1), time(0), time_zone)


def outlived(category: Category, days: int, periods: Mapping[Category, int]) -> Category | None:
    """The category that would stand in the way of these days: a copy or its original."""
    original = NOT_LONGER_THAN.get(category)
    if original is not None and days > periods[original]:
        return original
    for copy, of in NOT_LONGER_THAN.items():
        if of is category and periods[copy] > days:
            return copy
    return None
