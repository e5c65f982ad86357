"""Arrivals and departures: who comes or leaves when, where, by what, and who meets them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.words import Searched

PERSONAL = {"audit": "redact"}


class PointKind(StrEnum):
    """Where people enter or leave the country or a city."""

    AIRPORT = "airport"
    STATION = "station"
    BORDER_CROSSING = "border_crossing"


class Direction(StrEnum):
    """Whether people come or leave."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class Means(StrEnum):
    """What people travel by."""

    FLIGHT = "flight"
    TRAIN = "train"
    ROAD = "road"


class MovementStatus(StrEnum):
    """Where a movement stands."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class Point(Versioned, Model):
    """An airport, a station or a border crossing of the host state."""

    __tablename__ = "points"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PointKind] = mapped_column(enum_type(PointKind))
    name_en: Mapped[str] = mapped_column(sa.String(100))
    name_ru: Mapped[str] = mapped_column(sa.String(100))
    name_kk: Mapped[str] = mapped_column(sa.String(100))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Movement(Searched, Versioned, Model):
    """One arrival or departure of a delegation or of a part of it."""

    __tablename__ = "movements"
    SEARCHED = ("number", "place")
    __table_args__ = (
        sa.CheckConstraint("people BETWEEN 1 AND 5000", name="people"),
        sa.CheckConstraint("direction = 'arrival' OR hotel IS NULL", name="hotel_of_arrival"),
        sa.Index("ix_movements_by_moment", "election_id", "moves_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    # The delegation of those who travel.
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    means: Mapped[Means] = mapped_column(enum_type(Means))
    number: Mapped[str | None] = mapped_column(sa.String(20))  # the number of the flight or train
    # The city that they come from or go to.
    place: Mapped[str | None] = mapped_column(sa.String(100))
    # Where they enter or leave.
    point_id: Mapped[int] = mapped_column(sa.ForeignKey("points.id"), index=True)
    moves_at: Mapped[datetime]  # when they land or leave
    people: Mapped[int]  # how many in all, named ones included
    # Who of headquarters meets or sees them off.
    met_by: Mapped[str | None] = mapped_column(sa.String(200))
    # The telephone number of who meets them.
    met_by_phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    vehicle: Mapped[str | None] = mapped_column(sa.String(100))  # the vehicle: make and colour
    plate: Mapped[str | None] = mapped_column(sa.String(20))  # the vehicle's number plate
    # Name and telephone number.
    # The driver: name and telephone number.
    driver: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    hotel: Mapped[str | None] = mapped_column(sa.String(200))  # where those who arrive stay
    # For headquarters alone.
    # What headquarters alone reads.
    note: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    status: Mapped[MovementStatus] = mapped_column(
        enum_type(MovementStatus), default=MovementStatus.PLANNED
    )
    changed_at: Mapped[datetime | None]  # when time or number last changed after it was confirmed
    earlier_moves_at: Mapped[datetime | None]  # when they were to land or leave before that change
    # The number of the flight or train before that change.
    earlier_number: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    delegation: Mapped[Delegation] = relationship(lazy="joined", innerjoin=True)
    point: Mapped[Point] = relationship(lazy="joined", innerjoin=True)
    passengers: Mapped[list["MovementPassenger"]] = relationship(
        cascade="all, delete-orphan", order_by="MovementPassenger.accreditation_id"
    )


class MovementPassenger(Model):
    """An observer who is named for a movement."""

    __tablename__ = "movement_passengers"

    # The arrival or departure.
    movement_id: Mapped[int] = mapped_column(
        sa.ForeignKey("movements.id", ondelete="CASCADE"), primary_key=True
    )
    # The observer.
    accreditation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accreditations.id"), primary_key=True, index=True
    )


class MovementStep(Model):
    """One step of a movement's life, or a change of its time or number; append-only."""

    __tablename__ = "movement_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The arrival or departure that it belongs to.
    movement_id: Mapped[int] = mapped_column(sa.ForeignKey("movements.id"), index=True)
    from_status: Mapped[MovementStatus | None] = mapped_column(
        enum_type(MovementStatus, "from_status")
    )
    to_status: Mapped[MovementStatus] = mapped_column(enum_type(MovementStatus, "to_status"))
    moves_at: Mapped[datetime]  # when they land or leave, as it was from this step on
    # Of the flight or train from this step on.
    number: Mapped[str | None] = mapped_column(sa.String(20))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
