"""Who of a delegation's people signs in here, and who is invited to."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts import local
from tracker.accounts.models import User
from tracker.delegations import focal_points as operations
from tracker.delegations import queries
from tracker.delegations.focal_points import Addresses
from tracker.delegations.forms import InvitationForm
from tracker.delegations.models import Delegation
from tracker.delegations.routes.blueprint import blueprint, delegation_at
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose
from tracker.kernel.mail import mailer
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires


def _link(secret: str) -> str:
    return url_for("accounts.link", link_secret=secret, _external=True)


def _prefill(form: InvitationForm, delegation: Delegation) -> None:
    """The contact that the address names, whose e-mail address is then shown."""
    form.language.data = "en"
    number = request.args.get("contact", type=int)
    if number is not None:
        contact = queries.contact_for(delegation.id, number)
        form.name.data, form.email.data = contact.name, contact.email
        disclose(contact, "email")


def _invite(*, election: Election, delegation: Delegation, form: InvitationForm) -> User:
    return operations.invite_focal_point(
        actor=actor(),
        election=election,
        delegation=delegation,
        person=form.person(),
        addresses=Addresses(
            home=url_for("headquarters.home", _external=True),
            link=_link if local.are_open() else None,
        ),
    )


def _invited(user: User) -> str:
    if mailer.is_configured:
        return str(_("%(name)s is invited; the letter leaves now.", name=user.name))
    return str(_("%(name)s is invited; the letter waits for a mail server.", name=user.name))


@blueprint.route(
    "/e/<election>/delegations/<int:delegation_id>/focal-points", methods=["GET", "POST"]
)
@requires(Capability.INVITE_FOCAL_POINTS, writes=True)
def focal_points(election: str, delegation_id: int) -> ResponseReturnValue:
    """Who sees the delegation from its own side; another person is invited by mail."""
    row, found = delegation_at(election, delegation_id)
    form = InvitationForm()
    form.offer()
    if request.method == "GET":
        _prefill(form, found)
    elif form.validate():
        user = form.attempt(_invite, election=row, delegation=found, form=form)
        if user is not None:
            flash(_invited(user), "ok")
            return redirect(request.path)
    return render_template(
        "delegations/focal_points.html",
        form=form,
        election=row,
        delegation=found,
        people=queries.focal_points_of(found.id),
        local=lambda moment: clock.local(moment, row.time_zone),
        can_mail=mailer.is_configured,
    ), form.status


@blueprint.post("/e/<election>/delegations/<int:delegation_id>/focal-points/<int:user_id>/end")
@requires(Capability.INVITE_FOCAL_POINTS, writes=True)
def end_focal_point(election: str, delegation_id: int, user_id: int) -> ResponseReturnValue:
    """Take the delegation out of a person's sight."""
    row, found = delegation_at(election, delegation_id)
    operations.end_focal_point(actor=actor(), delegation=found, user_id=user_id)
    flash(_("This person does not see the delegation any more."), "ok")
    return redirect(url_for("delegations.focal_points", election=row.slug, delegation_id=found.id))
