"""The list of meetings, one meeting, and the forms that book, change and cancel it."""

from urllib.parse import parse_qsl

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms.validators import Optional

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.i18n import language_name
from tracker.kernel.kept_jobs import keep_job
from tracker.kernel.mail import mailer
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, format_asked, member_asked, requires
from tracker.meetings import operations, queries
from tracker.meetings.forms import (
    CancelForm,
    DocumentForm,
    FollowUpForm,
    MeetingForm,
)
from tracker.meetings.jobs import INVITE
from tracker.meetings.labels import KINDS, REQUEST_STATUSES, REQUEST_TONES, STATUSES, TONES
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.operations import MeetingDetails
from tracker.meetings.proposals import Free, free_times
from tracker.meetings.routes.blueprint import (
    blueprint,
    looked_ahead,
    meeting_form,
    prefill,
    shown_meeting,
    take_time,
    today,
)
from tracker.officials.queries import officials

COLUMNS = (
    tables.Column("starts", _l("Starts"), lambda row: row["starts"]),
    tables.Column("ends", _l("Ends"), lambda row: row["ends"]),
    tables.Column("title", _l("Title"), lambda row: row["meeting"].title),
    tables.Column("officials", _l("Officials"), lambda row: row["officials"]),
    tables.Column("delegations", _l("Delegations"), lambda row: row["delegations"]),
    tables.Column("place", _l("Place"), lambda row: row["place"]),
    tables.Column(
        "interpreter",
        _l("Interpreter"),
        lambda row: row["meeting"].interpreter.name if row["meeting"].interpreter else "",
    ),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row["meeting"].status])),
)


LABELS = {
    "kinds": KINDS,
    "statuses": STATUSES,
    "tones": TONES,
    "request_statuses": REQUEST_STATUSES,
    "request_tones": REQUEST_TONES,
}


def _wanted(election: Election) -> queries.Filter:
    return queries.Filter(
        day=day_asked(),
        official_id=request.args.get("official", type=int),
        status=member_asked(MeetingStatus, "status"),
        owed_on=today(election) if request.args.get("tasks") == "overdue" else None,
    )


@blueprint.get("/e/<election>/meetings/")
@requires(Capability.VIEW_HEADQUARTERS)
def index(election: str) -> ResponseReturnValue:
    """Meetings of a day by time, or all of them, the latest first; also as a file."""
    row = election_for(actor(), election)
    wanted = _wanted(row)
    query = queries.filtered(row, wanted)
    if format_ := format_asked():
        shown = [shown_meeting(item, row) for item in queries.all_meetings(query)]
        return tables.export(COLUMNS, shown, name=f"{row.slug}-meetings", format=format_)
    page = queries.meetings_page(query, request.args.get("cursor"), latest_first=wanted.day is None)
    return render_template(
        "meetings/index.html",
        election=row,
        rows=[shown_meeting(item[0], row) for item in page.rows],
        page=page,
        day=wanted.day,
        officials=officials(),
        official=wanted.official_id,
        status=wanted.status,
        uninvited=_uninvited(row),
        is_owed=wanted.owed_on is not None,
        waiting=queries.open_request_count(actor(), row.id),
        **LABELS,
    )


def _uninvited(election: Election) -> int:
    """To how many confirmed meetings nobody was invited, where that can be done here at all."""
    if not mailer.is_configured or not actor().may(Capability.SCHEDULE_MEETINGS):
        return 0
    return queries.uninvited_count(election.id)


