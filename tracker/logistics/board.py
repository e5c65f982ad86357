"""A day of arrivals and departures as headquarters sees it: by hour, side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import short_moment
from tracker.kernel.i18n import localized
from tracker.logistics.models.movements import Direction, Movement
from tracker.logistics.rules.movements import is_just_changed
from tracker.organizations.labels import sender_name


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One movement as lists show it; `changed` is set as long as a change is pointed out."""

    movement: Movement
    moves: datetime
    delegation: str
    point: str
    changed: datetime | None = None
    earlier: datetime | None = None


@dataclass(frozen=True)
class Hour:
    """What happens within one hour of the clock."""

    hour: int
    arrivals: tuple[Shown, ...]
    departures: tuple[Shown, ...]


@dataclass(frozen=True)
class Board:
    """One local day."""

    day: date
    hours: tuple[Hour, ...]
    arriving: int  # people
    departing: int


def shown_movement(row: Movement, election: Election) -> Shown:
    """A movement in the election's local time."""

    def local(moment: datetime | None) -> Any:
        return clock.local(moment, election.time_zone) if moment else None

    is_new = is_just_changed(row.changed_at, clock.now())
    return Shown(
        movement=row,
        moves=local(row.moves_at),
        delegation=sender_name(row.delegation.organization),
        point=localized(row.point, "name"),
        changed=local(row.changed_at) if is_new else None,
        earlier=local(row.earlier_moves_at) if is_new else None,
    )


def board_of(day: date, rows: Sequence[Shown]) -> Board:
    """The day's movements (in order of time) by hour."""
    rows = [row for row in rows if row.moves.date() == day]
    arrivals, departures = _split(rows)
    hours = [
        Hour(hour, *_split(row for row in rows if row.moves.hour == hour))
        for hour in sorted({row.moves.hour for row in rows})
    ]
    return Board(day, tuple(hours), _people(arrivals), _people(departures))


def _split(rows: Iterable[Shown]) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    found = tuple(rows)
    arrivals = tuple(row for row in found if row.movement.direction is Direction.ARRIVAL)
    return arrivals, tuple(row for row in found if row not in arrivals)


def _people(rows: Iterable[Shown]) -> int:
    return sum(row.movement.people for row in rows)


def change_text(row: Shown) -> str:
    """What was changed of a confirmed movement, and when: «changed at 14:20, was …»."""
    if row.changed is None or row.earlier is None:
        return ""
    today = clock.now().astimezone(row.changed.tzinfo).date()
    was = [_short(row.earlier, row.moves.date())]
    if row.movement.earlier_number and row.movement.earlier_number != row.movement.number:
        was.append(row.movement.earlier_number)
    when = _short(row.changed, today)
    return str(_("Changed at %(time)s, was %(was)s", time=when, was=", ".join(was)))


def _short(moment: datetime, day: date) -> str:
    """The time alone where the day goes without saying."""
    return short_moment(moment, day)


def route_text(shown: Shown) -> str:
    """From where to where."""
    place, point = shown.movement.place or "", shown.point
    ends = (place, point) if shown.movement.direction is Direction.ARRIVAL else (point, place)
    return " → ".join(filter(None, ends))
