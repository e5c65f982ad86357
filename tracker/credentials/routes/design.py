"""How an election's certificates look, with a preview."""

import hashlib

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.credentials import operations
from tracker.credentials.design import GROUPS, design_of
from tracker.credentials.forms.design import DesignForm
from tracker.credentials.models import CertificateDesign
from tracker.credentials.operations.design import LARGEST_EMBLEM
from tracker.credentials.routes.blueprint import blueprint
from tracker.credentials.specimen import specimen_pictures
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.database import db
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires


def _save(*, election: Election, form: DesignForm) -> CertificateDesign:
    return operations.save_design(
        actor=actor(),
        election=election,
        details=form.details(),
        emblem=form.upload,
        drops_emblem=form.drops_emblem.data,
        seen_version=form.seen_version,
    )


@blueprint.route("/e/<election>/certificates/design", methods=["GET", "POST"])
@requires(Capability.EDIT_ELECTIONS, writes=True, largest_upload=LARGEST_EMBLEM + 65_536)
def design(election: str) -> ResponseReturnValue:
    """Texts, emblem, colours."""
    row = election_for(actor(), election)
    stored = db.session.get(CertificateDesign, row.id)
    form = DesignForm()
    if request.method == "GET":
        form.show(stored)
    if form.validate_on_submit():
        saved = form.attempt(_save, election=row, form=form)
        if saved is not None:
            flash(_("The design was saved."), "ok")
            return redirect(url_for("credentials.design", election=row.slug))
    found = design_of(row.id)
    return render_template(
        "credentials/design.html",
        election=row,
        form=form,
        groups=list(GROUPS),
        has_emblem=found.emblem is not None,
        is_broken=found.is_broken,
        version=stored.version if stored else 0,
    ), form.status


@blueprint.get("/e/<election>/certificates/design/specimen/<int:place>")
@requires(Capability.EDIT_ELECTIONS)
def specimen(election: str, place: int) -> ResponseReturnValue:
    """A badge of an invented holder as a picture: fronts of the groups in order, then a back."""
    row = election_for(actor(), election)
    pictures = specimen_pictures(row)
    if place >= len(pictures):
        abort(404)
    response = Response(pictures[place], mimetype="image/png")
    response.set_etag(hashlib.sha256(pictures[place]).hexdigest())
    return response
