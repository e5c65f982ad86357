"""Taking in a list of arrivals and departures: read, looked at, accepted whole."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.delegations.queries import delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.i18n import localized, ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics import intake
from tracker.logistics.forms.intake import AcceptForm, ImportForm
from tracker.logistics.labels.movements import DIRECTIONS
from tracker.logistics.operations.intake import enter_movements
from tracker.logistics.queries import movements as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.observers.intake.limits import LARGEST_FILE


def _form() -> ImportForm:
    form = ImportForm()
    points = queries.points(only_active=True)
    form.point_id.choices = [(row.id, localized(row, "name")) for row in points]
    return form


def _read(election: Election, rows: Sequence[intake.Row], point_id: int) -> list[intake.Read]:
    entered = queries.all_movements(queries.filtered(actor(), election, queries.Filter()))
    known = intake.Known(
        election,
        delegations_of(actor(), election.id),
        queries.points(only_active=True),
        queries.point_for(point_id),
        frozenset(intake.key_of(row.delegation_id, row) for row in entered),
    )
    return intake.read_rows(rows, known)


def _page(
    election: Election, form: ImportForm, found: Sequence[intake.Read] | None, accept: AcceptForm
) -> ResponseReturnValue:
    return render_template(
        "logistics/import_movements.html",
        election=election,
        form=form,
        accept=accept,
        found=found,
        new=sum(not each.problems for each in found or ()),
        packed=intake.packed(each.row for each in found or ()),
        local=lambda moment: clock.local(moment, election.time_zone),
        why=lambda each: say(each.message, each.params),
        directions=DIRECTIONS,
    ), (422 if form.errors or accept.errors else 200)


@blueprint.route("/e/<election>/arrivals/import", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True, largest_upload=LARGEST_FILE)
def import_movements(election: str) -> ResponseReturnValue:
    """Read a file and show what its rows mean; nothing is entered yet."""
    row = election_for(actor(), election)
    form, found = _form(), None
    if form.validate_on_submit():
        rows = form.attempt(intake.rows_of, content=form.file.data.read())
        if rows is not None:
            found = _read(row, rows, form.point_id.data)
    return _page(row, form, found, AcceptForm(formdata=None))


@blueprint.post("/e/<election>/arrivals/import/accept")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def accept_movements(election: str) -> ResponseReturnValue:
    """Enter every row without a problem, as it was shown."""
    row = election_for(actor(), election)
    accept, form = AcceptForm(), _form()
    rows = intake.unpacked(accept.rows.data or "")
    found = _read(row, rows, request.form.get("point_id", 0, type=int))
    if accept.validate():
        count = accept.attempt(
            enter_movements,
            actor=actor(),
            election=row,
            rows=[
                (each.delegation, each.details)
                for each in found
                if each.delegation and each.details and not each.problems
            ],
            seen=accept.seen.data,
        )
        if count is not None:
            flash(ngettext("%(num)s row is entered.", "%(num)s rows are entered.", count), "ok")
            return redirect(url_for("logistics.movements", election=row.slug))
    return _page(row, form, found, accept)