@blueprint.route("/e/<election>/meetings/new", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def create(election: str) -> ResponseReturnValue:
    """A new meeting, or one that has taken place already."""
    row = election_for(actor(), election)
    form = meeting_form(row)
    found: tuple[list[Free], str] | None = None
    if request.method == "GET":
        prefill(form, row)
    elif "propose" in request.form:
        found = proposed(form, row)
    elif "take" in request.form:
        take_time(form, MultiDict(parse_qsl(request.form["take"])))
    elif form.validate():
        has_been = form.has_taken_place.data
        verb = operations.record_meeting if has_been else operations.schedule_meeting
        made = form.attempt(verb, actor=actor(), election=row, details=form.details())
        if made is not None:
            done = _("It is recorded that the meeting took place.")
            flash(done if has_been else _("The meeting is scheduled."), "ok")
            return _to(row, made)
    return render_template(
        "meetings/create.html", form=form, election=row, found=found
    ), form.status


def proposed(form: MeetingForm, election: Election) -> tuple[list[Free], str] | None:
    """Free times for what is typed so far; a title is not needed for that."""
    form.title.validators = [Optional()]
    if not form.validate():
        return None
    with_hall = bool(form.people.data) or bool(form.hall_id.data)
    return form.attempt(free_times, election=election, details=form.details(), with_hall=with_hall)


@blueprint.get("/e/<election>/meetings/<int:meeting_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def meeting(election: str, meeting_id: int) -> ResponseReturnValue:
    """One meeting: who and where, what is asked, what came of it."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    return render_template(
        "meetings/meeting.html",
        election=row,
        row=found,
        shown=shown_meeting(found, row),
        spoken=language_name(found.language) if found.language else None,
        participants=queries.participants_of(found.id),
        documents=queries.documents_of(found),
        follow_ups=queries.follow_ups_of(found),
        asked=queries.asked_for(found.id),
        today=clock.today(row.time_zone),
        cancel_form=CancelForm(),
        follow_up_form=FollowUpForm(),
        document_form=DocumentForm(),
        invitees=operations.invitees(row, found),
        has_begun=found.starts_at <= clock.now(),
        **LABELS,
    )


def _to(election: Election, found: Meeting) -> ResponseReturnValue:
    return redirect(url_for("meetings.meeting", election=election.slug, meeting_id=found.id))


def _change(
    *, election: Election, found: Meeting, details: MeetingDetails, form: MeetingForm
) -> Meeting:
    return operations.change_meeting(
        actor=actor(),
        election=election,
        meeting=found,
        details=details,
        seen_version=form.seen_version,
        reason=form.reason.data,
    )


@blueprint.route("/e/<election>/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def edit(election: str, meeting_id: int) -> ResponseReturnValue:
    """Change a meeting that stands; a link may suggest another time."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    form = meeting_form(row, [each.id for each in found.delegations])
    if request.method == "GET":
        form.show(found)
        _suggest(form)
    if form.validate_on_submit():
        saved = form.attempt(_change, election=row, found=found, details=form.details(), form=form)
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return _to(row, found)
        form.renew(found)
    return render_template(
        "meetings/edit.html",
        form=form,
        election=row,
        row=found,
        asked=queries.asked_for(found.id),
        in_the_way=looked_ahead(form, row, found),
    ), form.status


def _suggest(form: MeetingForm) -> None:
    """Take over where the meeting was dragged to: another time, official or hall."""
    if day := day_asked():
        form.move_to(day, request.args.get("starts", ""))
    if hall := request.args.get("hall", type=int):
        form.hall_id.data = hall
    if official := request.args.get("official", type=int):
        form.officials.data = [official]


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/confirm")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def confirm(election: str, meeting_id: int) -> ResponseReturnValue:
    """Confirm a proposed meeting."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    operations.confirm_meeting(actor=actor(), meeting=found)
    flash(_("The meeting is confirmed."), "ok")
    return _to(row, found)


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/cancel")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def cancel(election: str, meeting_id: int) -> ResponseReturnValue:
    """Cancel a meeting for a reason."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    form = CancelForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.cancel_meeting,
            actor=actor(),
            election=row,
            meeting=found,
            reason=form.reason.data,
            reopens=form.reopens.data,
        )
        if done is not None:
            flash(_("The meeting is cancelled; its people are free again."), "ok")
            return _to(row, found)
    return render_template("meetings/cancel.html", form=form, election=row, row=found), 422


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/invite")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def invite(election: str, meeting_id: int) -> ResponseReturnValue:
    """Send invitations; from then on every change goes out as well."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    count = operations.invite(actor=actor(), election=row, meeting=found)
    flash(_("Invitations are on their way: %(count)s.", count=count), "ok")
    return _to(row, found)


@blueprint.post("/e/<election>/meetings/invite-all")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def invite_all(election: str) -> ResponseReturnValue:
    """Send invitations to every confirmed meeting ahead, in the background."""
    row = election_for(actor(), election)
    keep_job(INVITE, election_id=row.id, user_id=actor().user_id)
    flash(_("Invitations are being written; Outgoing mail shows when they leave."), "ok")
    return redirect(url_for("meetings.index", election=row.slug))
