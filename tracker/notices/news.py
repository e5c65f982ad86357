"""What each kind of change is told as, and to whom: one function for each table that is watched.

Each takes the entries of the record about its table, in order, and yields what is to be told to
which people. Whoever made the change is not told of it. Many alike become one sentence.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Notice, User
from tracker.accounts.operations.telling import News
from tracker.accounts.queries import holders_of
from tracker.accreditation.models import Accreditation, AccreditationStatus, Submission
from tracker.audit.models import AuditEntry
from tracker.delegations.models import Delegation, DelegationMessage, FocalPoint
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db, in_chunks
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role
from tracker.lists.models import ListStatus, ObserverList
from tracker.logistics.models.assistance import (
    AssistanceRequest,
    AssistanceStatus,
    AssistanceWatcher,
)
from tracker.meetings.models import Meeting, MeetingRequest, MeetingStatus, RequestStatus
from tracker.organizations.labels import names_of_sender

ANSWERING = (Role.REGISTRAR, Role.COORDINATOR)
Told = Iterator[tuple[Iterable[User], News]]

# What became of observers, as a delegation is told: the step's statuses and the sentence.
OUTCOMES: Mapping[tuple[str | None, str], str] = {
    (None, AccreditationStatus.ACCREDITED.value): N_("Accredited observers: %(count)s"),
    (None, AccreditationStatus.REFUSED.value): N_("Refused observers: %(count)s"),
    (None, AccreditationStatus.REVOKED.value): N_(
        "Observers whose accreditation was revoked: %(count)s"
    ),
    (AccreditationStatus.SUBMITTED.value, AccreditationStatus.REGISTERED.value): N_(
        "Observers returned for correction: %(count)s"
    ),
}
SENTENCES = tuple(OUTCOMES.values())
ANSWERED: Mapping[str, str] = {
    AssistanceStatus.WAITING.value: N_(
        "Request No. %(number)s: headquarters waits for your answer."
    ),
    AssistanceStatus.DONE.value: N_("Request No. %(number)s is done."),
    AssistanceStatus.DECLINED.value: N_("Request No. %(number)s was declined."),
}
MEETINGS: Mapping[str, str] = {
    MeetingStatus.SCHEDULED.value: N_("A meeting is scheduled for %(moment)s."),
    MeetingStatus.CANCELLED.value: N_("The meeting on %(moment)s is cancelled."),
    "moved": N_("A meeting was moved to %(moment)s."),
    "left": N_("Your delegation no longer takes part in the meeting on %(moment)s."),
}


def _but(people: Iterable[User], entry: AuditEntry) -> list[User]:
    return [user for user in people if user.id != entry.actor_id]


def _focal_points(delegation_ids: Iterable[int]) -> list[User]:
    """The open accounts of these delegations' own people."""
    query = sa.select(User).join(FocalPoint, FocalPoint.user_id == User.id)
    query = query.where(FocalPoint.delegation_id.in_(list(delegation_ids)), User.active)
    return list(db.session.scalars(query.order_by(User.id)).unique())


