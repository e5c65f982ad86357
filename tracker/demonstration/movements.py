"""Arrivals and departures of the demonstration: invented flights of an airline that is not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.demonstration.rows import DATA, rows_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.models.movements import Direction, Means, Movement, Point, PointKind
from tracker.logistics.operations.movements import (
    MovementDetails,
    advance_movement,
    change_movement,
    plan_movement,
)
from tracker.logistics.operations.points import PointDetails, create_point

LATE = ("ZZ 417", timedelta(minutes=50))  # the flight that is late on the demonstration's day


def build_movements(
    election: Election, delegations: Mapping[str, Delegation], until: datetime
) -> None:
    """Enter what is known by the moment `until`: planned, then confirmed, then done."""
    with clock.at(election.opens_at):
        points = _points()
    for row in rows_of(DATA / "movements.csv"):
        delegation = delegations[row["sender"]]
        details = _details(election, delegation, points, row)
        with clock.at(details.moves_at - timedelta(days=6)):
            movement = plan_movement(
                actor=SYSTEM, election=election, delegation=delegation, details=details
            )
        _advance(movement, "confirm", details.moves_at - timedelta(days=3), until)
        _advance(movement, "finish", details.moves_at + timedelta(minutes=25), until)
        if movement.number == LATE[0]:
            _be_late(election, movement, details, until)


def _points() -> dict[str, Point]:
    rows: list[dict[str, Any]] = [dict(row) for row in rows_of(DATA / "points.csv")]
    details = [PointDetails(**row | {"kind": PointKind(row["kind"])}) for row in rows]
    return {each.name_en: create_point(actor=SYSTEM, details=each) for each in details}


def _details(
    election: Election, delegation: Delegation, points: Mapping[str, Point], row: dict[str, Any]
) -> MovementDetails:
    zone = ZoneInfo(election.time_zone)
    plain = ("number", "place", "met_by", "met_by_phone", "vehicle", "plate", "driver", "hotel")
    members = sa.select(Accreditation.id).where(
        Accreditation.delegation_id == delegation.id, Accreditation.status == "accredited"
    )
    return MovementDetails(
        direction=Direction(row["direction"]),
        means=Means(row["means"]),
        point_id=points[row["point"]].id,
        moves_at=datetime.fromisoformat(row["moves"]).replace(tzinfo=zone),
        people=int(row["people"]) if row["people"] else None,
        passenger_ids=() if row["people"] else tuple(db.session.scalars(members)),
        **{name: row[name] or None for name in plain},
    )


def _advance(movement: Movement, name: str, moment: datetime, until: datetime) -> None:
    if moment < until:
        with clock.at(moment):
            advance_movement(actor=SYSTEM, movement=movement, name=name)


def _be_late(
    election: Election, movement: Movement, details: MovementDetails, until: datetime
) -> None:
    with clock.at(until - timedelta(minutes=80)):
        late = MovementDetails(**vars(details) | {"moves_at": details.moves_at + LATE[1]})
        change_movement(
            actor=SYSTEM,
            election=election,
            movement=movement,
            details=late,
            seen_version=movement.version,
            reason="The airline has announced a delay",
        )
