"""What changed between two moments, as lines that a person reads in ten seconds.

By when it was recorded, so that a decision entered late is news on the day it was entered.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from tracker.accreditation.counts import IS_OBSERVER
from tracker.accreditation.models import Accreditation, AccreditationStatus, Transition
from tracker.audit.models import AuditEntry
from tracker.audit.queries import changes_of, latest
from tracker.delegations.labels import STATUSES as LABELS
from tracker.delegations.models import Delegation, DelegationStep
from tracker.elections.models import Election
from tracker.headquarters.queries import with_whom
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.i18n import N_, language, ngettext, say
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.models.movements import (
    Direction,
    Movement,
    MovementStatus,
    MovementStep,
)
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.organizations.labels import sender_name

S = AccreditationStatus
MOST_MEETINGS = 20


@dataclass(frozen=True)
class Change:
    """One line, and the page that shows more of it."""

    text: str
    endpoint: str
    query: dict[str, Any] = field(default_factory=dict)


def changes_between(election: Election, since: datetime, until: datetime) -> list[Change]:
    """Everything that was recorded after `since` up to `until`, in a fixed number of statements."""
    window = (election, since, until)
    return [
        *_accreditations(*window),
        *_meetings(*window),
        *_movements(*window),
        *_requests(*window),
        *_delegations(*window),
    ]


def _accreditations(election: Election, since: datetime, until: datetime) -> Iterator[Change]:
    query = (
        sa.select(Transition.from_status, Transition.to_status, sa.func.count())
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .where(
            Transition.election_id == election.id,
            Transition.recorded_at > since,
            Transition.recorded_at <= until,
            IS_OBSERVER,
        )
        .group_by(Transition.from_status, Transition.to_status)
    )
    counts: Counter[Saying] = Counter()
    for source, target, count in db.session.execute(query):
        is_returned = (source, target) == (S.SUBMITTED, S.REGISTERED)
        if words := _returned if is_returned else OF_STATUS.get(target):
            counts[words] += count
    for words, status in SAYINGS.items():
        if count := counts[words]:
            yield Change(words(count), "headquarters.observers", {"status": status.value})


def _accredited(count: int) -> str:
    return ngettext("%(num)s observer accredited", "%(num)s observers accredited", count)


def _revoked(count: int) -> str:
    return ngettext("%(num)s accreditation revoked", "%(num)s accreditations revoked", count)


def _refused(count: int) -> str:
    return ngettext("%(num)s candidate refused", "%(num)s candidates refused", count)


def _withdrawn(count: int) -> str:
    return ngettext("%(num)s observer withdrawn", "%(num)s observers withdrawn", count)


def _submitted(count: int) -> str:
    return ngettext("%(num)s candidate submitted", "%(num)s candidates submitted", count)


def _registered(count: int) -> str:
    return ngettext("%(num)s observer registered", "%(num)s observers registered", count)


def _returned(count: int) -> str:
    return ngettext(
        "%(num)s candidate returned for correction",
        "%(num)s candidates returned for correction",
        count,
    )


Saying = Callable[[int], str]
OF_STATUS: dict[AccreditationStatus, Saying] = {
    S.ACCREDITED: _accredited,
    S.REVOKED: _revoked,
    S.REFUSED: _refused,
    S.WITHDRAWN: _withdrawn,
    S.SUBMITTED: _submitted,
    S.REGISTERED: _registered,
}
# In the order in which they are said, with the status in which they are found.
SAYINGS = {words: status for status, words in OF_STATUS.items()} | {_returned: S.REGISTERED}


def meetings_told(election: Election, since: datetime, until: datetime) -> sa.Select[AuditEntry]:
    """What was done to the election's meetings and is news, as `_said` has it."""
    mine = sa.select(sa.cast(Meeting.id, sa.String)).where(Meeting.election_id == election.id)
    became = AuditEntry.after["status"].as_string()
    is_news = sa.or_(
        AuditEntry.action == "insert",
        became.in_((MeetingStatus.CANCELLED.value, MeetingStatus.HELD.value)),
        AuditEntry.after["starts_at"].as_string().is_not(None),
    )
    return changes_of("meetings", mine, since, until).where(is_news)


def _meetings(election: Election, since: datetime, until: datetime) -> Iterator[Change]:
    """From the audit record, which knows what a meeting was before."""
    entries = latest(meetings_told(election, since, until), most=MOST_MEETINGS)
    ids = {int(entry.record_id) for entry in entries}
    query = sa.select(Meeting).where(Meeting.election_id == election.id, Meeting.id.in_(ids))
    found = {row.id: row for row in db.session.scalars(query)} if ids else {}
    for entry in entries:
        row = found.get(int(entry.record_id))
        if row and (text := _said(election, row, entry)):
            yield Change(text, "meetings.meeting", {"meeting_id": row.id})


