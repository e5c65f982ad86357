"""What stands against a meeting: each thing with its own message, beside its own field, at once."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.clock import exists_locally, occurs_twice
from tracker.kernel.errors import Refused, Several
from tracker.kernel.permissions import Role
from tracker.meetings.conflicts import Busy, Resource, Window, clash, obstacles
from tracker.meetings.models import MeetingKind, MeetingStatus
from tracker.meetings.operations import MeetingDetails, record_meeting, schedule_meeting
from tracker.officials.models import OfficialHours

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)  # a Friday


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def official(session):
    return records.official()


def details(official, delegation, starts=NINE, minutes=45, **more):
    values = {
        "kind": MeetingKind.BILATERAL,
        "title": "Meeting",
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=minutes),
        "official_ids": (official.id,),
        "delegation_ids": (delegation.id,) if delegation else (),
    }
    return MeetingDetails(**values | more)


def book(election, *args, **more):
    chosen = details(*args, **more)
    return schedule_meeting(actor=COORDINATOR, election=election, details=chosen)


def refusals(election, *args, **more):
    with pytest.raises(Refused) as caught:
        book(election, *args, **more)
    found = getattr(caught.value, "refusals", (caught.value,))
    return {each.field: str(each) for each in found}


def test_everything_that_stands_against_it_is_said_at_once(election, official):
    delegation, hall = records.delegation(election), records.hall()
    speaker = records.interpreter(languages="fr", hours=[])
    book(election, official, delegation, hall_id=hall.id, interpreter_id=speaker.id)
    found = refusals(election, official, delegation, hall_id=hall.id, interpreter_id=speaker.id)
    assert list(found) == ["officials", "delegations", "hall_id", "interpreter_id"]
    assert all("taken on 2022-11-18 from 09:00 to 09:45" in text for text in found.values())
    assert speaker.name in found["interpreter_id"]


def test_the_official_needs_time_between_two_meetings(election, official):
    official.buffer_minutes = 15
    book(election, official, records.delegation(election))
    starts = NINE + timedelta(minutes=50)
    found = refusals(election, official, records.delegation(election), starts)
    assert "needs 15 minutes between engagements" in found["officials"]
    assert book(election, official, records.delegation(election), NINE + timedelta(hours=1))


def test_a_delegation_needs_time_for_the_way(election, official):
    far = records.official()
    records.travel_time(official.institution, far.institution, 30)
    delegation = records.delegation(election)
    book(election, official, delegation)
    found = refusals(election, far, delegation, NINE + timedelta(minutes=60))
    assert "30 minutes’ way from one place to the other" in found["delegations"]
    assert book(election, far, delegation, NINE + timedelta(minutes=75))


def test_a_blocked_time_is_not_free(election, official):
    hour = datetime(2022, 11, 18, 5, tzinfo=UTC)  # 11:00 in Almaty
    records.blocked_time(official_id=official.id, starts_at=hour)
    found = refusals(election, official, records.delegation(election), hour)
    assert "not free on 2022-11-18 from 11:00 to 12:00" in found["officials"]
    assert "Board" not in found["officials"], "what the calendar calls it is private"


def test_an_exception_replaces_the_weekly_hours(election, official):
    official.hours = [OfficialHours(weekday=4, starts=time(9), ends=time(12))]
    records.day_off(official, date(2022, 11, 18), starts=time(15), ends=time(16))
    found = refusals(election, official, records.delegation(election))
    assert "receives on 2022-11-18 at 15:00–16:00 only" in found["officials"]
    assert book(election, official, records.delegation(election), NINE + timedelta(hours=6))


def test_hours_are_in_the_institutions_own_zone(election, official):
    official.institution.time_zone = "Asia/Aqtobe"  # an hour behind Almaty in 2022
    official.hours = [OfficialHours(weekday=4, starts=time(9), ends=time(12))]
    delegation = records.delegation(election)
    found = refusals(election, official, delegation)
    assert "receives on 2022-11-18 at 10:00–13:00 only" in found["officials"]
    assert book(election, official, delegation, NINE + timedelta(hours=1))


def test_no_more_meetings_than_the_longest_day(election, official):
    official.most_a_day = 2
    for hours in (0, 1):
        book(election, official, records.delegation(election), NINE + timedelta(hours=hours))
    found = refusals(election, official, records.delegation(election), NINE + timedelta(hours=4))
    assert "no more than 2 meetings a day" in found["officials"]
    assert book(election, official, records.delegation(election), NINE + timedelta(days=3))


def test_a_named_participant_is_in_one_meeting_at_a_time(election, official):
    delegation = records.delegation(election)
    member = records.accreditation(delegation)
    book(election, official, delegation, participant_ids=(member.id,))
    found = refusals(
        election,
        records.official(),
        None,
        kind=MeetingKind.BRIEFING,
        participant_ids=(member.id,),
    )
    assert list(found) == ["participants"]
    stranger = records.accreditation(records.delegation(election))
    later = NINE + timedelta(hours=3)
    found = refusals(election, official, delegation, later, participant_ids=(stranger.id,))
    assert "from the delegations of the meeting" in found["participants"]


def test_an_interpreter_speaks_the_language(election, official):
    speaker = records.interpreter(languages="fr", hours=[])
    around = {"interpreter_id": speaker.id, "language": "tr"}
    found = refusals(election, official, records.delegation(election), **around)
    assert "does not interpret from this language: Turkish" in found["interpreter_id"]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"minutes": -15}, "ends", "must end after it starts"),
        ({"minutes": 0}, "ends", "must end after it starts"),
        ({"minutes": 3}, "ends", "from five minutes to twelve hours"),
        ({"minutes": 800}, "ends", "from five minutes to twelve hours"),
        ({"starts": datetime(2022, 11, 9, 9, tzinfo=ALMATY)}, "starts", "has passed"),
        ({"official_ids": ()}, "officials", "at least one official"),
        ({"official_ids": (999,)}, "officials", "from the list"),
        ({"delegation_ids": ()}, "delegations", "at least one delegation"),
        ({"hall_id": 999}, "hall_id", "a hall from the list"),
        ({"interpreter_id": 999}, "interpreter_id", "an interpreter from the list"),
    ],
)
def test_bad_input_has_its_own_message(election, official, more, field, words):
    found = refusals(election, official, records.delegation(election), **more)
    assert words in found[field]


def test_a_meeting_of_the_past_is_recorded_not_booked(election, official):
    delegation = records.delegation(election)
    past = details(official, delegation, NINE - timedelta(days=10))
    made = record_meeting(actor=COORDINATOR, election=election, details=past)
    assert made.status is MeetingStatus.HELD
    with pytest.raises(Refused, match="has not begun yet"):
        record_meeting(actor=COORDINATOR, election=election, details=details(official, delegation))


def test_several_refusals_speak_as_their_first():
    both = Several([Refused("One %(n)s", field="a", n=1), Refused("Two", field="b")])
    assert (str(both), both.field) == ("One 1", "a")


def test_local_times_that_do_not_exist_or_exist_twice():
    gap, fold = datetime(2025, 3, 30, 2, 30), datetime(2025, 10, 26, 2, 30)
    assert not exists_locally(gap, "Europe/Berlin")
    assert not occurs_twice(gap, "Europe/Berlin")
    assert occurs_twice(fold, "Europe/Berlin")
    assert not occurs_twice(fold, "Asia/Almaty")
    # Almaty put its clocks back by an hour at midnight on 1 March 2024.
    assert occurs_twice(datetime(2024, 2, 29, 23, 30), "Asia/Almaty")


MINUTES = st.integers(0, 400)


@given(MINUTES, st.integers(1, 90), MINUTES, st.integers(1, 90), st.integers(0, 60))
def test_clashes_are_symmetrical_and_mean_too_little_between(one, long, other, wide, buffer):
    first, second = (
        Busy(NINE + timedelta(minutes=start), NINE + timedelta(minutes=start + length))
        for start, length in ((one, long), (other, wide))
    )
    resource = Resource("official:1", buffer=timedelta(minutes=buffer))
    assert clash(resource, first, second, {}) == clash(resource, second, first, {})
    between = max(one, other) - min(one + long, other + wide)
    expected = "taken" if between < 0 else "too_close" if between < buffer else None
    assert clash(resource, first, second, {}) == expected


@given(st.integers(0, 23), st.integers(5, 180))
def test_obstacles_of_hours_are_those_outside(hour, minutes):
    window = Window(NINE, NINE + timedelta(hours=3))
    resource = Resource("official:1", windows=(window,))
    start = NINE.replace(hour=hour)
    wanted = Busy(start, start + timedelta(minutes=minutes))
    found = [each.code for each in obstacles(resource, wanted, {}, "Asia/Almaty")]
    inside = window.starts_at <= start and wanted.ends_at <= window.ends_at
    assert found == ([] if inside else ["outside_hours"])
