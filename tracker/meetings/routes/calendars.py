"""Secret addresses of calendars: given out, closed, and what is read at them."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.database import db
from tracker.kernel.i18n import language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.meetings import addresses
from tracker.meetings.calendars import feed
from tracker.meetings.events import event_of
from tracker.meetings.forms import CalendarForm
from tracker.meetings.labels import CALENDAR_KINDS
from tracker.meetings.models import CalendarKind
from tracker.meetings.planning import hall_name
from tracker.meetings.routes.blueprint import blueprint
from tracker.officials.queries import halls, interpreters, officials


def _calendar_form(election: Election) -> CalendarForm:
    form = CalendarForm()
    groups = {
        _("Election"): [("election", _("All meetings"))],
        _("Officials"): [(f"official:{row.id}", localized(row, "name")) for row in officials()],
        _("Delegations"): [
            (f"delegation:{key}", name)
            for key, name in delegation_names(actor(), election.id).items()
        ],
        _("Halls"): [(f"hall:{row.id}", hall_name(row)) for row in halls()],
        _("Interpreters"): [
            (f"interpreter:{row.id}", row.name) for row in interpreters(only_active=True)
        ],
    }
    form.offer({name: rows for name, rows in groups.items() if rows})
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


@blueprint.route("/e/<election>/meetings/my-calendar", methods=["GET", "POST"])
@requires(Capability.VIEW_DELEGATIONS, writes=True)
def my_calendar(election: str) -> ResponseReturnValue:
    """The address at which a person's own telephone reads the meetings that they may see."""
    row = election_for(actor(), election)
    made = None
    if request.method == "POST":
        subject = addresses.Subject(kind=CalendarKind.USER, user_id=actor().user_id)
        secret = addresses.create_address(
            actor=actor(), election=row, subject=subject, language=language()
        )
        made = url_for("meetings.calendar", secret=secret, _external=True)
    return render_template(
        "meetings/my_calendar.html",
        election=row,
        made=made,
        rows=addresses.own_addresses(row.id, actor().user_id),
    )


@blueprint.post("/e/<election>/meetings/calendars/<int:address_id>/revoke")
@requires(Capability.VIEW_DELEGATIONS, writes=True)
def revoke_calendar(election: str, address_id: int) -> ResponseReturnValue:
    """Close an address: one's own, or as a coordinator anybody's."""
    row = election_for(actor(), election)
    addresses.revoke_address(actor=actor(), election_id=row.id, address_id=address_id)
    flash(_("The address is closed: who holds it sees nothing any more."), "ok")
    may_all = actor().may(Capability.SCHEDULE_MEETINGS)
    page = "meetings.calendars" if may_all else "meetings.my_calendar"
    return redirect(url_for(page, election=row.slug))


@blueprint.get("/calendars/<string:secret>.ics")
@requires(Capability.PUBLIC)
def calendar(secret: str) -> ResponseReturnValue:
    """The meetings of one address as a calendar (RFC 5545), for whoever holds the address."""
    found = addresses.address_by(secret)
    row = db.session.get_one(Election, found.election_id)
    with force_locale(found.language):
        events = [event_of(item, row) for item in addresses.meetings_at(found)]
        name = f"{localized(row, 'name')} · {addresses.subject_name(found)}".rstrip(" ·")
    response = Response(feed(events, name=name), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
