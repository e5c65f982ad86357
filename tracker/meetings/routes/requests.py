"""Requests for meetings: what delegations ask for, and how coordinators answer."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.i18n import language_name, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.meetings import operations, queries
from tracker.meetings.forms import MeetingForm, ReasonForm, RequestForm
from tracker.meetings.labels import (
    PRIORITIES,
    REQUEST_STATUSES,
    REQUEST_TONES,
    WHOM,
)
from tracker.meetings.models import Meeting, MeetingKind, MeetingRequest, RequestStatus, Whom
from tracker.meetings.planning import people_of
from tracker.meetings.proposals import times_for
from tracker.meetings.routes.blueprint import (
    blueprint,
    looked_ahead,
    meeting_form,
    prefill,
    spoken_languages,
    today,
)
from tracker.meetings.rules import OPEN, STEPS, steps_from
from tracker.officials.labels import official_line
from tracker.officials.queries import institutions, officials
from tracker.organizations.labels import sender_name


def target_name(row: MeetingRequest) -> str:
    """Whom a request asks for, in the reader's language."""
    if row.official is None:
        return localized(row.institution, "name") if row.institution else ""
    name = localized(row.official, "name")
    return _("%(name)s or a deputy", name=name) if row.whom is Whom.DEPUTY else name


def shown_request(row: MeetingRequest, election: Election) -> dict[str, Any]:
    """A request as lists show it."""
    meeting = row.meeting
    return {
        "request": row,
        "delegation": sender_name(row.delegation.organization),
        "target": target_name(row),
        "topic": row.topics.splitlines()[0],
        "asked": clock.local(row.created_at, election.time_zone),
        "starts": clock.local(meeting.starts_at, election.time_zone) if meeting else None,
    }


COLUMNS = (
    tables.Column("number", _l("No."), lambda row: row["request"].id, "num"),
    tables.Column("delegation", _l("Delegation"), lambda row: row["delegation"]),
    tables.Column("target", _l("Whom"), lambda row: row["target"]),
    tables.Column("topics", _l("Topics"), lambda row: row["request"].topics),
    tables.Column("days", _l("Wished days"), lambda row: ", ".join(map(str, row["request"].days))),
    tables.Column("minutes", _l("Minutes"), lambda row: row["request"].length_minutes, "num"),
    tables.Column("people", _l("People"), lambda row: row["request"].people, "num"),
    tables.Column("language", _l("Language"), lambda row: row["request"].language),
    tables.Column("priority", _l("Priority"), lambda row: row["request"].priority, "num"),
    tables.Column("status", _l("Status"), lambda row: _(REQUEST_STATUSES[row["request"].status])),
    tables.Column("meeting", _l("Meeting"), lambda row: row["starts"]),
    tables.Column("asked", _l("Asked"), lambda row: row["asked"]),
)


LABELS = {"statuses": REQUEST_STATUSES, "tones": REQUEST_TONES, "priorities": PRIORITIES}


@blueprint.get("/e/<election>/meetings/requests/")
@requires(Capability.VIEW_DELEGATIONS)
def requests(election: str) -> ResponseReturnValue:
    """Requests for meetings, the newest first; a focal point sees its own; also as a file."""
    row = election_for(actor(), election)
    wanted, status = request.args.get("status", ""), member_asked(RequestStatus, "status")
    delegation = request.args.get("delegation", type=int)
    query = queries.requests_query(
        actor(), row, status=status, delegation_id=delegation, is_open=wanted == "open"
    )
    if format_ := format_asked():
        shown = [shown_request(item, row) for item in queries.all_requests(query)]
        return tables.export(COLUMNS, shown, name=f"{row.slug}-requests", format=format_)
    page = queries.requests_page(query, request.args.get("cursor"))
    return render_template(
        "meetings/requests.html",
        election=row,
        rows=[shown_request(item[0], row) for item in page.rows],
        page=page,
        counts=queries.request_counts(actor(), row.id),
        open_statuses=OPEN,
        delegations=delegation_names(actor(), row.id),
        status=wanted,
        delegation=delegation,
        **LABELS,
    )


def _request_form(election: Election) -> RequestForm:
    form = RequestForm()
    people = officials(only_active=True)
    with_deputies = {row.deputy_of_id for row in people}
    named = {row.id: official_line(row) for row in people}
    form.offer(
        delegations=list(delegation_names(actor(), election.id).items()),
        targets={
            _(WHOM[Whom.OFFICIAL]): [(f"official:{key}", name) for key, name in named.items()],
            _(WHOM[Whom.DEPUTY]): [
                (f"deputy:{key}", name) for key, name in named.items() if key in with_deputies
            ],
            _(WHOM[Whom.INSTITUTION]): [
                (f"institution:{row.id}", localized(row, "name")) for row in institutions()
            ],
        },
        languages=spoken_languages(),
    )
    return form


def _ask(*, election: Election, form: RequestForm) -> MeetingRequest:
    return operations.request_meeting(
        actor=actor(),
        election=election,
        delegation=delegation_for(actor(), election.id, form.delegation_id.data),
        details=form.details(),
    )


@blueprint.route("/e/<election>/meetings/requests/new", methods=["GET", "POST"])
@requires(Capability.REQUEST_MEETINGS, writes=True)
def new_request(election: str) -> ResponseReturnValue:
    """A new request of a delegation."""
    row = election_for(actor(), election)
    form = _request_form(row)
    if request.method == "GET":
        form.delegation_id.data = request.args.get("delegation", type=int)
    if form.validate_on_submit():
        made = form.attempt(_ask, election=row, form=form)
        if made is not None:
            flash(_("The request is entered."), "ok")
            return redirect(_page(row, made))
    return render_template("meetings/new_request.html", form=form, election=row), form.status


