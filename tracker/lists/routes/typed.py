"""A list typed person by person."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accreditation.models import Accreditation
from tracker.accreditation.queries import accreditation_for, presenting_by
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import disclose
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.lists.checking import listed
from tracker.lists.forms import PersonForm
from tracker.lists.routes.blueprint import blueprint, url_of
from tracker.lists.typed import Typed, type_person


@blueprint.route("/e/<election>/delegations/<int:delegation_id>/person", methods=["GET", "POST"])
@requires(Capability.DELIVER_LISTS, writes=True)
def type_observer(election: str, delegation_id: int) -> ResponseReturnValue:
    """Put somebody on the list that the delegation is typing."""
    row = election_for(actor(), election)
    return _page(row, delegation_for(actor(), row.id, delegation_id), None)


@blueprint.route(
    "/e/<election>/observers/<int:accreditation_id>/correction", methods=["GET", "POST"]
)
@requires(Capability.DELIVER_LISTS, writes=True)
def correct_observer(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Correct somebody who is in the register and not submitted yet."""
    row = election_for(actor(), election)
    found = accreditation_for(actor(), row.id, accreditation_id)
    return _page(row, delegation_for(actor(), row.id, found.delegation_id), found)


def _page(
    election: Election, delegation: Delegation, corrects: Accreditation | None
) -> ResponseReturnValue:
    form = PersonForm()
    form.offer()
    if request.method == "GET" and corrects is not None:
        form.show(listed(corrects))
        disclose(corrects.observer, "birth_date", "email", "phone")
    elif form.validate_on_submit():
        upload = form.portrait.data
        person = Typed(
            values=form.values(),
            portrait=upload.read() if upload and upload.filename else None,
            corrects=corrects,
        )
        found = form.attempt(
            type_person, actor=actor(), election=election, delegation=delegation, person=person
        )
        if found is not None:
            flash(_("The person is on the list. Send it when it is complete."), "ok")
            return redirect(url_of(election, found, status="all"))
    return render_template(
        "lists/type_observer.html",
        form=form,
        election=election,
        delegation=delegation,
        corrects=corrects,
        presenting=presenting_by(actor(), election),
    ), form.status
