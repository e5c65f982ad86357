"""Pages on which coordinators schedule meetings."""

from contextlib import suppress
from datetime import date, time
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from tracker.delegations.queries import delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.database import db
from tracker.kernel.i18n import language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.meetings import addresses, operations, queries
from tracker.meetings.calendars import feed
from tracker.meetings.forms import CalendarForm, CancelForm, HeldForm, MeetingForm
from tracker.meetings.labels import CALENDAR_KINDS, KINDS, STATUSES, TONES
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.proposals import Free, free_times
from tracker.officials.models import Hall
from tracker.officials.queries import halls, officials

blueprint = Blueprint("meetings", __name__)


def _shown(row: Meeting, election: Election) -> dict[str, Any]:
    senders = [item.organization for item in row.delegations]
    return {
        "meeting": row,
        "starts": clock.local(row.starts_at, election.time_zone),
        "ends": clock.local(row.ends_at, election.time_zone),
        "officials": ", ".join(localized(item, "name") for item in row.officials),
        "place": localized(row.hall, "name") if row.hall else row.place,
        "delegations": ", ".join(item.acronym or localized(item, "name") for item in senders),
    }


COLUMNS = (
    tables.Column("starts", _l("Starts"), lambda row: row["starts"]),
    tables.Column("ends", _l("Ends"), lambda row: row["ends"]),
    tables.Column("title", _l("Title"), lambda row: row["meeting"].title),
    tables.Column("officials", _l("Officials"), lambda row: row["officials"]),
    tables.Column("delegations", _l("Delegations"), lambda row: row["delegations"]),
    tables.Column("place", _l("Place"), lambda row: row["place"]),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row["meeting"].status])),
)


def _day_asked() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


@blueprint.get("/e/<election>/meetings/")
@requires(Capability.VIEW_HEADQUARTERS)
def index(election: str) -> ResponseReturnValue:
    """Meetings of a day by time, or all of them, the latest first; also as a file."""
    row = election_for(actor(), election)
    wanted = request.args.get("status", "")
    status = MeetingStatus(wanted) if wanted in set(MeetingStatus) else None
    official = request.args.get("official", type=int)
    day = _day_asked()
    narrowed = queries.Filter(day=day, official_id=official, status=status)
    query = queries.filtered(row, narrowed)
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        found = db.session.scalars(query.order_by("starts_at", "id"))
        shown = [_shown(item, row) for item in found]
        return tables.export(COLUMNS, shown, name=f"{row.slug}-meetings", format=format_)
    page = queries.meetings_page(query, request.args.get("cursor"), latest_first=day is None)
    return render_template(
        "meetings/index.html",
        election=row,
        rows=[_shown(item[0], row) for item in page.rows],
        page=page,
        day=day,
        statuses=STATUSES,
        tones=TONES,
        officials=officials(),
        official=official,
        status=status,
    )


def _hall_name(row: Hall) -> str:
    return f"{localized(row, 'name')}, {localized(row.institution, 'name')}"


def _form(election: Election) -> MeetingForm:
    form = MeetingForm()
    form.offer(
        officials=[
            (row.id, f"{localized(row, 'name')}, {localized(row, 'position')}")
            for row in officials(only_active=True)
        ],
        delegations=[
            (row.id, row.organization.acronym or localized(row.organization, "name"))
            for row in delegations_of(actor(), election.id)
        ],
        halls=[(row.id, _hall_name(row)) for row in halls(only_active=True)],
        time_zone=election.time_zone,
    )
    return form


