"""Two coordinators at the same second, on both databases: nobody undoes the other unseen."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.journeys.demonstration import at_head
from tests.officials.test_busy import ics, vevent
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.officials.models import BlockedTime, Official, OfficialDay, TravelTime
from tracker.officials.operations import (
    OfficialDetails,
    add_day,
    read_calendar,
    set_travel_times,
    update_official,
)
from tracker.officials.rules import version_of

NOW = datetime(2022, 11, 10, 6, tzinfo=UTC)
TOMORROW = (NOW + timedelta(days=1)).date()


@pytest.fixture
def ids(app):
    """Two officials of institutions of their own."""
    with app.app_context():
        at_head()
        expect_writes(True)
        found = [records.official().id for _number in range(2)]
        db.session.commit()
    return found


@pytest.fixture
def together(app):
    """Runs a call in two threads at once, each in its own transaction; says how both ended."""

    def run(call):
        outcomes, barrier = [], threading.Barrier(2)

        def work(place):
            with app.app_context(), clock.at(NOW):
                expect_writes(True)
                barrier.wait()
                try:
                    call(place)
                    db.session.commit()
                    outcomes.append("done")
                except Refused:
                    db.session.rollback()
                    outcomes.append("refused")

        threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(outcomes)

    return run


def test_two_halves_of_a_circle_of_deputies(app, ids, together):
    def appoint(place):
        official = db.session.get_one(Official, ids[place])
        names = OfficialDetails.__dataclass_fields__
        stored = {name: getattr(official, name) for name in names if name != "hours"}
        details = OfficialDetails(**stored | {"deputy_of_id": ids[1 - place]})
        update_official(actor=SYSTEM, official=official, details=details, seen_version=1)

    assert together(appoint) == ["done", "refused"]


def test_a_day_is_entered_once(app, ids, together):
    def enter(_place):
        official = db.session.get_one(Official, ids[0])
        values = {"official": official, "on": TOMORROW, "time_zone": "Asia/Almaty"}
        add_day(actor=SYSTEM, hours="", **values)

    assert together(enter) == ["done", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(OfficialDay.id))) == 1


def test_a_calendar_is_read_in_once(app, ids, together):
    content = ics(vevent("DTSTART:20221118T050000Z", "DURATION:PT1H"))

    def read(_place):
        owner = db.session.get_one(Official, ids[0])
        read_calendar(actor=SYSTEM, owner=owner, content=content, time_zone="Asia/Almaty")

    assert together(read) == ["done", "done"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(BlockedTime.id))) == 1


def test_ways_are_set_once(app, ids, together):
    def save(place):
        pair = db.session.scalars(sa.select(Official.institution_id).order_by("id")).all()
        minutes = {(pair[0], pair[1]): 10 + place}
        set_travel_times(actor=SYSTEM, minutes=minutes, seen_version=version_of({}))

    assert together(save) == ["done", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(TravelTime.id))) == 1
