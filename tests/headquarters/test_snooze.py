"""A matter is put off with a reason, comes back in time, and earlier where it grows."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.permissions import Role
from tracker.logistics.models.attention import Kind, Snooze
from tracker.logistics.operations.attention import snooze_matter, wake_matter
from tracker.logistics.queries.attention import snoozes
from tracker.logistics.rules.attention import Span, is_asleep, matters, until

HOUR = timedelta(hours=1)


def put_off(election, actor, **values):
    return snooze_matter(
        actor=actor,
        election=election,
        **{"kind": Kind.DRAFT, "count": 2, "span": Span.FOUR_HOURS, "reason": "Tomorrow"} | values,
    )


@given(st.integers(0, 9), st.integers(0, 9), st.floats(-1, 6), st.booleans())
def test_it_sleeps_until_its_time_unless_it_grows(then, now, hours, is_ended):
    row = Snooze(count=then, until_at=NOW + 4 * HOUR, ended_at=NOW if is_ended else None)
    asleep = is_asleep(row, now, NOW + hours * HOUR)
    assert asleep == (not is_ended and hours < 4 and now <= then)


@given(st.datetimes(datetime(2022, 1, 1), datetime(2026, 1, 1)), st.sampled_from(Span))
def test_the_end_lies_ahead_within_two_days(moment, span):
    now = clock.local_moment(moment.date(), moment.time(), "Asia/Almaty")
    ends = until(span, now, "Asia/Almaty")
    assert now < ends <= now + timedelta(hours=34)
    if span is Span.MORNING:
        assert f"{clock.local(ends, 'Asia/Almaty'):%H:%M}" == "09:00"


def test_a_matter_put_off_says_so_and_comes_back(session, actor):
    election, coordinator = records.election(), actor(Role.COORDINATOR)
    put_off(election, coordinator)
    moments = {
        "closes_at": election.closes_at,
        "polls_open_at": election.ends_at,
        "ends_at": election.ends_at,
    }

    def asleep(count, after):
        rows = matters({Kind.DRAFT: count}, snoozes(election.id), now=NOW + after, **moments)
        return [row.snooze is not None for row in rows]

    assert asleep(2, HOUR) == [True]
    assert asleep(3, HOUR) == [False], "one more draft is news"
    assert asleep(2, 4 * HOUR) == [False]
    put_off(election, coordinator, count=3, reason="Still tomorrow")
    assert asleep(3, HOUR) == [True]
    assert db.session.scalar(sa.select(sa.func.count(Snooze.id))) == 2, "the first is kept as ended"
    wake_matter(actor=coordinator, election=election, kind=Kind.DRAFT)
    assert asleep(2, HOUR) == [False]


def test_a_reason_is_needed_and_not_everybody_may(session, actor):
    election = records.election()
    with pytest.raises(Refused) as refusal:
        put_off(election, actor(Role.COORDINATOR), reason=" ")
    assert refusal.value.field == "reason"
    with pytest.raises(Forbidden):
        put_off(election, actor(Role.OFFICIAL))


def test_on_the_page(app, sign_in):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        of = records.delegation(records.election())
        records.accreditation(of, status=AccreditationStatus.DRAFT)
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    address = "/e/kz-2022/attention/draft/snooze"
    with clock.at(NOW):
        assert client.get("/e/kz-2022/attention/waiting/snooze").status_code == 404
        assert client.get("/e/kz-2022/attention/nothing/snooze").status_code == 404
        refused = client.post(address, data={"span": "hour", "reason": ""})
        assert refused.status_code == 422
        assert b"Give the reason." in refused.data
        page = client.post(
            address, data={"span": "hour", "reason": "Embassy closed"}, follow_redirects=True
        ).get_data(as_text=True)
        assert "Embassy closed" in page
        assert "Nothing waits" in page
        assert "Bring back" in client.get(address).get_data(as_text=True)
        page = client.post(address.replace("snooze", "wake"), follow_redirects=True)
        assert "Embassy closed" not in page.get_data(as_text=True)
