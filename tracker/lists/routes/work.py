"""What is done with a list: chosen, mended, sent, returned, accepted, undone."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.kernel.errors import NotFound
from tracker.kernel.permissions import Capability
from tracker.kernel.text import whole_number
from tracker.kernel.web import actor, requires
from tracker.lists import acceptance, delivery, labels, operations, queries, undoing
from tracker.lists.forms import ChoicesForm, ReturnForm
from tracker.lists.models import ListStatus
from tracker.lists.routes.blueprint import blueprint, list_at, url_of
from tracker.lists.routes.lists import checked_page
from tracker.lists.rules import demand_in_hand
from tracker.observers.models import DuplicateVerdict


@blueprint.post("/e/<election>/lists/<int:list_id>")
@requires(Capability.DELIVER_LISTS, writes=True)
def choose(election: str, list_id: int) -> ResponseReturnValue:
    """Read the list anew with what a person says of its sheet, header, columns and dates."""
    row, found, delegation = list_at(election, list_id)
    form = ChoicesForm()
    form.offer(found.facts.get("sheets", []))
    columns = {
        column["index"]: request.form.get(f"column-{column['index']}", column["field"] or "")
        for column in found.columns
    }
    done = form.attempt(
        operations.choose,
        actor=actor(),
        election=row,
        delegation=delegation,
        found=found,
        choices=form.choices(found, columns),
    )
    if done is None:
        return checked_page(row, found, delegation, form), form.status
    flash(_("The list was read anew."), "ok")
    return redirect(url_of(row, found))


@blueprint.post("/e/<election>/lists/<int:list_id>/rows/<int:number>")
@requires(Capability.DELIVER_LISTS, writes=True)
def mend(election: str, list_id: int, number: int) -> ResponseReturnValue:
    """Mend a row in place, leave it out, or say who it is."""
    row, found, delegation = list_at(election, list_id)
    queries.row_for(found.id, number)
    around: dict[str, Any] = {"actor": actor(), "election": row, "delegation": delegation}
    around["found"] = found
    action = request.form.get("action", "mend")
    if action in {"leave_out", "take_back"}:
        operations.leave_out(**around, number=number, is_left_out=action == "leave_out")
    elif action in set(DuplicateVerdict):
        other = request.form.get("observer_id", type=int) or 0
        operations.answer_duplicate(
            **around, number=number, observer_id=other, verdict=DuplicateVerdict(action)
        )
    else:
        typed = {
            name: request.form[f"cell-{name}"]
            for name in labels.FIELDS
            if f"cell-{name}" in request.form
        }
        operations.mend_row(**around, number=number, cells=typed)
    wanted = request.form.get("status", "")
    return redirect(url_of(row, found, status=wanted or None, _anchor="rows"))


@blueprint.post("/e/<election>/lists/<int:list_id>/leave-out")
@requires(Capability.DELIVER_LISTS, writes=True)
def leave_out(election: str, list_id: int) -> ResponseReturnValue:
    """Leave out every row that still has a problem."""
    row, found, delegation = list_at(election, list_id)
    operations.leave_out(
        actor=actor(),
        election=row,
        delegation=delegation,
        found=found,
        number=None,
        is_left_out=True,
    )
    return redirect(url_of(row, found))


def _dropped_decisions() -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for name, value in request.form.items():
        key = whole_number(name.removeprefix("dropped-")) if name.startswith("dropped-") else None
        if key is None or not value:
            continue
        if (row := whole_number(value)) is not None:
            found[key] = {"action": "replace", "row": row}
        elif value == "withdraw":
            found[key] = {"action": "withdraw"}
    return found


@blueprint.post("/e/<election>/lists/<int:list_id>/send")
@requires(Capability.DELIVER_LISTS, writes=True)
def send(election: str, list_id: int) -> ResponseReturnValue:
    """Hand the list over to headquarters."""
    row, found, delegation = list_at(election, list_id)
    operations.decide_dropped(actor=actor(), found=found, decisions=_dropped_decisions())
    delivery.send_list(actor=actor(), election=row, delegation=delegation, found=found)
    flash(_("The list is with headquarters, which checks it and accepts it."), "ok")
    return redirect(url_of(row, found))


@blueprint.route("/e/<election>/lists/<int:list_id>/return", methods=["GET", "POST"])
@requires(Capability.EDIT_OBSERVERS, writes=True)
def return_list(election: str, list_id: int) -> ResponseReturnValue:
    """Give the list back to the delegation, and say what is to be mended."""
    row, found, delegation = list_at(election, list_id)
    demand_in_hand(actor(), found)
    form = ReturnForm()
    if form.validate_on_submit():
        given = form.attempt(
            delivery.return_list,
            actor=actor(),
            election=row,
            delegation=delegation,
            found=found,
            reason=form.reason.data or "",
        )
        if given is not None:
            flash(_("The list is with the delegation again."), "ok")
            return redirect(url_of(row, given))
    return render_template(
        "lists/return_list.html", form=form, election=row, found=found
    ), form.status


@blueprint.post("/e/<election>/lists/<int:list_id>/accept")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def accept(election: str, list_id: int) -> ResponseReturnValue:
    """Give the list out to be stored, in one transaction, by the job process."""
    row, found, _delegation = list_at(election, list_id)
    operations.decide_dropped(actor=actor(), found=found, decisions=_dropped_decisions())
    acceptance.accept_later(actor=actor(), found=found)
    return redirect(url_of(row, found))


@blueprint.post("/e/<election>/lists/<int:list_id>/undo")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def undo(election: str, list_id: int) -> ResponseReturnValue:
    """Take the whole list back."""
    row, found, delegation = list_at(election, list_id)
    undoing.undo_list(actor=actor(), election=row, delegation=delegation, found=found)
    flash(
        _("The list was undone: whom it entered is withdrawn, what it changed is put back."), "ok"
    )
    return redirect(url_for("lists.show", election=row.slug, list_id=list_id))


@blueprint.post("/e/<election>/lists/<int:list_id>/discard")
@requires(Capability.DELIVER_LISTS, writes=True)
def discard(election: str, list_id: int) -> ResponseReturnValue:
    """Put a list away."""
    row, found, _delegation = list_at(election, list_id)
    if found.status not in {ListStatus.CHECKED, ListStatus.CHECKING}:
        raise NotFound("There is no such list.")
    operations.discard_list(actor=actor(), found=found)
    flash(_("The list was put away; nothing of it was entered."), "ok")
    return redirect(url_for("lists.index", election=row.slug))
