"""The duty roster: a week as a table, its gaps and double bookings in words, its forms."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts.queries import user_for, users_who_may
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose, disclose_list
from tracker.kernel.forms import Choices
from tracker.kernel.i18n import ngettext
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, day_asked, requires
from tracker.logistics.forms.duty_roster import RepeatForm, ShiftForm
from tracker.logistics.labels.duty import FUNCTIONS
from tracker.logistics.models.duty import DutyShift
from tracker.logistics.operations import duty_roster as operations
from tracker.logistics.queries import duty_roster as queries
from tracker.logistics.roster import check_of, week_of
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.routes.duty_log import local_in
from tracker.logistics.rules.duty import LONGEST_PATTERN


def _span(first_shown: date) -> tuple[date, date]:
    """The two days between which the roster is checked: those asked for, else the week's."""
    since, until = day_asked("since") or first_shown, day_asked("until")
    last = until or since + timedelta(days=6)
    return since, min(max(since, last), since + timedelta(days=LONGEST_PATTERN - 1))


@blueprint.get("/e/<election>/duty/roster/")
@requires(Capability.VIEW_DUTY)
def duty_roster(election: str) -> ResponseReturnValue:
    """A week of the roster, and what is wrong with it between two days."""
    row = election_for(actor(), election)
    today = clock.today(row.time_zone)
    monday = clock.monday_of(day_asked() or today)
    since, until = _span(monday)
    shifts = queries.shifts_on(row, monday, monday + timedelta(days=6))
    check = check_of(row, since, until)
    disclose_list(row, "duty roster")
    return render_template(
        "logistics/duty_roster.html",
        election=row,
        week=week_of(monday, shifts, row),
        today=today,
        monday=monday,
        since=since,
        until=until,
        step=timedelta(days=7),
        gaps=check.gaps,
        clashes=check.clashes,
        present=queries.on_duty(row.id, clock.now()),
        functions=FUNCTIONS,
        **local_in(row),
    )


def _people(found: DutyShift | None = None) -> Choices:
    people = list(users_who_may(Capability.MANAGE_LOGISTICS))
    if found and found.user_id and found.user_id not in dict(people):
        people.append((found.user_id, user_for(found.user_id).name))
    return people


def _back(election: Election, shift: DutyShift) -> ResponseReturnValue:
    day = clock.local(shift.starts_at, election.time_zone).date()
    return redirect(url_for("logistics.duty_roster", election=election.slug, day=day.isoformat()))


@blueprint.route("/e/<election>/duty/roster/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def new_duty_shift(election: str) -> ResponseReturnValue:
    """A new shift; a link may say on which day."""
    row = election_for(actor(), election)
    form = ShiftForm()
    form.offer(people=_people(), time_zone=row.time_zone)
    if request.method == "GET":
        form.day.data = day_asked() or clock.today(row.time_zone)
    elif form.validate():
        made = form.attempt(
            operations.plan_shift, actor=actor(), election=row, details=form.details()
        )
        if made is not None:
            links = {"election": row.slug, "shift_id": made.id}
            flash_undoable(_("The shift is on the roster."), "logistics.delete_duty_shift", **links)
            return _back(row, made)
    return render_template(
        "logistics/edit_duty_shift.html", election=row, form=form, row=None
    ), form.status


@blueprint.route("/e/<election>/duty/roster/repeat", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def repeat_duty_shifts(election: str) -> ResponseReturnValue:
    """The same turns on many days at once."""
    row = election_for(actor(), election)
    form = RepeatForm()
    form.offer(people=_people())
    if form.validate_on_submit():
        made = form.attempt(
            operations.repeat_shifts,
            actor=actor(),
            election=row,
            function=form.function.data,
            turns=form.turns(),
            first=form.first.data,
            last=form.last.data,
        )
        if made is not None:
            text = ngettext(
                "%(num)s shift is on the roster.", "%(num)s shifts are on the roster.", len(made)
            )
            flash(text, "ok")
            return _back(row, made[0])
    return render_template(
        "logistics/repeat_duty_shifts.html", election=row, form=form
    ), form.status


def _change(*, election: Election, shift: DutyShift, form: ShiftForm) -> DutyShift:
    return operations.change_shift(
        actor=actor(),
        election=election,
        shift=shift,
        details=form.details(),
        seen_version=form.seen_version,
    )


@blueprint.route("/e/<election>/duty/roster/<int:shift_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def edit_duty_shift(election: str, shift_id: int) -> ResponseReturnValue:
    """Change a shift."""
    row = election_for(actor(), election)
    found = queries.shift_for(row.id, shift_id)
    form = ShiftForm()
    form.offer(people=_people(found), time_zone=row.time_zone)
    if request.method == "GET":
        form.show(found)
        disclose(found, "phone")
    if form.validate_on_submit():
        saved = form.attempt(_change, election=row, shift=found, form=form)
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return _back(row, saved)
        form.renew(found)
    return render_template(
        "logistics/edit_duty_shift.html", election=row, form=form, row=found
    ), form.status


@blueprint.post("/e/<election>/duty/roster/<int:shift_id>/delete")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def delete_duty_shift(election: str, shift_id: int) -> ResponseReturnValue:
    """Take a shift off the roster."""
    row = election_for(actor(), election)
    found = queries.shift_for(row.id, shift_id)
    back = _back(row, found)
    operations.delete_shift(actor=actor(), shift=found)
    flash(_("The shift is off the roster."), "ok")
    return back
