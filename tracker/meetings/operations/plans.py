"""Plans of many meetings: made in the background, looked at, accepted whole or in part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import after_commit, db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_, say
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.meetings.models import (
    Meeting,
    MeetingKind,
    MeetingPlan,
    MeetingStatus,
    PlanRow,
    PlanStatus,
    RequestStatus,
)
from tracker.meetings.operations.booking import (
    COLUMNS,
    Diary,
    Draft,
    Known,
    MeetingDetails,
    fill,
    locked,
    shape_faults,
    take,
)
from tracker.meetings.operations.invitations import tell_attendees, told_of
from tracker.meetings.operations.meetings import touch
from tracker.meetings.operations.requests import title_of
from tracker.meetings.operations.steps import advance
from tracker.meetings.planning import LONGEST_PLAN, people_of
from tracker.meetings.rules import may_change_row

JOB = "plan_meetings"
QUICK, THOROUGH = 3, 30  # seconds of searching
BY_PLAN = N_("Moved by a plan so that more requests could be met.")
UNDER_WAY = frozenset({PlanStatus.QUEUED, PlanStatus.RUNNING})


class PlanRefused(Refused):
    """Some of the chosen rows cannot be booked; nothing was. `faults` says why, by request."""

    def __init__(self, faults: dict[int, list[Refused]]) -> None:
        super().__init__(
            N_(
                "Nothing was booked: %(count)s of the chosen meetings no longer fit. "
                "They are marked below and no longer chosen."
            ),
            count=len(faults),
        )
        self.faults = faults


class Place(Protocol):
    """When, with whom and where; moments are aware."""

    @property
    def starts(self) -> datetime: ...
    @property
    def ends(self) -> datetime: ...
    @property
    def official_ids(self) -> tuple[int, ...]: ...
    @property
    def hall_id(self) -> int | None: ...
    @property
    def interpreter_id(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class PlanDetails:
    """Which local days, how long is searched, and whether what is confirmed may move."""

    first_on: date
    last_on: date
    seconds: int = QUICK
    may_move: bool = False


def progress_key(plan_id: int) -> str:
    """Where the job says how far it is."""
    return f"plan-{plan_id}"


def start_plan(*, actor: Actor, election: Election, details: PlanDetails) -> MeetingPlan:
    """Give out the search for a plan; nothing is booked by it."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    today = clock.today(election.time_zone)
    if details.last_on < details.first_on:
        raise Refused(N_("The last day must not lie before the first."), field="last_on")
    if details.first_on < today:
        raise Refused(N_("%(day)s has passed."), field="first_on", day=details.first_on)
    if (details.last_on - details.first_on).days >= LONGEST_PLAN:
        raise Refused(N_("Plan at most %(most)s days."), field="last_on", most=LONGEST_PLAN)
    running = sa.select(MeetingPlan.id).where(
        MeetingPlan.election_id == election.id, MeetingPlan.status.in_(UNDER_WAY)
    )
    if db.session.scalar(running.limit(1)):
        raise Refused(N_("A plan is being made already. Wait for it, or stop it."))
    plan = MeetingPlan(
        election_id=election.id,
        first_on=details.first_on,
        last_on=details.last_on,
        seconds=details.seconds,
        may_move=details.may_move,
        status=PlanStatus.QUEUED,
        created_by=actor.name,
    )
    db.session.add(plan)
    db.session.flush()
    plan_id = plan.id
    after_commit(lambda: jobs.enqueue(JOB, plan_id=plan_id))
    return plan


def stop_plan(*, actor: Actor, plan: MeetingPlan) -> None:
    """End the search; the best plan so far is kept."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if plan.status in UNDER_WAY:
        plan.is_stop_asked = True
        db.session.flush()


def drop_plan(*, actor: Actor, plan: MeetingPlan) -> None:
    """Put a plan away; nothing of it is booked."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if plan.status is not PlanStatus.READY:
        raise Refused(N_("Only a plan that is ready can be dropped."))
    plan.status = PlanStatus.DROPPED
    db.session.flush()