def _inserted(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    return [entry for entry in entries if entry.action == "insert"]


LISTS: Mapping[str, str] = {
    "came": N_("A list of observers came from %(sender)s."),
    "accepted": N_("Headquarters accepted your list of observers."),
    "returned": N_("Headquarters returned your list of observers to be mended."),
}


def _list_news(entry: AuditEntry, row: ObserverList) -> str | None:
    """What an entry says of a list: nothing of one that its delegation still prepares."""
    said: Mapping[str, Any] = entry.after or {}
    if entry.action == "insert":
        return None if said.get("is_with_delegation") else "came"
    if said.get("sent_at"):
        return "came"
    if row.sent_at is not None and said.get("status") == ListStatus.ACCEPTED.value:
        return "accepted"
    return "returned" if said.get("is_with_delegation") else None


def of_lists(entries: Sequence[AuditEntry]) -> Told:
    """A list of observers came; one that a delegation sent was accepted, or goes back."""
    for entry in entries:
        row = db.session.get(ObserverList, int(entry.record_id))
        what = _list_news(entry, row) if row is not None else None
        if row is None or what is None:
            continue
        election = db.session.get_one(Election, row.election_id)
        delegation = db.session.get_one(Delegation, row.delegation_id)
        is_theirs = what != "came"
        people = _focal_points([delegation.id]) if is_theirs else holders_of(Role.REGISTRAR)
        yield (
            _but(people, entry),
            News(
                kind=Notice.LISTS,
                key=f"list-{row.id}-{entry.position}",
                message=LISTS[what],
                params={"sender": names_of_sender(delegation.organization)},
                path=f"/e/{election.slug}/lists/{row.id}",
                zone=election.time_zone,
            ),
        )


def of_messages(entries: Sequence[AuditEntry]) -> Told:
    """The other side of a thread wrote; what it says is read here, not in the letter."""
    for entry in _inserted(entries):
        row = db.session.get(DelegationMessage, int(entry.record_id))
        if row is None:
            continue
        delegation = db.session.get_one(Delegation, row.delegation_id)
        election = db.session.get_one(Election, delegation.election_id)
        staff = {user.id: user for role in ANSWERING for user in holders_of(role)}
        is_theirs = row.is_from_headquarters
        people = _focal_points([delegation.id]) if is_theirs else list(staff.values())
        message = N_("Headquarters wrote to your delegation.")
        yield (
            _but(people, entry),
            News(
                kind=Notice.MESSAGES,
                key=f"delegation-message-{row.id}",
                message=message if is_theirs else N_("%(sender)s wrote to headquarters."),
                params={"sender": names_of_sender(delegation.organization)},
                path=f"/e/{election.slug}/delegations/{delegation.id}/messages",
                zone=election.time_zone,
            ),
        )


def of_meeting_requests(entries: Sequence[AuditEntry]) -> Told:
    """A delegation asks for a meeting."""
    for entry in _inserted(entries):
        row = db.session.get(MeetingRequest, int(entry.record_id))
        if row is None:
            continue
        election = db.session.get_one(Election, row.election_id)
        yield (
            _but(holders_of(Role.COORDINATOR), entry),
            News(
                kind=Notice.MEETING_REQUESTS,
                key=f"meeting-request-{row.id}",
                message=N_("%(sender)s asks for a meeting."),
                params={"sender": names_of_sender(row.delegation.organization)},
                path=f"/e/{election.slug}/meetings/requests/{row.id}",
                zone=election.time_zone,
            ),
        )


def of_request_steps(entries: Sequence[AuditEntry]) -> Told:
    """A request for a meeting was declined; what was scheduled, its meeting says."""
    for entry in _inserted(entries):
        said: Mapping[str, Any] = entry.after or {}
        row = db.session.get(MeetingRequest, said.get("request_id") or 0)
        if row is None or said.get("to_status") != RequestStatus.DECLINED.value:
            continue
        election = db.session.get_one(Election, row.election_id)
        yield (
            _but(_focal_points([row.delegation_id]), entry),
            News(
                kind=Notice.ANSWERS,
                key=f"request-step-{entry.record_id}",
                message=N_("Your request for a meeting was declined."),
                params={},
                path=f"/e/{election.slug}/meetings/requests/{row.id}",
                zone=election.time_zone,
            ),
        )


def of_submissions(entries: Sequence[AuditEntry]) -> Told:
    """The Ministry presents candidates."""
    for entry in _inserted(entries):
        row = db.session.get(Submission, int(entry.record_id))
        if row is None:
            continue
        election = db.session.get_one(Election, row.election_id)
        yield (
            _but(holders_of(Role.COMMISSION), entry),
            News(
                kind=Notice.SUBMISSIONS,
                key=f"submission-{row.id}",
                message=N_("Submission No. %(number)s was presented."),
                params={"number": str(row.number)},
                path=f"/e/{election.slug}/submissions/{row.id}",
                zone=election.time_zone,
            ),
        )


def of_transitions(entries: Sequence[AuditEntry]) -> Told:
    """Observers were decided, or returned for correction: how many, by delegation."""
    moved = [(entry, entry.after) for entry in _inserted(entries) if entry.after]
    ids = {said["accreditation_id"] for _entry, said in moved}
    columns = (Accreditation.id, Accreditation.delegation_id, Accreditation.election_id)
    whose: dict[int, tuple[int, int]] = {}
    for some in in_chunks(ids):
        rows = db.session.execute(sa.select(*columns).where(Accreditation.id.in_(some)))
        whose |= {row.id: (row.delegation_id, row.election_id) for row in rows}
    counts: Counter[tuple[int, int, str]] = Counter()
    for _entry, said in moved:
        source, target = said["from_status"], said["to_status"]
        message = OUTCOMES.get((None, target)) or OUTCOMES.get((source, target))
        if message and said["accreditation_id"] in whose:
            counts[(*whose[said["accreditation_id"]], message)] += 1
    for (delegation_id, election_id, message), count in counts.items():
        election = db.session.get_one(Election, election_id)
        yield (
            _focal_points([delegation_id]),
            News(
                kind=Notice.DECISIONS,
                key=f"decisions-{moved[-1][0].position}-{delegation_id}-{SENTENCES.index(message)}",
                message=message,
                params={"count": count},
                path=f"/e/{election.slug}/delegations/{delegation_id}",
                zone=election.time_zone,
            ),
        )


def of_assistance_steps(entries: Sequence[AuditEntry]) -> Told:
    """A request was answered; who follows it is told of each step anyway."""
    for entry in _inserted(entries):
        said: Mapping[str, Any] = entry.after or {}
        message = ANSWERED.get(said.get("to_status", ""))
        row = db.session.get(AssistanceRequest, said.get("assistance_id") or 0)
        if row is None or message is None:
            continue
        election = db.session.get_one(Election, row.election_id)
        follow = sa.select(AssistanceWatcher.user_id).where(
            AssistanceWatcher.assistance_id == row.id
        )
        following = set(db.session.scalars(follow))
        people = _but(_focal_points([row.delegation_id]), entry)
        yield (
            [user for user in people if user.id not in following],
            News(
                kind=Notice.ANSWERS,
                key=f"assistance-step-{entry.record_id}",
                message=message,
                params={"number": str(row.number)},
                path=f"/e/{election.slug}/requests/{row.id}",
                zone=election.time_zone,
            ),
        )


def _meeting_news(entry: AuditEntry, row: Meeting) -> Iterator[tuple[str, set[int]]]:
    """What an entry says of a meeting, each with the delegations that it is said to.

    Of a proposal that never stood nobody was told: it is not cancelled either.
    """
    was, said = entry.before or {}, entry.after or {}
    here = {each.id for each in row.delegations}
    if now_is := said.get("status"):
        is_news = now_is == MeetingStatus.SCHEDULED or was.get("status") == MeetingStatus.SCHEDULED
        if is_news and now_is in MEETINGS:
            yield now_is, here
    elif row.status is MeetingStatus.SCHEDULED:
        before, after = ({int(key) for key in side.get("delegations", ())} for side in (was, said))
        yield "left", before - after
        yield MeetingStatus.SCHEDULED.value, after - before
        if "starts_at" in said:
            yield "moved", here - (after - before)


def of_meetings(entries: Sequence[AuditEntry]) -> Told:
    """A meeting stands, was moved or is cancelled, or goes on without somebody."""
    for entry in entries:
        row = db.session.get(Meeting, int(entry.record_id))
        if row is None:
            continue
        election = db.session.get_one(Election, row.election_id)
        known: Mapping[str, Any] = entry.before or {}
        earlier = known.get("starts_at")
        for what, delegation_ids in _meeting_news(entry, row):
            starts_at = row.starts_at
            if what == "left" and earlier:  # who is of it no more is not told when it is now
                starts_at = datetime.fromisoformat(earlier)
            for delegation_id in sorted(delegation_ids):
                yield (
                    _but(_focal_points([delegation_id]), entry),
                    News(
                        kind=Notice.MEETINGS,
                        key=f"meeting-{row.id}-{entry.position}-{delegation_id}",
                        message=MEETINGS[what],
                        params={"moment": clock.local(starts_at, election.time_zone)},
                        path=f"/e/{election.slug}/delegations/{delegation_id}",
                        zone=election.time_zone,
                    ),
                )


WATCHED: Mapping[str, Callable[[Sequence[AuditEntry]], Told]] = {
    "observer_lists": of_lists,
    "delegation_messages": of_messages,
    "meeting_requests": of_meeting_requests,
    "request_steps": of_request_steps,
    "submissions": of_submissions,
    "transitions": of_transitions,
    "assistance_steps": of_assistance_steps,
    "meetings": of_meetings,
}
