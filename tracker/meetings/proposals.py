"""Free times for one meeting, being typed or asked for: ranked, with what speaks for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, say
from tracker.meetings.availability import People
from tracker.meetings.conflicts import Reason
from tracker.meetings.models import MeetingRequest, PlanRow
from tracker.meetings.operations import MeetingDetails
from tracker.meetings.planner import propose, why_not
from tracker.meetings.planner_problem import Placement, Request
from tracker.meetings.planning import NOBODY, Asked, ask, days_between, number_of, said

# Said where a delegation is not there on any of the days that it wished for.
STAY = N_("%(reason)s; the delegation stays from %(first)s to %(last)s")
DAYS = 7  # looked at, beginning with the day that is typed
MOST = 6


@dataclass(frozen=True)
class Free:
    """A free time, local, with what speaks for it."""

    starts: datetime
    ends: datetime
    official_ids: tuple[int, ...]
    hall_id: int | None
    interpreter_id: int | None
    officials: str
    hall: str
    interpreter: str
    reasons: list[str]

    @property
    def key(self) -> str:
        """What tells this time from every other, for a form that offers several."""
        officials = "-".join(map(str, self.official_ids))
        rooms = f"{self.hall_id or 0}/{self.interpreter_id or 0}"
        return f"{self.starts.isoformat()}/{officials}/{rooms}"


def free_times(
    election: Election, details: MeetingDetails, *, with_hall: bool
) -> tuple[list[Free], str]:
    """Ranked free times from the typed day on; if there are none, the reason why."""
    if not details.official_ids:
        raise Refused(N_("Choose at least one official."), field="officials")
    first = clock.local(details.starts_at, election.time_zone).date()
    wish = Request(
        key=0,
        delegations=tuple(f"delegation:{key}" for key in sorted(details.delegation_ids)),
        length=details.ends_at - details.starts_at,
        all_of=tuple(f"official:{key}" for key in sorted(details.official_ids)),
        people=details.people or 1,
        wished_days=(first,),
        language=details.language,
        hall_needed=with_hall,
    )
    query = sa.select(Delegation).where(
        Delegation.id.in_(details.delegation_ids), Delegation.election_id == election.id
    )
    own = People(delegations=db.session.scalars(query.order_by(Delegation.id)).unique().all())
    asked = ask(election, _days(election, first, DAYS), (), extra=[wish], own=own)
    return _found(election, asked, wish)


def times_for(election: Election, request: MeetingRequest) -> tuple[list[Free], str]:
    """Ranked free times for an open request: on its wished days and a week from the first."""
    today = clock.today(election.time_zone)
    first = min([day for day in request.days if day >= today] or [today])
    days = sorted({*_days(election, first, DAYS), *(d for d in request.days if d >= today)})
    asked = ask(election, days, [request])
    if asked.nobody:
        return [], said(Reason(NOBODY), {})
    found, reason = _found(election, asked, asked.problem.request[request.id])
    comes, goes = request.delegation.arrival_on, request.delegation.departure_on
    if found or not comes or not goes or any(comes <= day <= goes for day in request.days or days):
        return found, reason
    return [], say(STAY, {"reason": reason, "first": comes, "last": goes})


def times_beside(
    election: Election, request: MeetingRequest, rows: Sequence[PlanRow]
) -> tuple[list[Free], str]:
    """Ranked free times for one request of a plan, beside all the others that it places."""
    placed = [row for row in rows if row.starts_at and row.ends_at and not row.is_booked]
    requests = [row.request for row in placed if row.request_id != request.id]
    days = sorted(
        {clock.local(row.starts_at, election.time_zone).date() for row in placed if row.starts_at}
    )
    today = clock.today(election.time_zone)
    asked = ask(election, days or [today], [*requests, request])
    wish = asked.problem.request.get(request.id)
    if wish is None:
        return [], said(Reason(NOBODY), {})
    others = [
        Placement(
            row.request_id,
            row.starts_at,
            row.ends_at,
            tuple(f"official:{key}" for key in row.official_ids),
            f"hall:{row.hall_id}" if row.hall_id else None,
            f"interpreter:{row.interpreter_id}" if row.interpreter_id else None,
        )
        for row in placed
        if row.starts_at and row.ends_at and row.request_id in asked.problem.request
    ]
    return _found(election, asked, wish, others)


def _days(election: Election, first: date, count: int) -> tuple[date, ...]:
    today = clock.today(election.time_zone)
    start = max(first, today)
    return days_between(start, start + timedelta(days=count - 1))


def _found(
    election: Election, asked: Asked, wish: Request, others: Sequence[Placement] = ()
) -> tuple[list[Free], str]:
    found = [
        _free(election, asked, each.placement, each.reasons)
        for each in propose(asked.problem, others, wish, limit=MOST)
    ]
    missing = None if found else why_not(asked.problem, others, wish)
    return found, said(Reason(missing.code, missing.params), asked.names) if missing else ""


def _free(
    election: Election, asked: Asked, placement: Placement, reasons: Iterable[Reason]
) -> Free:
    names = asked.names
    return Free(
        starts=clock.local(placement.starts_at, election.time_zone),
        ends=clock.local(placement.ends_at, election.time_zone),
        official_ids=tuple(number_of(key) or 0 for key in placement.officials),
        hall_id=number_of(placement.hall),
        interpreter_id=number_of(placement.interpreter),
        officials=", ".join(names.get(key, key) for key in placement.officials),
        hall=names.get(placement.hall or "", ""),
        interpreter=names.get(placement.interpreter or "", ""),
        reasons=[
            said(reason, names) for reason in reasons if reason.code != "no_interpreter_needed"
        ],
    )
