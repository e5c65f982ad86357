"""What changes when people and halls are to be had: days, blocked times, ways between houses."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.audit.capture import insert_many
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.officials.busy import busy_times
from tracker.officials.models import (
    BlockedTime,
    BlockSource,
    Institution,
    Official,
    OfficialDay,
    Owner,
    TravelTime,
    owned_by,
)
from tracker.officials.rules import LONGEST_WAY, Pair, Span, parse_hours, version_of

YEAR = timedelta(days=366)


def _lock(owner: Owner) -> None:
    """Let two changes of one owner's times queue up."""
    model = type(owner)
    db.session.execute(
        sa.select(model.id).where(model.id == owner.id).with_for_update(key_share=True)
    )


def _days(official: Official, on: date) -> list[OfficialDay]:
    query = sa.select(OfficialDay).filter_by(official_id=official.id, on=on)
    return list(db.session.scalars(query.order_by(OfficialDay.id)))


def add_day(
    *,
    actor: Actor,
    official: Official,
    on: date,
    hours: str,
    reason: str | None = None,
    time_zone: str,
) -> list[OfficialDay]:
    """Say when an official receives on one day, whatever the weekly hours; no hours: not at all."""
    actor.require(Capability.EDIT_OFFICIALS)
    spans: tuple[Span | tuple[None, None], ...] = parse_hours(hours, field="hours")
    if on < clock.today(time_zone):
        raise Refused(N_("This day is over."), field="on")
    _lock(official)
    if _days(official, on):
        raise Refused(N_("This day is already in the list. Remove it there first."), field="on")
    rows = [
        OfficialDay(official_id=official.id, on=on, starts=starts, ends=ends, reason=reason)
        for starts, ends in spans or ((None, None),)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def remove_day(*, actor: Actor, official: Official, day: OfficialDay) -> None:
    """Let the weekly hours hold again on that day: all that was said of it goes."""
    actor.require(Capability.EDIT_OFFICIALS)
    for row in _days(official, day.on):
        db.session.delete(row)
    db.session.flush()


def block_time(
    *, actor: Actor, owner: Owner, starts_at: datetime, ends_at: datetime, label: str | None = None
) -> BlockedTime:
    """Say that an official, a hall or an interpreter is not to be had between two moments."""
    actor.require(Capability.EDIT_OFFICIALS)
    if ends_at <= starts_at:
        raise Refused(N_("The end must come after the start."), field="ends")
    if ends_at - starts_at > YEAR:
        raise Refused(N_("Block a year at most."), field="ends")
    if ends_at <= clock.now():
        raise Refused(N_("This time is over."), field="ends")
    blocked = BlockedTime(
        **owned_by(owner),
        starts_at=starts_at,
        ends_at=ends_at,
        label=label,
        source=BlockSource.TYPED,
        created_by=actor.name,
    )
    db.session.add(blocked)
    db.session.flush()
    return blocked


def unblock_time(*, actor: Actor, blocked: BlockedTime) -> None:
    """Take a blocked time back."""
    actor.require(Capability.EDIT_OFFICIALS)
    db.session.delete(blocked)
    db.session.flush()


def read_calendar(*, actor: Actor, owner: Owner, content: bytes, time_zone: str) -> int:
    """Block what somebody's calendar says from now to a year ahead; return how many times.

    It replaces all that an earlier calendar of the same owner said. Times without a zone of their
    own are meant in `time_zone`.
    """
    actor.require(Capability.EDIT_OFFICIALS)
    now = clock.now()
    try:
        found = busy_times(content, since=now, until=now + YEAR, time_zone=time_zone)
    except Refused as refusal:
        refusal.field = "calendar"
        raise
    _lock(owner)
    query = sa.select(BlockedTime).filter_by(source=BlockSource.CALENDAR, **owned_by(owner))
    for row in db.session.scalars(query.order_by(BlockedTime.id)):
        db.session.delete(row)
    db.session.flush()
    insert_many(
        BlockedTime,
        [
            {
                **owned_by(owner),
                "starts_at": busy.starts_at,
                "ends_at": busy.ends_at,
                "label": busy.summary or None,
                "source": BlockSource.CALENDAR,
                "created_by": actor.name,
            }
            for busy in found
        ],
    )
    return len(found)


def set_travel_times(*, actor: Actor, minutes: Mapping[Pair, int | None], seen_version: int) -> int:
    """Set the minutes of ways between two institutions (the lower id first); None: not known.

    Returns how many have changed. Raises `Stale` where somebody else changed the ways meanwhile:
    `seen_version` is what `rules.version_of` gave for those that the person saw.
    """
    actor.require(Capability.EDIT_OFFICIALS)
    # The institutions' rows stand for the whole table of ways: two changes of it queue up.
    db.session.execute(
        sa.select(Institution.id).order_by(Institution.id).with_for_update(key_share=True)
    )
    rows = {
        (row.from_institution_id, row.to_institution_id): row
        for row in db.session.scalars(sa.select(TravelTime).order_by(TravelTime.id))
    }
    stored = {pair: row.minutes for pair, row in rows.items()}
    changes = {pair: value for pair, value in minutes.items() if stored.get(pair) != value}
    _check_ways(stored, changes, seen_version)
    for (first, last), value in changes.items():
        row = rows.get((first, last))
        if value is None:
            db.session.delete(rows[first, last])
        elif row is not None:
            row.minutes = value
        else:
            pair = {"from_institution_id": first, "to_institution_id": last}
            db.session.add(TravelTime(**pair, minutes=value))
    db.session.flush()
    return len(changes)


def _check_ways(
    stored: Mapping[Pair, int], changes: Mapping[Pair, int | None], seen_version: int
) -> None:
    for (first, last), value in changes.items():
        if value is not None and not 0 <= value <= LONGEST_WAY:
            raise Refused(N_("Give a number from 0 to 600."), field=f"way_{first}_{last}")
    if version_of(stored) != seen_version:
        differences = [
            Difference(f"way_{first}_{last}", _said(stored.get((first, last))), _said(value))
            for (first, last), value in changes.items()
        ]
        raise Stale(
            N_(
                "The travel times were changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=differences,
        )


def _said(minutes: int | None) -> int | str:
    return "" if minutes is None else minutes
