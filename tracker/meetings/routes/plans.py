"""Plans of many meetings: asked for, looked at, changed, accepted."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_percent
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_, ngettext, say
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.meetings import operations, queries
from tracker.meetings.availability import SATURDAY, People
from tracker.meetings.conflicts import Reason
from tracker.meetings.forms import PlanForm
from tracker.meetings.labels import PLAN_STATUSES, PLAN_TONES
from tracker.meetings.models import MeetingPlan, PlanRow, RequestStatus
from tracker.meetings.operations.plans import UNDER_WAY, progress_key
from tracker.meetings.planning import names_of, said
from tracker.meetings.proposals import times_beside
from tracker.meetings.routes.blueprint import blueprint, today
from tracker.meetings.routes.requests import shown_request
from tracker.meetings.rules import may_change_row
from tracker.meetings.schedule import WEEK
from tracker.officials.queries import halls, interpreters, officials


@blueprint.route("/e/<election>/meetings/plans/", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def plans(election: str) -> ResponseReturnValue:
    """Plan the open requests of some days; earlier plans below."""
    row = election_for(actor(), election)
    form = PlanForm()
    form.offer()
    if request.method == "GET":
        form.first_on.data, form.last_on.data = _usual_days(row)
    if form.validate_on_submit():
        made = form.attempt(
            operations.start_plan, actor=actor(), election=row, details=form.details()
        )
        if made is not None:
            return redirect(url_for("meetings.plan", election=row.slug, plan_id=made.id))
    return render_template(
        "meetings/plans.html",
        election=row,
        form=form,
        rows=queries.plans(row.id),
        statuses=PLAN_STATUSES,
        tones=PLAN_TONES,
        waiting=queries.request_counts(actor(), row.id).get(RequestStatus.RECEIVED, 0),
        local=lambda moment: clock.local(moment, row.time_zone),
    ), form.status


def _usual_days(election: Election) -> tuple[date, date]:
    """The next working week: from tomorrow, or from Monday, to its Friday."""
    first = today(election) + timedelta(days=1)
    if first.weekday() >= SATURDAY:
        first = clock.monday_of(first) + timedelta(days=WEEK)
    return first, clock.monday_of(first) + timedelta(days=SATURDAY - 1)


def _around(election: str, plan_id: int) -> tuple[Election, MeetingPlan]:
    row = election_for(actor(), election)
    return row, queries.plan_for(row.id, plan_id)


def _names(rows: Sequence[PlanRow]) -> dict[str, str]:
    """Everybody whom a plan may name, in the reader's language."""
    senders = {row.request.delegation.id: row.request.delegation for row in rows}
    people = People(officials(), tuple(senders.values()), halls(), interpreters())
    return names_of(people)


def _shown(row: PlanRow, election: Election, names: dict[str, str]) -> dict[str, Any]:
    meeting = row.request.meeting if row.moves else None
    shown = shown_request(row.request, election) | {
        "row": row,
        "starts": clock.local(row.starts_at, election.time_zone) if row.starts_at else None,
        "ends": clock.local(row.ends_at, election.time_zone) if row.ends_at else None,
        "officials": ", ".join(names.get(f"official:{key}", "") for key in row.official_ids),
        "hall": names.get(f"hall:{row.hall_id}", ""),
        "interpreter": names.get(f"interpreter:{row.interpreter_id}", ""),
        "reason": said(Reason(row.reason, row.params), names) if row.reason else "",
        "was": clock.local(meeting.starts_at, election.time_zone) if meeting else None,
    }
    wished = row.request.days
    shown["is_wished"] = bool(shown["starts"]) and (not wished or shown["starts"].date() in wished)
    return shown


