"""Coverage adds up, gaps and crowds are told apart, and a vehicle is in one region a day."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.teams import FIRST, REGIONS
from tracker.accreditation.models import Function
from tracker.logistics.models.deployment import TeamStatus
from tracker.logistics.rules.deployment import (
    STANDING,
    STEPS,
    TOO_MANY,
    Placing,
    coverage,
    crowded,
    even_share,
    gaps,
    in_two_regions,
    is_elsewhere,
    may_step,
    overlap,
)

DAYS = st.integers(0, 12).map(lambda number: FIRST + timedelta(days=number))


class Stay:
    def __init__(self, starts_on, ends_on, region="KZ-75", key=""):
        self.starts_on, self.ends_on, self.region, self.key = starts_on, ends_on, region, key


STAYS = st.builds(
    lambda pair, region, key: Stay(min(pair), max(pair), region, key),
    st.tuples(DAYS, DAYS),
    st.sampled_from(REGIONS),
    st.sampled_from(["101", "102", "", None]),
)
PLACINGS = st.lists(
    st.builds(
        Placing,
        st.sampled_from(REGIONS),
        st.integers(1, 30),
        st.integers(1, 5),
        st.sampled_from([None, *Function]),
        st.integers(0, 40),
    ),
    max_size=30,
)


def days_of(stay):
    count = (stay.ends_on - stay.starts_on).days + 1
    return {stay.starts_on + timedelta(days=number) for number in range(count)}


@given(STAYS, STAYS)
def test_two_stays_overlap_where_they_share_a_day(one, other):
    assert overlap(one, other) == overlap(other, one) == bool(days_of(one) & days_of(other))


@given(PLACINGS)
def test_coverage_adds_up(placings):
    found = coverage(REGIONS, placings)
    assert tuple(found) == REGIONS
    assert sum(each.observers for each in found.values()) == sum(
        each.observers for each in placings
    )
    for region, covered in found.items():
        assert covered.long_term + covered.short_term <= covered.observers
        assert covered.teams == len({row.team_id for row in placings if row.region == region})


@given(PLACINGS)
def test_gaps_have_nobody_and_crowds_more_than_twice_the_even_share(placings):
    found = coverage(REGIONS, placings)
    empty, full = set(gaps(found)), set(crowded(found))
    assert not empty & full
    assert all(not found[region].observers for region in empty)
    assert all(found[region].observers for region in set(REGIONS) - empty)
    assert all(found[region].observers > TOO_MANY * even_share(found) for region in full)
    assert len(full) < len(REGIONS) / TOO_MANY  # more could not have twice the even share


def test_nobody_is_crowded_before_there_is_one_for_each_region():
    lonely = coverage(REGIONS, [Placing("KZ-75", 1, 1, None, 3)])
    assert crowded(lonely) == []
    assert crowded(coverage(REGIONS, [Placing("KZ-75", 1, 1, None, 4)])) == ["KZ-75"]
    assert crowded(coverage((), [])) == gaps(coverage((), [])) == []


@given(st.lists(STAYS, max_size=8))
def test_a_vehicle_is_in_one_region_a_day(stays):
    found = in_two_regions(stays, lambda stay: stay.key)
    assert all(len({stay.key for stay in torn}) == 1 for torn in found)
    regions = {}
    for stay in stays:
        for day in days_of(stay) if stay.key else ():
            regions.setdefault((stay.key, day), set()).add(stay.region)
    assert {id(stay) for torn in found for stay in torn} == {
        id(stay)
        for stay in stays
        if stay.key and any(len(regions[stay.key, day]) > 1 for day in days_of(stay))
    }


def test_the_certificate_names_one_region_or_none():
    assert is_elsewhere("KZ-75", "KZ-71")
    assert not is_elsewhere("KZ-75", "KZ-75")
    assert not is_elsewhere("KZ-75", None)


@given(st.sampled_from(TeamStatus), st.lists(st.sampled_from(sorted(STEPS)), max_size=4))
def test_the_table_leads_only_onwards(status, names):
    for name in names:
        if may_step(status, name):
            status = STEPS[name].target
    assert (status in STANDING) == may_step(status, "cancel")
