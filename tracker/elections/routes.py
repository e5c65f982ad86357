"""Pages on which an administrator keeps elections."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections import queries
from tracker.elections.forms import ElectionForm
from tracker.elections.labels import KINDS
from tracker.elections.models import Election
from tracker.elections.operations import create_election, update_election
from tracker.kernel import clock
from tracker.kernel.i18n import countries, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires

blueprint = Blueprint("elections", __name__)


def _form(election: Election | None = None) -> ElectionForm:
    form = ElectionForm()
    rounds = [
        (row.id, localized(row, "name"))
        for row in queries.elections()
        if election is None or row.id != election.id
    ]
    form.offer(countries(), rounds)
    return form


@blueprint.get("/elections/")
@requires(Capability.EDIT_ELECTIONS)
def index() -> ResponseReturnValue:
    """All elections, the latest first."""
    rows = [
        {
            "election": row,
            "closes_at": clock.local(row.closes_at, row.time_zone),
            "opens_at": clock.local(row.opens_at, row.time_zone),
        }
        for row in queries.elections()
    ]
    return render_template("elections/index.html", rows=rows, kinds=KINDS)


@blueprint.route("/elections/new", methods=["GET", "POST"])
@requires(Capability.EDIT_ELECTIONS, writes=True)
def create() -> ResponseReturnValue:
    """A new election."""
    form = _form()
    if request.method == "GET":
        form.host_country.data, form.time_zone.data = "KZ", "Asia/Almaty"
    if form.validate_on_submit():
        made = form.attempt(create_election, actor=actor(), details=form.details())
        if made is not None:
            flash(_("%(name)s was created.", name=localized(made, "name")), "ok")
            return redirect(url_for("elections.index"))
    return render_template("elections/create.html", form=form), form.status


@blueprint.route("/elections/<election>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_ELECTIONS, writes=True)
def edit(election: str) -> ResponseReturnValue:
    """Change an election."""
    row = queries.election_for(actor(), election)
    form = _form(row)
    if request.method == "GET":
        form.show(row)
    if form.validate_on_submit():
        changed = form.attempt(
            update_election,
            actor=actor(),
            election=row,
            details=form.details(),
            seen_version=form.seen_version,
        )
        if changed is not None:
            flash(_("%(name)s was saved.", name=localized(changed, "name")), "ok")
            return redirect(url_for("elections.index"))
    form.renew(row)
    return render_template("elections/edit.html", form=form, row=row), form.status
