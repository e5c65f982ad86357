"""Taking in a deployment plan: read, looked at, accepted whole."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.delegations.queries import delegation_names, delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.kernel.i18n import ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics import sheets, team_intake
from tracker.logistics.forms.intake import AcceptTeamsForm, ImportTeamsForm
from tracker.logistics.operations.team_intake import enter_teams
from tracker.logistics.queries import teams as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.rules.deployment import usual_days
from tracker.logistics.teams import days_text
from tracker.observers.intake.limits import LARGEST_FILE


def _form(election: Election) -> ImportTeamsForm:
    form = ImportTeamsForm()
    form.delegation_id.choices = [
        (0, _("As the list says")),
        *delegation_names(actor(), election.id).items(),
    ]
    if request.method == "GET":
        days = usual_days(election.election_on)
        form.starts_on.data, form.ends_on.data = days.starts_on, days.ends_on
    return form


def _rows(*, election: Election, form: ImportTeamsForm) -> list[sheets.Row]:
    senders = {each.id: each for each in delegations_of(actor(), election.id)}
    return team_intake.rows_of(form.file.data.read(), form.usual(senders))


def _read(election: Election, rows: Sequence[sheets.Row]) -> list[team_intake.Read]:
    seats: dict[int, list[int]] = {}
    for person, team in queries.seats(election.id):
        seats.setdefault(person, []).append(team)
    known = team_intake.Known(
        election,
        delegations_of(actor(), election.id),
        [team_intake.person_of(*row) for row in queries.placeable(election.id)],
        queries.standing_teams(election.id),
        seats,
    )
    return team_intake.read_rows(rows, known)


def _page(
    election: Election,
    form: ImportTeamsForm,
    found: Sequence[team_intake.Read] | None,
    accept: AcceptTeamsForm,
) -> ResponseReturnValue:
    return render_template(
        "logistics/import_teams.html",
        election=election,
        form=form,
        accept=accept,
        found=found,
        new=sum(not each.problems for each in found or ()),
        packed=sheets.packed(each.row for each in found or ()),
        why=lambda each: say(each.message, each.params),
        days_text=days_text,
        regions=region_names(election.host_country),
    ), (422 if form.errors or accept.errors else 200)


@blueprint.route("/e/<election>/deployment/import", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True, largest_upload=LARGEST_FILE)
def import_teams(election: str) -> ResponseReturnValue:
    """Read a file and show what its rows mean; nothing is entered yet."""
    row = election_for(actor(), election)
    form, found = _form(row), None
    if form.validate_on_submit():
        rows = form.attempt(_rows, election=row, form=form)
        if rows is not None:
            found = _read(row, rows)
    return _page(row, form, found, AcceptTeamsForm(formdata=None))


@blueprint.post("/e/<election>/deployment/import/accept")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def accept_teams(election: str) -> ResponseReturnValue:
    """Enter every row without a problem, as it was shown."""
    row = election_for(actor(), election)
    accept, form = AcceptTeamsForm(), _form(row)
    found = _read(row, sheets.unpacked(accept.rows.data or ""))
    if accept.validate():
        entries = [
            (each.delegation, each.details, each.person.accreditation_id)
            for each in found
            if each.delegation and each.details and each.person and not each.problems
        ]
        done = accept.attempt(
            enter_teams, actor=actor(), election=row, rows=entries, seen=accept.seen.data
        )
        if done is not None:
            observers = ngettext("%(num)s observer", "%(num)s observers", done[0])
            teams = ngettext("%(num)s team", "%(num)s teams", done[1])
            flash(_("Entered: %(observers)s, %(teams)s.", observers=observers, teams=teams), "ok")
            return redirect(url_for("logistics.teams", election=row.slug))
    return _page(row, form, found, accept)
