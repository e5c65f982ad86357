"""What changes the directory of airports, stations and border crossings."""

from dataclasses import asdict, dataclass

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.movements import Point, PointKind


@dataclass(frozen=True, kw_only=True)
class PointDetails:
    """What a point is called; one that is not in use is offered no more."""

    kind: PointKind
    name_en: str
    name_ru: str
    name_kk: str
    is_active: bool = True


def create_point(*, actor: Actor, details: PointDetails) -> Point:
    """Add an airport, a station or a border crossing."""
    actor.require(Capability.MANAGE_LOGISTICS)
    point = Point(**asdict(details))
    db.session.add(point)
    db.session.flush()
    return point


def change_point(*, actor: Actor, point: Point, details: PointDetails, seen_version: int) -> Point:
    """Change a point; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.MANAGE_LOGISTICS)
    wanted = asdict(details)
    if point.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(point, name), value)
                for name, value in wanted.items()
                if getattr(point, name) != value
            ],
        )
    for name, value in wanted.items():
        setattr(point, name, value)
    db.session.flush()
    return point
