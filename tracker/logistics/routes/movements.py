"""Arrivals and departures: the board of a day, the list, one movement, and its forms."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.disclosure import disclose, paper
from tracker.kernel.i18n import language_asked, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, format_asked, member_asked, pdf_response, requires
from tracker.logistics import papers
from tracker.logistics.board import board_of, change_text, route_text, shown_movement
from tracker.logistics.forms.movements import CancelForm, MovementForm
from tracker.logistics.labels.movements import (
    DIRECTIONS,
    ESCORTED,
    ESCORTS,
    MEANS,
    MOVEMENT_STATUSES,
    MOVEMENT_TONES,
)
from tracker.logistics.models.movements import Direction, Movement, MovementStatus
from tracker.logistics.operations import movements as operations
from tracker.logistics.queries import movements as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.rules.movements import STANDING, STEPS, may_step
from tracker.meetings.queries import who_may_come

LABELS: dict[str, Any] = {
    "directions": DIRECTIONS,
    "escorts": ESCORTS,
    "escorted": ESCORTED,
    "means": MEANS,
    "statuses": MOVEMENT_STATUSES,
    "tones": MOVEMENT_TONES,
    "change_text": change_text,
    "route_text": route_text,
}


@blueprint.get("/e/<election>/arrivals/")
@requires(Capability.VIEW_HEADQUARTERS)
def arrivals(election: str) -> ResponseReturnValue:
    """The board: today and tomorrow, or the day that is asked for."""
    row = election_for(actor(), election)
    asked, today = day_asked(), clock.today(row.time_zone)
    first, count = asked or today, 1 if asked else 2
    days = [first + timedelta(days=number) for number in range(count)]
    shown = [shown_movement(each, row) for each in queries.movements_on(row, first, count)]
    return render_template(
        "logistics/arrivals.html",
        election=row,
        boards=[board_of(day, shown) for day in days],
        day=asked,
        today=today,
        first=first,
        step=timedelta(days=1),
        **LABELS,
    )


COLUMNS = (
    tables.Column("moves", _l("When"), lambda row: row.moves),
    tables.Column("direction", _l("Direction"), lambda row: _(DIRECTIONS[row.movement.direction])),
    tables.Column("delegation", _l("Delegation"), lambda row: row.delegation),
    tables.Column("people", _l("People"), lambda row: row.movement.people, "num"),
    tables.Column("means", _l("Means"), lambda row: _(MEANS[row.movement.means])),
    tables.Column("number", _l("Flight or train"), lambda row: row.movement.number),
    tables.Column("place", _l("From or to"), lambda row: row.movement.place),
    tables.Column("point", _l("Airport, station or border crossing"), lambda row: row.point),
    tables.Column("met_by", _l("Met or seen off by"), lambda row: row.movement.met_by),
    tables.Column("phone", _l("Telephone"), lambda row: row.movement.met_by_phone),
    tables.Column("vehicle", _l("Vehicle"), lambda row: row.movement.vehicle),
    tables.Column("plate", _l("Number plate"), lambda row: row.movement.plate),
    tables.Column("driver", _l("Driver"), lambda row: row.movement.driver),
    tables.Column("hotel", _l("Accommodation"), lambda row: row.movement.hotel),
    tables.Column("status", _l("Status"), lambda row: _(MOVEMENT_STATUSES[row.movement.status])),
)


def _wanted() -> queries.Filter:
    return queries.Filter(
        day=day_asked(),
        direction=member_asked(Direction, "direction"),
        delegation_id=request.args.get("delegation", type=int),
        point_id=request.args.get("point", type=int),
        status=member_asked(MovementStatus, "status"),
    )


@blueprint.get("/e/<election>/arrivals/list")
@requires(Capability.VIEW_HEADQUARTERS)
def movements(election: str) -> ResponseReturnValue:
    """All arrivals and departures by time, narrowed; also as a file."""
    row = election_for(actor(), election)
    wanted = _wanted()
    query = queries.filtered(actor(), row, wanted)
    if format_ := format_asked():
        shown = [shown_movement(each, row) for each in queries.all_movements(query)]
        return tables.export(COLUMNS, shown, name=f"{row.slug}-arrivals", format=format_)
    page = queries.movements_page(query, request.args.get("cursor"))
    return render_template(
        "logistics/movements.html",
        election=row,
        rows=[shown_movement(each[0], row) for each in page.rows],
        page=page,
        wanted=wanted,
        delegations=delegation_names(actor(), row.id),
        points=queries.points(),
        **LABELS,
    )


def _form(election: Election, found: Movement | None = None) -> MovementForm:
    form = MovementForm()
    points = queries.points(only_active=found is None)
    asked = found.delegation_id if found else request.values.get("delegation_id", type=int)
    asked = asked or request.args.get("delegation", type=int)
    members = {each.accreditation_id: each.name for each in who_may_come([asked] if asked else [])}
    if found is not None:
        members |= dict(queries.passengers_of(found.id))
    form.offer(
        delegations=list(delegation_names(actor(), election.id).items()),
        points=[(each.id, localized(each, "name")) for each in points],
        passengers=list(members.items()),
        time_zone=election.time_zone,
    )
    return form


def _plan(*, election: Election, form: MovementForm) -> Movement:
    return operations.plan_movement(
        actor=actor(),
        election=election,
        delegation=delegation_for(actor(), election.id, form.delegation_id.data),
        details=form.details(),
    )


@blueprint.route("/e/<election>/arrivals/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def new_movement(election: str) -> ResponseReturnValue:
    """A new arrival or departure; a link may say of whom and on which day."""
    row = election_for(actor(), election)
    form = _form(row)
    if request.method == "GET":
        form.delegation_id.data = request.args.get("delegation", type=int)
        form.direction.data = member_asked(Direction, "direction") or Direction.ARRIVAL
        form.day.data = day_asked() or clock.today(row.time_zone)
    elif form.validate():
        made = form.attempt(_plan, election=row, form=form)
        if made is not None:
            flash(_("It is entered. Confirm it once the delegation has."), "ok")
            return redirect(_page(row, made))
    return render_template("logistics/new_movement.html", form=form, election=row), form.status


def _page(election: Election, found: Movement) -> str:
    return url_for("logistics.movement", election=election.slug, movement_id=found.id)


@blueprint.get("/e/<election>/arrivals/<int:movement_id>")
@requires(Capability.VIEW_DELEGATIONS)
def movement(election: str, movement_id: int) -> ResponseReturnValue:
    """One arrival or departure; a focal point: of its own delegation only."""
    row = election_for(actor(), election)
    found = queries.movement_for(actor(), row.id, movement_id)
    return render_template(
        "logistics/movement.html",
        election=row,
        row=found,
        shown=shown_movement(found, row),
        passengers=queries.passengers_of(found.id),
        steps=queries.steps_of(found.id),
        local=lambda moment: clock.local(moment, row.time_zone),
        possible=[name for name in STEPS if may_step(found.status, name)],
        stands=found.status in STANDING,
        has_come=found.moves_at <= clock.now(),
        form=CancelForm(),
        **LABELS,
    )


def _change(*, election: Election, found: Movement, form: MovementForm) -> Movement:
    return operations.change_movement(
        actor=actor(),
        election=election,
        movement=found,
        details=form.details(),
        seen_version=form.seen_version,
        reason=form.reason.data,
    )


@blueprint.route("/e/<election>/arrivals/<int:movement_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def edit_movement(election: str, movement_id: int) -> ResponseReturnValue:
    """Change what has not taken place yet."""
    row = election_for(actor(), election)
    found = queries.movement_for(actor(), row.id, movement_id)
    form = _form(row, found)
    form.delegation_id.data = found.delegation_id
    if request.method == "GET":
        form.show(found)
        disclose(found, "met_by_phone", "driver")
    if form.validate_on_submit():
        saved = form.attempt(_change, election=row, found=found, form=form)
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(_page(row, found))
        form.renew(found)
    return render_template(
        "logistics/edit_movement.html",
        form=form,
        election=row,
        row=found,
        shown=shown_movement(found, row),
    ), form.status


@blueprint.post("/e/<election>/arrivals/<int:movement_id>/confirm")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def confirm_movement(election: str, movement_id: int) -> ResponseReturnValue:
    """The delegation has confirmed it."""
    row = election_for(actor(), election)
    found = queries.movement_for(actor(), row.id, movement_id)
    operations.advance_movement(actor=actor(), movement=found, name="confirm")
    flash(_("It is confirmed."), "ok")
    return redirect(_page(row, found))


@blueprint.post("/e/<election>/arrivals/<int:movement_id>/finish")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def finish_movement(election: str, movement_id: int) -> ResponseReturnValue:
    """It has taken place."""
    row = election_for(actor(), election)
    found = queries.movement_for(actor(), row.id, movement_id)
    operations.advance_movement(actor=actor(), movement=found, name="finish")
    flash(_("It is recorded that it has taken place."), "ok")
    return redirect(_page(row, found))


@blueprint.post("/e/<election>/arrivals/<int:movement_id>/cancel")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def cancel_movement(election: str, movement_id: int) -> ResponseReturnValue:
    """It will not take place, and why."""
    row = election_for(actor(), election)
    found = queries.movement_for(actor(), row.id, movement_id)
    form = CancelForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.advance_movement,
            actor=actor(),
            movement=found,
            name="cancel",
            reason=form.reason.data,
        )
        if done is not None:
            flash(_("It is cancelled."), "ok")
            return redirect(_page(row, found))
    return render_template(
        "logistics/cancel_movement.html",
        form=form,
        election=row,
        row=found,
        shown=shown_movement(found, row),
        **LABELS,
    ), 422


@blueprint.get("/e/<election>/arrivals/print")
@requires(Capability.VIEW_HEADQUARTERS)
def print_arrivals(election: str) -> ResponseReturnValue:
    """The arrivals and departures of a day as a PDF."""
    row = election_for(actor(), election)
    day = day_asked() or clock.today(row.time_zone)
    with paper("arrivals"):
        content = papers.day_sheet(row, day, queries.movements_on(row, day), language_asked())
    return pdf_response(content, f"arrivals-{day.isoformat()}")
