"""A copy of the demonstration with a national election of any size, its meetings and its requests:
what any number of observers costs is measured on two of these.

`python -m tests.benchmarks.million FOLDER --observers 1000000` makes such an installation.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.journeys.demonstration import demonstration
from tracker.delegations.models import Delegation
from tracker.demonstration.national import SLUG, build_national
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, reserve_ids, unit_of_work
from tracker.logistics.models.assistance import AssistanceKind, AssistanceRequest, AssistanceStep
from tracker.meetings.models import (
    Meeting,
    MeetingBooking,
    MeetingKind,
    meeting_delegations,
    meeting_officials,
)
from tracker.officials.models import Official

NOW = datetime(2022, 11, 18, 5, tzinfo=UTC)
FIRST = datetime(2022, 9, 22, 3, tzinfo=UTC)


def fill(app: Flask, count: int, *, meetings: int = 0, requests: int = 0) -> None:
    """Enter the election `SLUG` with `count` accreditations over 200 delegations."""
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            election = build_national(slug=SLUG, number=count)
            query = sa.select(Delegation.id).where(Delegation.election_id == election.id)
            delegations = db.session.scalars(query.order_by(Delegation.id)).all()
            connection = db.session.connection()
            _meetings(connection, election.id, delegations, meetings)
            _requests(connection, election.id, delegations, requests)
        db.session.remove()
        db.engine.dispose()


def _meetings(
    connection: sa.Connection, election_id: int, delegations: Sequence[int], count: int
) -> None:
    """Half an hour each, every forty minutes of the eight hours of a day, officials in turn."""
    if not count:
        return
    officials = connection.scalars(sa.select(Official.id).order_by(Official.id)).all()
    keys = reserve_ids(Meeting, count)
    rows, hosts, guests, bookings = [], [], [], []
    for number in range(count):
        turn, official = divmod(number, len(officials))
        start = FIRST + timedelta(days=turn // 12, minutes=40 * (turn % 12))
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
        names = {"id": keys[number], "election_id": election_id, "title": f"Meeting {number}"}
        rows.append(names | times | {"kind": MeetingKind.BILATERAL})
        key, guest = keys[number], delegations[number % len(delegations)]
        hosts.append({"meeting_id": key, "official_id": officials[official]})
        guests.append({"meeting_id": key, "delegation_id": guest})
        for resource in (f"official:{officials[official]}", f"delegation:{guest}"):
            bookings.append({"meeting_id": key, "resource": resource} | times)
    for table, found in (
        (Meeting, rows),
        (meeting_officials, hosts),
        (meeting_delegations, guests),
        (MeetingBooking, bookings),
    ):
        connection.execute(sa.insert(table), found)


def _requests(
    connection: sa.Connection, election_id: int, delegations: Sequence[int], count: int
) -> None:
    """Requests of every kind, nine in ten of them done."""
    if not count:
        return
    kinds = list(AssistanceKind)
    keys = reserve_ids(AssistanceRequest, count)
    rows, steps = [], []
    for number in range(count):
        moment = FIRST + timedelta(minutes=number)
        is_new = number % 10 == 0
        status = "new" if is_new else "done"
        rows.append(
            {
                "id": keys[number],
                "election_id": election_id,
                "number": number + 1,
                "delegation_id": delegations[number % len(delegations)],
                "kind": kinds[number % len(kinds)],
                "title": f"Request {number}",
                "status": status,
                "due_at": NOW + timedelta(days=1) if is_new else moment + timedelta(days=1),
                "settled_at": None if is_new else moment + timedelta(hours=2),
                "created_at": moment,
                "created_by": "benchmark",
            }
        )
        step = {"assistance_id": keys[number], "actor_name": "benchmark"}
        steps.append(step | {"to_status": "new", "recorded_at": moment})
    connection.execute(sa.insert(AssistanceRequest), rows)
    connection.execute(sa.insert(AssistanceStep), steps)


def main() -> None:
    """Make an installation in a folder, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--observers", type=int, default=1_000_000)
    parser.add_argument("--meetings", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=50_000)
    asked = parser.parse_args()
    app = demonstration(asked.folder)
    start = time.perf_counter()
    fill(app, asked.observers, meetings=asked.meetings, requests=asked.requests)
    print(f"{asked.observers} observers in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
