"""A week of a thousand meetings, for the page that shows it."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.database import db, expect_writes
from tracker.meetings.models import (
    Meeting,
    MeetingBooking,
    MeetingKind,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.officials.models import Official

MEETINGS = 1_000
MONDAY = datetime(2022, 12, 5, 3, tzinfo=UTC)  # 09:00 in Almaty
WEEK = "/e/practice/meetings/schedule?day=2022-12-05"


def fill_week(app: Flask) -> None:
    """Enter the meetings of `WEEK`: officials in turn, half an hour each."""
    with app.app_context():
        expect_writes(True)
        election = db.session.scalars(sa.select(Election.id).filter_by(slug="practice")).one()
        officials = db.session.scalars(sa.select(Official.id).order_by(Official.id)).all()
        query = sa.select(Delegation.id).filter_by(election_id=election).order_by(Delegation.id)
        delegations = db.session.scalars(query).all()
        first = (db.session.scalar(sa.select(sa.func.max(Meeting.id))) or 0) + 1
        rows, hosts, guests, bookings = [], [], [], []
        for number in range(MEETINGS):
            turn, key = divmod(number, len(officials)), first + number
            day, place = divmod(turn[0], 5)
            start = MONDAY + timedelta(days=place, minutes=40 * day)
            times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
            delegation = delegations[number % len(delegations)]
            rows.append(
                {"id": key, "election_id": election, "title": f"Meeting {number}", **times}
                | {"kind": MeetingKind.BILATERAL, "status": MeetingStatus.SCHEDULED}
                | {"created_at": MONDAY, "version": 1}
            )
            hosts.append({"meeting_id": key, "official_id": officials[turn[1]]})
            guests.append({"meeting_id": key, "delegation_id": delegation})
            bookings += [
                {"meeting_id": key, "resource": resource, **times}
                for resource in (f"official:{officials[turn[1]]}", f"delegation:{delegation}")
            ]
        for table, found in (
            (Meeting, rows),
            (meeting_officials, hosts),
            (meeting_delegations, guests),
            (MeetingBooking, bookings),
        ):
            db.session.execute(sa.insert(table), found)
        db.session.commit()
