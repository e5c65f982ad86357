"""Arrivals and departures on both databases: who is unaccounted for, and what is refused."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.movements import Direction, Means, Movement
from tracker.logistics.operations.movements import MovementDetails, plan_movement
from tracker.logistics.queries.movements import Filter, filtered, movements_page


@pytest.fixture
def arrivals(app):
    """Three accredited observers of whom one is named for an arrival and one is counted."""
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        election, point = records.election(), records.point()
        delegation = records.delegation(election)
        status = AccreditationStatus.ACCREDITED
        members = [records.accreditation(delegation, status=status) for _number in range(3)]
        values = {"direction": Direction.ARRIVAL, "means": Means.ROAD, "point_id": point.id}
        around = {"actor": SYSTEM, "election": election, "delegation": delegation}
        for number, more in enumerate(
            ({"people": None, "passenger_ids": (members[0].id,)}, {"people": 1})
        ):
            moment = NOW + timedelta(hours=number)
            details = MovementDetails(**values, **more, moves_at=moment)
            plan_movement(**around, details=details)
        db.session.commit()
        yield db.session.scalars(sa.select(Election)).one()
        db.session.rollback()


def test_observers_without_an_arrival_are_counted(arrivals):
    assert attention(arrivals, clock.now())[Kind.NO_ARRIVAL] == 2


def test_movements_come_by_time_page_by_page(arrivals):
    query = filtered(SYSTEM, arrivals, Filter(day=NOW.date(), direction=Direction.ARRIVAL))
    assert [row[0].people for row in movements_page(query, None).rows] == [1, 1]


@pytest.mark.parametrize("values", [{"people": 0}, {"direction": "departure", "hotel": "Inn"}])
def test_the_database_refuses_what_the_rules_refuse(arrivals, values):
    movement = db.session.scalars(sa.select(Movement).order_by(Movement.id)).first()
    for name, value in values.items():
        setattr(movement, name, value)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_change_over_another_persons_change_is_refused(app, arrivals):
    mine = db.session.scalars(sa.select(Movement).order_by(Movement.id)).first()
    version = mine.version
    table = Movement.__table__
    raised = table.update().where(table.c.id == mine.id).values(version=version + 1)
    db.session.execute(raised)
    mine.met_by = "A. Greeter"
    with pytest.raises(StaleDataError):
        db.session.flush()