def change_row(*, actor: Actor, plan: MeetingPlan, row: PlanRow, free: Place) -> None:
    """Put a request elsewhere in the plan; whether it still fits is checked on acceptance."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if not may_change_row(plan, row):
        raise NotFound(N_("There is no such row in the plan."))
    row.starts_at, row.ends_at = free.starts, free.ends
    row.official_ids = list(free.official_ids)
    row.hall_id, row.interpreter_id = free.hall_id, free.interpreter_id
    row.reason, row.params = None, {}
    db.session.flush()


def _details(row: PlanRow) -> MeetingDetails:
    """The meeting that a row suggests: a new one, or the one that moves, with all it holds."""
    request = row.request
    if row.starts_at is None or row.ends_at is None:
        raise ValueError("only rows with a place are chosen")
    if row.moves and request.meeting:
        kept = {name: getattr(request.meeting, name) for name in COLUMNS}
        kept |= {
            "delegation_ids": tuple(each.id for each in request.meeting.delegations),
            "participant_ids": tuple(e.accreditation_id for e in request.meeting.participants),
        }
    else:
        kept = {
            "kind": MeetingKind.BILATERAL,
            "title": title_of(request),
            "delegation_ids": (request.delegation_id,),
            "people": people_of(request) if row.hall_id else None,
            "language": request.language,
            "agenda": request.topics if "\n" in request.topics else None,
        }
    return MeetingDetails(
        **kept
        | {
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "official_ids": tuple(row.official_ids),
            "hall_id": row.hall_id,
            "interpreter_id": row.interpreter_id,
        }
    )


def accept_plan(
    *,
    actor: Actor,
    election: Election,
    plan: MeetingPlan,
    rows: Sequence[PlanRow],
    request_ids: Iterable[int],
    is_proposal: bool = False,
) -> int:
    """Book the chosen rows, all of them or, where one no longer fits, none (`PlanRefused`)."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if plan.status is not PlanStatus.READY:
        raise Refused(N_("This plan is not ready, or was accepted or dropped."))
    wanted = set(request_ids)
    chosen = [row for row in rows if row.request_id in wanted and row.starts_at]
    if not chosen:
        raise Refused(N_("Choose at least one meeting."))
    drafts = [Draft(_details(row), row.request.meeting if row.moves else None) for row in chosen]
    known = locked(election, drafts)
    diary, faults = Diary(election, drafts, known), {}
    for row, draft in zip(chosen, drafts, strict=True):
        if found := _faults(row, draft, diary):
            faults[row.request_id] = found
    if faults:
        raise PlanRefused(faults)
    _book(actor, election, list(zip(chosen, drafts, strict=True)), known, is_proposal)
    if all(row.is_booked for row in rows if row.starts_at):
        plan.status = PlanStatus.ACCEPTED
    db.session.flush()
    return len(chosen)


def _faults(row: PlanRow, draft: Draft, diary: Diary) -> list[Refused]:
    is_open = row.request.status is RequestStatus.RECEIVED
    if not (is_open or (row.moves and draft.meeting)):
        return [Refused(N_("This request is settled otherwise by now. Open it again."))]
    return list(shape_faults(draft.details)) or diary.faults(draft)


def _book(
    actor: Actor,
    election: Election,
    pairs: Sequence[tuple[PlanRow, Draft]],
    known: Known,
    is_proposal: bool,
) -> None:
    status = MeetingStatus.PROPOSED if is_proposal else MeetingStatus.SCHEDULED
    moving = [draft.meeting for _row, draft in pairs if draft.meeting]
    before = {row.id: told_of(election=election, meeting=row) for row in moving}
    entries = []
    for _row, draft in pairs:
        meeting = draft.meeting or Meeting(election_id=election.id, status=status)
        db.session.add(meeting)
        fill(meeting, draft.details, known)
        if draft.meeting:
            touch(meeting)
        entries.append((meeting, draft.details))
    db.session.flush()
    take(entries, known)
    step = "propose" if is_proposal else "confirm"
    for (row, draft), (meeting, _) in zip(pairs, entries, strict=True):
        row.is_booked = True
        name, reason = ("move", say(BY_PLAN)) if draft.meeting else (step, None)
        advance(actor=actor, request=row.request, name=name, reason=reason, meeting=meeting)
        if draft.meeting:
            tell_attendees(election=election, meeting=meeting, before=before[meeting.id])
    db.session.flush()
