"""What happens to arrivals and departures, with a dated row of history for every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, move_version
from tracker.kernel.errors import Difference, NotFound, Refused, Several, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.movements import (
    Direction,
    Means,
    Movement,
    MovementPassenger,
    MovementStatus,
    MovementStep,
    Point,
)
from tracker.logistics.rules.movements import STANDING, STEPS, is_near, may_step

MOST_PEOPLE = 5_000


@dataclass(frozen=True, kw_only=True)
class MovementDetails:
    """Who comes or leaves; without `people` as many as are named."""

    direction: Direction
    means: Means
    number: str | None = None
    place: str | None = None
    point_id: int
    moves_at: datetime
    people: int | None = None
    passenger_ids: tuple[int, ...] = ()
    met_by: str | None = None
    met_by_phone: str | None = None
    vehicle: str | None = None
    plate: str | None = None
    driver: str | None = None
    hotel: str | None = None
    note: str | None = None


PLAIN = (
    *("direction", "means", "number", "place", "point_id", "moves_at", "met_by", "met_by_phone"),
    *("vehicle", "plate", "driver", "hotel", "note"),
)


def faults(election: Election, details: MovementDetails, *, named: int) -> list[Refused]:
    """Everything that stands against these details; `named` are the observers known by name."""
    found = []
    if named < len(set(details.passenger_ids)):
        found.append(Refused(N_("Name observers of this delegation."), field="passengers"))
    day = clock.local(details.moves_at, election.time_zone).date()
    if not is_near(day, election.election_on):
        found.append(Refused(N_("This is too far from election day: check the year."), field="day"))
    if details.people is None and not details.passenger_ids:
        found.append(Refused(N_("Give a number of people, or name them."), field="people"))
    elif details.people is not None and not max(named, 1) <= details.people <= MOST_PEOPLE:
        found.append(
            Refused(
                N_("Give a number from %(least)s to %(most)s."),
                field="people",
                least=max(named, 1),
                most=MOST_PEOPLE,
            )
        )
    if details.means is not Means.ROAD and not details.number:
        found.append(Refused(N_("Give the number of the flight or train."), field="number"))
    if details.hotel and details.direction is Direction.DEPARTURE:
        found.append(Refused(N_("Only who arrives has accommodation."), field="hotel"))
    return found


def _check(
    election: Election, delegation_id: int, details: MovementDetails, known: Sequence[int] = ()
) -> None:
    """Raise everything that stands against it; who is `known` already may have left since."""
    found = faults(election, details, named=len(_named(delegation_id, details, known)))
    if db.session.get(Point, details.point_id) is None:
        found.append(Refused(N_("Choose a place from the list."), field="point_id"))
    if found:
        raise Several(found)


def _named(delegation_id: int, details: MovementDetails, known: Sequence[int]) -> Sequence[int]:
    if not details.passenger_ids:
        return ()
    query = sa.select(Accreditation.id).where(
        Accreditation.id.in_(details.passenger_ids),
        Accreditation.delegation_id == delegation_id,
        sa.or_(Accreditation.is_live, Accreditation.id.in_(known)),
    )
    return db.session.scalars(query.order_by(Accreditation.id)).all()


def _fill(movement: Movement, details: MovementDetails) -> None:
    for name in PLAIN:
        setattr(movement, name, getattr(details, name))
    wanted = set(details.passenger_ids)
    movement.people = details.people if details.people is not None else len(wanted)
    kept = [row for row in movement.passengers if row.accreditation_id in wanted]
    new = wanted - {row.accreditation_id for row in kept}
    movement.passengers = kept + [MovementPassenger(accreditation_id=key) for key in sorted(new)]
    if movement.id is not None:
        move_version(movement, "people")  # the names are in another table


def _keep_step(
    actor: Actor, movement: Movement, source: MovementStatus | None, reason: str | None = None
) -> None:
    db.session.add(
        MovementStep(
            movement_id=movement.id,
            from_status=source,
            to_status=movement.status,
            moves_at=movement.moves_at,
            number=movement.number,
            actor_name=actor.name,
            reason=reason,
        )
    )
    db.session.flush()


def plan_movement(
    *, actor: Actor, election: Election, delegation: Delegation, details: MovementDetails
) -> Movement:
    """Enter an arrival or a departure."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if not actor.sees_delegation(delegation.id) or delegation.election_id != election.id:
        raise NotFound(N_("There is no such delegation."))
    _check(election, delegation.id, details)
    movement = Movement(
        election_id=election.id,
        delegation_id=delegation.id,
        status=MovementStatus.PLANNED,
        created_by=actor.name,
    )
    _fill(movement, details)
    db.session.add(movement)
    db.session.flush()
    _keep_step(actor, movement, None)
    return movement


def _differences(
    election: Election, movement: Movement, details: MovementDetails
) -> list[Difference]:
    def shown(row: Movement | MovementDetails) -> dict[str, object]:
        moment = clock.local(row.moves_at, election.time_zone)
        names = ("number", "place", "people", "met_by", "vehicle", "plate", "driver", "hotel")
        return {name: getattr(row, name) or "" for name in names} | {"day": moment}

    theirs, yours = shown(movement), shown(details)
    return [
        Difference(name, theirs[name], yours[name])
        for name in theirs
        if theirs[name] != yours[name]
    ]


def change_movement(
    *,
    actor: Actor,
    election: Election,
    movement: Movement,
    details: MovementDetails,
    seen_version: int,
    reason: str | None = None,
) -> Movement:
    """Change what is waited for; raises `Stale` where somebody else changed it meanwhile.

    Another time or number goes into the history, and once confirmed it is pointed out to all.
    """
    actor.require(Capability.MANAGE_LOGISTICS)
    if movement.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=_differences(election, movement, details),
        )
    if movement.status not in STANDING:
        raise Refused(N_("Only what has not taken place yet can be changed."))
    known = [row.accreditation_id for row in movement.passengers]
    _check(election, movement.delegation_id, details, known)
    earlier = movement.moves_at, movement.number
    _fill(movement, details)
    is_moved = earlier != (movement.moves_at, movement.number)
    if is_moved and movement.status is MovementStatus.CONFIRMED:
        movement.changed_at = clock.now()
        movement.earlier_moves_at, movement.earlier_number = earlier
    db.session.flush()
    if is_moved:
        _keep_step(actor, movement, movement.status, reason)
    return movement


def advance_movement(
    *, actor: Actor, movement: Movement, name: str, reason: str | None = None
) -> Movement:
    """Take the step of this name: confirm, finish or cancel."""
    actor.require(Capability.MANAGE_LOGISTICS)
    step = STEPS[name]
    if not may_step(movement.status, name):
        raise Refused(N_("Its status was changed meanwhile. Look at its history."))
    text = (reason or "").strip() or None
    if step.needs_reason and text is None:
        raise Refused(N_("Give the reason."), field="reason")
    if step.target is MovementStatus.DONE and movement.moves_at > clock.now():
        raise Refused(N_("Its time has not come yet."))
    source, movement.status = movement.status, step.target
    db.session.flush()
    _keep_step(actor, movement, source, text)
    return movement
