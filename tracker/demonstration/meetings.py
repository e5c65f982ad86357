"""Meetings of the demonstration: those that were reported in public, and what is asked for."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from tracker.delegations.models import Delegation
from tracker.demonstration.directory import build_directory
from tracker.demonstration.rows import DATA, PUBLISHED, rows_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.meetings.models import MeetingKind, Whom
from tracker.meetings.operations import (
    MeetingDetails,
    RequestDetails,
    answer_request,
    request_meeting,
    schedule_meeting,
)
from tracker.officials.models import Official


def build_meetings(
    election: Election, delegations: Mapping[str, Delegation], moment: Callable[[str], datetime]
) -> None:
    """Schedule what was reported, then ask for what has no time yet; `moment` reads local times."""
    officials = build_directory(election.time_zone)
    for row in rows_of(PUBLISHED / "programme.csv"):
        starts_at = moment(row["starts"])
        sender = row["delegations"]
        details = MeetingDetails(
            kind=MeetingKind.BILATERAL if sender else MeetingKind.BRIEFING,
            title=row["title"],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=int(row["minutes"])),
            official_ids=tuple(officials[key].id for key in row["officials"].split("|")),
            delegation_ids=(delegations[sender].id,) if sender else (),
        )
        if sender:
            _asked_for(election, delegations[sender], details)
        else:
            with clock.at(starts_at - timedelta(days=3)):
                schedule_meeting(actor=SYSTEM, election=election, details=details)
    for row in rows_of(DATA / "requests.csv"):
        with clock.at(moment(row["asked"])):
            _ask(election, delegations[row["delegation"]], officials, row)


def _asked_for(election: Election, delegation: Delegation, details: MeetingDetails) -> None:
    """A meeting that answers the delegation's request, as they all do."""
    with clock.at(details.starts_at - timedelta(days=5)):
        request = request_meeting(
            actor=SYSTEM,
            election=election,
            delegation=delegation,
            details=RequestDetails(
                whom=Whom.OFFICIAL,
                official_id=details.official_ids[0],
                topics=details.title,
                length_minutes=(details.ends_at - details.starts_at) // timedelta(minutes=1),
                people=4,
                priority=2,
            ),
        )
    with clock.at(details.starts_at - timedelta(days=3)):
        answer_request(actor=SYSTEM, election=election, request=request, details=details)


def _ask(
    election: Election,
    delegation: Delegation,
    officials: Mapping[str, Official],
    row: Mapping[str, str],
) -> None:
    """What waits for a time on the demonstration's day."""
    request_meeting(
        actor=SYSTEM,
        election=election,
        delegation=delegation,
        details=RequestDetails(
            whom=Whom(row["whom"]),
            official_id=officials[row["official"]].id,
            topics=row["topics"],
            days=tuple(date.fromisoformat(day) for day in row["days"].split()),
            people=int(row["people"]),
            priority=int(row["priority"]),
        ),
    )