def _page(election: Election, found: MeetingRequest) -> str:
    return url_for("meetings.meeting_request", election=election.slug, request_id=found.id)


@blueprint.route("/e/<election>/meetings/requests/<int:request_id>/edit", methods=["GET", "POST"])
@requires(Capability.REQUEST_MEETINGS, writes=True)
def edit_request(election: str, request_id: int) -> ResponseReturnValue:
    """Change what is asked for, while it is open."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    form = _request_form(row)
    form.delegation_id.data = found.delegation_id
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(
            operations.change_request,
            actor=actor(),
            election=row,
            request=found,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(_page(row, found))
        form.renew(found)
    return render_template(
        "meetings/edit_request.html", form=form, election=row, row=found
    ), form.status


@blueprint.get("/e/<election>/meetings/requests/<int:request_id>")
@requires(Capability.VIEW_DELEGATIONS)
def meeting_request(election: str, request_id: int) -> ResponseReturnValue:
    """One request: what is asked, what became of it, and free times as long as none is found."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    may_schedule = actor().may(Capability.SCHEDULE_MEETINGS)
    is_waiting = found.status is RequestStatus.RECEIVED
    return render_template(
        "meetings/meeting_request.html",
        election=row,
        row=found,
        shown=shown_request(found, row),
        spoken=language_name(found.language) if found.language else None,
        steps=queries.steps_of(found.id),
        local=lambda moment: clock.local(moment, row.time_zone),
        times=times_for(row, found) if may_schedule and is_waiting else None,
        possible=[name for name in steps_from(found.status) if actor().may(STEPS[name].capability)],
        form=ReasonForm(),
        **LABELS,
    )


def _answer(*, election: Election, found: MeetingRequest, form: MeetingForm) -> Meeting:
    return operations.answer_request(
        actor=actor(),
        election=election,
        request=found,
        details=form.details(),
        is_proposal=form.is_proposal.data,
    )


@blueprint.route("/e/<election>/meetings/requests/<int:request_id>/place", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def place(election: str, request_id: int) -> ResponseReturnValue:
    """Put a request into the schedule: a link says where, the form says with whom."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    form = meeting_form(row, [found.delegation_id])
    if request.method == "GET":
        prefill(form, row)
        _take_over(form, row, found)
    elif form.validate():
        made = form.attempt(_answer, election=row, found=found, form=form)
        if made is not None:
            held = _("The time is proposed and held.")
            flash(held if form.is_proposal.data else _("The meeting is scheduled."), "ok")
            return redirect(url_for("meetings.meeting", election=row.slug, meeting_id=made.id))
    return render_template(
        "meetings/place.html",
        form=form,
        election=row,
        row=found,
        shown=shown_request(found, row),
        in_the_way=looked_ahead(form, row),
    ), form.status


def _take_over(form: MeetingForm, election: Election, found: MeetingRequest) -> None:
    """What the request says, where the link says nothing."""
    form.kind.data = MeetingKind.BILATERAL
    form.title.data = found.topics.splitlines()[0][:200]
    wished = [day for day in found.days if day >= today(election)]
    if wished and "day" not in request.args:
        form.day.data = min(wished)
    form.agenda.data = found.topics if "\n" in found.topics else None
    form.delegations.data = [found.delegation_id]
    form.language.data = found.language or ""
    form.people.data = people_of(found)
    if not form.officials.data and found.official_id:
        form.officials.data = [found.official_id]
    if "ends" not in request.args:
        form.last(found.length_minutes)


@blueprint.post("/e/<election>/meetings/requests/<int:request_id>/confirm")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def confirm_request(election: str, request_id: int) -> ResponseReturnValue:
    """Confirm the time that was proposed."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    operations.confirm_request(actor=actor(), request=found)
    flash(_("The meeting is confirmed."), "ok")
    return redirect(_page(row, found))


DONE = {
    "decline": _l("The request is declined."),
    "cancel": _l("The request is taken back."),
    "reopen": _l("The request is open again."),
}


def _settle(election: str, request_id: int, name: str) -> ResponseReturnValue:
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    form = ReasonForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.settle_request,
            actor=actor(),
            election=row,
            request=found,
            name=name,
            reason=form.reason.data,
        )
        if done is not None:
            flash(str(DONE[name]), "ok")
            return redirect(_page(row, found))
    return render_template(
        "meetings/settle.html", form=form, election=row, row=found, name=name
    ), 422


@blueprint.post("/e/<election>/meetings/requests/<int:request_id>/decline")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def decline_request(election: str, request_id: int) -> ResponseReturnValue:
    """Say no, and why."""
    return _settle(election, request_id, "decline")


@blueprint.post("/e/<election>/meetings/requests/<int:request_id>/cancel")
@requires(Capability.REQUEST_MEETINGS, writes=True)
def cancel_request(election: str, request_id: int) -> ResponseReturnValue:
    """Take the request back."""
    return _settle(election, request_id, "cancel")


@blueprint.post("/e/<election>/meetings/requests/<int:request_id>/reopen")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def reopen_request(election: str, request_id: int) -> ResponseReturnValue:
    """Open a settled request again."""
    return _settle(election, request_id, "reopen")
