"""One shift hands over, the next takes over."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.days import short_moment
from tracker.kernel.disclosure import disclose_list
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics.forms.duty import HandOverForm
from tracker.logistics.handing_over import hand_over_text, sections
from tracker.logistics.models.duty import DutyShift, HandOver
from tracker.logistics.operations import hand_overs as operations
from tracker.logistics.queries import hand_overs as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.routes.duty_log import LABELS, local_in


def _form(election: Election, shifts: list[DutyShift]) -> HandOverForm:
    form = HandOverForm()

    def times(shift: DutyShift) -> str:
        starts, ends = (
            clock.local(each, election.time_zone) for each in (shift.starts_at, shift.ends_at)
        )
        return f"{short_moment(starts)} – {short_moment(ends, starts.date())}"

    offered = [(each.id, f"{each.person}, {times(each)}") for each in shifts]
    form.shift_id.choices = [*offered, ("", _("None of the roster"))]
    if request.method == "GET":
        own = [each.id for each in shifts if each.user_id == actor().user_id]
        form.shift_id.data = own[0] if own else (shifts[0].id if shifts else None)
    return form


def _give(*, election: Election, shifts: list[DutyShift], form: HandOverForm) -> HandOver:
    now = clock.now()
    parts = sections(queries.matters(election.id, now), election, now)
    return operations.give_over(
        actor=actor(),
        election=election,
        text=hand_over_text(form.word.data or "", parts),
        shift=next((each for each in shifts if each.id == form.shift_id.data), None),
    )


@blueprint.route("/e/<election>/duty/hand-over", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def hand_over(election: str) -> ResponseReturnValue:
    """Everything that the next shift has to know on one page, and the signature under it."""
    row, now = election_for(actor(), election), clock.now()
    shifts = queries.shifts_to_hand_over(row.id, now)
    form = _form(row, shifts)
    if form.validate_on_submit():
        given = form.attempt(_give, election=row, shifts=shifts, form=form)
        if given is not None:
            flash(_("It is handed over. Whoever comes confirms it on this page."), "ok")
            return redirect(_page(row, given))
    disclose_list(row, "hand-over")
    return render_template(
        "logistics/hand_over.html",
        election=row,
        form=form,
        parts=sections(queries.matters(row.id, now), row, now),
        **local_in(row),
    ), form.status


def _page(election: Election, found: HandOver) -> str:
    return url_for("logistics.handed_over", election=election.slug, hand_over_id=found.id)


@blueprint.get("/e/<election>/duty/hand-overs/<int:hand_over_id>")
@requires(Capability.VIEW_DUTY)
def handed_over(election: str, hand_over_id: int) -> ResponseReturnValue:
    """What was handed over, by whom, and who has taken it over."""
    row = election_for(actor(), election)
    found = queries.hand_over_for(row.id, hand_over_id)
    disclose_list(row, "hand-over")
    return render_template(
        "logistics/handed_over.html",
        election=row,
        row=found,
        may_take=found.given_by_id is None or found.given_by_id != actor().user_id,
        **local_in(row),
        **LABELS,
    )


@blueprint.post("/e/<election>/duty/hand-overs/<int:hand_over_id>/take")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def take_over(election: str, hand_over_id: int) -> ResponseReturnValue:
    """Confirm that one has taken over."""
    row = election_for(actor(), election)
    found = queries.hand_over_for(row.id, hand_over_id)
    operations.take_over(actor=actor(), hand_over=found)
    flash(_("You have taken over."), "ok")
    return redirect(_page(row, found))