def _said(election: Election, row: Meeting, entry: AuditEntry) -> str:
    """What one change did to a meeting; empty for what is no news."""
    before, after = entry.before or {}, entry.after or {}
    who = with_whom(row, language()) or str(_("All missions"))
    starts = clock.local(row.starts_at, election.time_zone)
    if entry.action == "insert":
        return say(N_("New meeting: %(who)s, %(starts)s"), {"who": who, "starts": starts})
    if after.get("status") == MeetingStatus.CANCELLED:
        return say(N_("Meeting cancelled: %(who)s, %(starts)s"), {"who": who, "starts": starts})
    if after.get("status") == MeetingStatus.HELD:
        return say(N_("Meeting held: %(who)s"), {"who": who})
    if "starts_at" not in after:
        return ""
    was, now = (
        clock.local(datetime.fromisoformat(text), election.time_zone)
        for text in (before["starts_at"], after["starts_at"])
    )
    return _moved(N_("Meeting moved: %(who)s, from %(was)s to %(now)s"), who, was, now)


def _moved(message: str, who: str, was: datetime, now: datetime) -> str:
    """Two moments in words; the day is left out where it is the same."""
    if was.date() == now.date():
        return say(message, {"who": who, "was": f"{was:%H:%M}", "now": f"{now:%H:%M}"})
    return say(message, {"who": who, "was": was, "now": now})


def _movements(election: Election, since: datetime, until: datetime) -> Iterator[Change]:
    here = Movement.election_id == election.id
    within = sa.and_(MovementStep.recorded_at > since, MovementStep.recorded_at <= until)
    people = (
        sa.select(Movement.direction, sa.func.sum(Movement.people))
        .join(MovementStep, MovementStep.movement_id == Movement.id)
        .where(here, within, MovementStep.to_status == MovementStatus.DONE)
        .group_by(Movement.direction)
    )
    counts = {direction: count for direction, count in db.session.execute(people)}
    if count := counts.get(Direction.ARRIVAL, 0):
        text = ngettext("%(num)s person has arrived", "%(num)s people have arrived", count)
        yield Change(str(text), "logistics.arrivals")
    if count := counts.get(Direction.DEPARTURE, 0):
        text = ngettext("%(num)s person has left", "%(num)s people have left", count)
        yield Change(str(text), "logistics.arrivals")
    moved = sa.select(Movement).where(
        here, Movement.changed_at > since, Movement.changed_at <= until
    )
    for row in db.session.scalars(moved.order_by(Movement.changed_at, Movement.id)).unique():
        was, now = (
            clock.local(moment, election.time_zone)
            for moment in (row.earlier_moves_at or row.moves_at, row.moves_at)
        )
        message = (
            N_("Arrival moved: %(who)s, from %(was)s to %(now)s")
            if row.direction is Direction.ARRIVAL
            else N_("Departure moved: %(who)s, from %(was)s to %(now)s")
        )
        text = _moved(message, sender_name(row.delegation.organization), was, now)
        yield Change(text, "logistics.movement", {"movement_id": row.id})


def _requests(election: Election, since: datetime, until: datetime) -> Iterator[Change]:
    row = AssistanceRequest
    raised = sa.and_(row.created_at > since, row.created_at <= until)
    settled = sa.and_(row.settled_at > since, row.settled_at <= until)
    number = sa.func.count
    query = sa.select(number().filter(raised), number().filter(settled)).where(
        row.election_id == election.id, sa.or_(raised, settled)
    )
    new, done = db.session.execute(query).one()
    if new:
        text = ngettext("%(num)s request raised", "%(num)s requests raised", new)
        yield Change(str(text), "logistics.requests")
    if done:
        text = ngettext("%(num)s request settled", "%(num)s requests settled", done)
        yield Change(str(text), "logistics.requests")


def _delegations(election: Election, since: datetime, until: datetime) -> Iterator[Change]:
    query = (
        sa.select(DelegationStep, Delegation)
        .join(Delegation, Delegation.id == DelegationStep.delegation_id)
        .where(
            Delegation.election_id == election.id,
            DelegationStep.recorded_at > since,
            DelegationStep.recorded_at <= until,
        )
        .order_by(DelegationStep.id)
    )
    for step, row in db.session.execute(query).unique():
        params = {"who": sender_name(row.organization), "status": _(LABELS[step.to_status])}
        text = say(N_("%(who)s: %(status)s"), params)
        yield Change(text, "headquarters.delegation", {"delegation_id": row.id})