@blueprint.route("/e/<election>/meetings/new", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def create(election: str) -> ResponseReturnValue:
    """A new meeting."""
    row = election_for(actor(), election)
    form = _form(row)
    found: tuple[list[Free], str] | None = None
    if request.method == "GET":
        _prefill(form, row)
    elif "propose" in request.form:
        found = _proposed(form, row)
    elif form.validate():
        made = form.attempt(
            operations.schedule_meeting, actor=actor(), election=row, details=form.details()
        )
        if made is not None:
            flash(_("The meeting is scheduled."), "ok")
            return redirect(url_for("meetings.meeting", election=row.slug, meeting_id=made.id))
    return render_template(
        "meetings/create.html", form=form, election=row, found=found
    ), form.status


def _prefill(form: MeetingForm, election: Election) -> None:
    """Take over what a link says: the delegation, or a whole proposal."""
    said = request.args
    form.day.data = clock.local(clock.now(), election.time_zone).date()
    form.starts.data, form.ends.data = time(10), time(10, 45)
    form.delegations.data = said.getlist("delegation", type=int)
    form.officials.data = said.getlist("official", type=int)
    form.title.data = said.get("title", "")[:200]
    form.hall_id.data = said.get("hall", 0, type=int)
    form.people.data = said.get("people", type=int)
    with suppress(ValueError):
        form.day.data = date.fromisoformat(said.get("day", ""))
        form.starts.data = time.fromisoformat(said.get("starts", ""))
        form.ends.data = time.fromisoformat(said.get("ends", ""))


def _proposed(form: MeetingForm, election: Election) -> tuple[list[Free], str] | None:
    """Free times for what is typed so far; a title is not needed for that."""
    form.title.validators = [Optional()]
    if not form.validate():
        return None
    with_hall = bool(form.people.data) or bool(form.hall_id.data)
    return form.attempt(free_times, election=election, details=form.details(), with_hall=with_hall)


@blueprint.get("/e/<election>/meetings/<int:meeting_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def meeting(election: str, meeting_id: int) -> ResponseReturnValue:
    """One meeting."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    return render_template(
        "meetings/meeting.html",
        election=row,
        row=found,
        shown=_shown(found, row),
        kinds=KINDS,
        statuses=STATUSES,
        tones=TONES,
        cancel_form=CancelForm(),
        held_form=HeldForm(),
        has_begun=found.starts_at <= clock.now(),
    )


@blueprint.route("/e/<election>/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def edit(election: str, meeting_id: int) -> ResponseReturnValue:
    """Change a scheduled meeting."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    form = _form(row)
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(
            operations.change_meeting,
            actor=actor(),
            election=row,
            meeting=found,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(url_for("meetings.meeting", election=row.slug, meeting_id=found.id))
        form.renew(found)
    return render_template("meetings/edit.html", form=form, election=row, row=found), form.status


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/cancel")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def cancel(election: str, meeting_id: int) -> ResponseReturnValue:
    """Cancel a meeting for a reason."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    form = CancelForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.cancel_meeting, actor=actor(), meeting=found, reason=form.reason.data
        )
        if done is not None:
            flash(_("The meeting is cancelled; its people are free again."), "ok")
            return redirect(url_for("meetings.meeting", election=row.slug, meeting_id=found.id))
    return render_template("meetings/cancel.html", form=form, election=row, row=found), 422


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/held")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def held(election: str, meeting_id: int) -> ResponseReturnValue:
    """Record that a meeting took place."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    form = HeldForm()
    if form.validate_on_submit():
        done = form.attempt(operations.mark_held, actor=actor(), meeting=found, note=form.note.data)
        if done is not None:
            flash(_("It is recorded that the meeting took place."), "ok")
            return redirect(url_for("meetings.meeting", election=row.slug, meeting_id=found.id))
    return render_template("meetings/held.html", form=form, election=row, row=found), 422


def _calendar_form(election: Election) -> CalendarForm:
    form = CalendarForm()
    form.offer(
        {
            _("Election"): [("election", _("All meetings"))],
            _("Officials"): [(f"official:{row.id}", localized(row, "name")) for row in officials()],
            _("Delegations"): [
                (f"delegation:{row.id}", queries.sender_name(row.organization))
                for row in delegations_of(actor(), election.id)
            ],
            _("Halls"): [
                (
                    f"hall:{row.id}",
                    f"{localized(row, 'name')}, {localized(row.institution, 'name')}",
                )
                for row in halls()
            ],
        }
    )
    return form


@blueprint.route("/e/<election>/meetings/calendars", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def calendars(election: str) -> ResponseReturnValue:
    """Secret addresses at which telephones read meetings; a new one is shown once."""
    row = election_for(actor(), election)
    form = _calendar_form(row)
    made = None
    if form.validate_on_submit():
        secret = form.attempt(
            addresses.create_address,
            actor=actor(),
            election=row,
            subject=form.chosen(),
            language=language(),
        )
        if secret is not None:
            made = url_for("meetings.calendar", secret=secret, _external=True)
    return render_template(
        "meetings/calendars.html",
        election=row,
        form=form,
        made=made,
        rows=addresses.addresses(row.id),
        name_of=addresses.subject_name,
        kinds=CALENDAR_KINDS,
    ), form.status


@blueprint.post("/e/<election>/meetings/calendars/<int:address_id>/revoke")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def revoke_calendar(election: str, address_id: int) -> ResponseReturnValue:
    """Close an address."""
    row = election_for(actor(), election)
    addresses.revoke_address(actor=actor(), election_id=row.id, address_id=address_id)
    flash(_("The address is closed: who holds it sees nothing any more."), "ok")
    return redirect(url_for("meetings.calendars", election=row.slug))


@blueprint.get("/calendars/<string:secret>.ics")
@requires(Capability.PUBLIC)
def calendar(secret: str) -> ResponseReturnValue:
    """The meetings of one address as a calendar (RFC 5545), for whoever holds the address."""
    found = addresses.address_by(secret)
    row = db.session.get_one(Election, found.election_id)
    with force_locale(found.language):
        events = [
            addresses.event_of(item, row, host=request.host)
            for item in addresses.meetings_at(found)
        ]
        name = f"{localized(row, 'name')} · {addresses.subject_name(found)}".rstrip(" ·")
    response = Response(feed(events, name=name), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