def _page(
    election: Election, found: MeetingPlan, faults: dict[int, list[Refused]] | None = None
) -> str:
    rows = queries.rows_of_plan(found.id)
    names = _names(rows)
    shown = [_shown(row, election, names) for row in rows]
    is_under_way = found.status in UNDER_WAY
    return render_template(
        "meetings/plan.html",
        election=election,
        plan=found,
        placed=[row for row in shown if row["starts"]],
        missing=[row for row in shown if not row["starts"]],
        moved=sum(1 for row in rows if row.moves),
        faults={
            key: [say(each.message, each.params) for each in found_]
            for key, found_ in (faults or {}).items()
        },
        statuses=PLAN_STATUSES,
        tones=PLAN_TONES,
        is_under_way=is_under_way,
        progress=jobs.progress(progress_key(found.id)) if is_under_way else None,
        gap=_gap(found),
    )


def _gap(found: MeetingPlan) -> str:
    """How far the plan may be from the best, rounded up to a hundredth of a percent."""
    share = max(0.0, 1 - found.points / found.bound) if found.bound else 0.0
    return str(format_percent(ceil(share * 10_000) / 10_000, "#,##0.00 %"))


@blueprint.get("/e/<election>/meetings/plans/<int:plan_id>")
@requires(Capability.SCHEDULE_MEETINGS)
def plan(election: str, plan_id: int) -> ResponseReturnValue:
    """A plan to look at: what fits and where, what does not and why, what moves."""
    return _page(*_around(election, plan_id))


@blueprint.post("/e/<election>/meetings/plans/<int:plan_id>/stop")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def stop_plan(election: str, plan_id: int) -> ResponseReturnValue:
    """End the search with the best plan so far."""
    row, found = _around(election, plan_id)
    operations.stop_plan(actor=actor(), plan=found)
    return redirect(url_for("meetings.plan", election=row.slug, plan_id=found.id))


@blueprint.post("/e/<election>/meetings/plans/<int:plan_id>/drop")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def drop_plan(election: str, plan_id: int) -> ResponseReturnValue:
    """Put a plan away."""
    row, found = _around(election, plan_id)
    operations.drop_plan(actor=actor(), plan=found)
    flash(_("The plan is dropped; nothing of it was booked."), "ok")
    return redirect(url_for("meetings.plans", election=row.slug))


@blueprint.post("/e/<election>/meetings/plans/<int:plan_id>/accept")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def accept_plan(election: str, plan_id: int) -> ResponseReturnValue:
    """Book what is chosen: all of it, or nothing and why not."""
    row, found = _around(election, plan_id)
    savepoint = db.session.begin_nested()
    try:
        count = operations.accept_plan(
            actor=actor(),
            election=row,
            plan=found,
            rows=queries.rows_of_plan(found.id),
            request_ids=request.form.getlist("request", type=int),
            is_proposal="propose" in request.form,
        )
        savepoint.commit()
    except Refused as refusal:
        savepoint.rollback()
        flash(say(refusal.message, refusal.params), "bad")
        return _page(row, found, getattr(refusal, "faults", None)), 422
    booked = ngettext("%(num)s meeting is booked.", "%(num)s meetings are booked.", count)
    flash(booked, "ok")
    return redirect(url_for("meetings.plan", election=row.slug, plan_id=found.id))


@blueprint.route(
    "/e/<election>/meetings/plans/<int:plan_id>/requests/<int:request_id>", methods=["GET", "POST"]
)
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def change_plan(election: str, plan_id: int, request_id: int) -> ResponseReturnValue:
    """Other times for one request of a plan, beside all that the plan holds."""
    row, found = _around(election, plan_id)
    rows = queries.rows_of_plan(found.id)
    own = next((each for each in rows if each.request_id == request_id), None)
    if own is None or not may_change_row(found, own):
        raise NotFound(N_("There is no such row in the plan."))
    times, is_gone = times_beside(row, own.request, rows), False
    if request.method == "POST":
        chosen = next((each for each in times[0] if each.key == request.form.get("time")), None)
        if chosen is not None:
            operations.change_row(actor=actor(), plan=found, row=own, free=chosen)
            flash(_("The plan is changed."), "ok")
            return redirect(url_for("meetings.plan", election=row.slug, plan_id=found.id))
        is_gone = True
    return render_template(
        "meetings/change_plan.html",
        election=row,
        plan=found,
        shown=_shown(own, row, _names(rows)),
        times=times,
        is_gone=is_gone,
    ), (422 if is_gone else 200)
