"""Links that open an account: invitations, and recoveries that two administrators agree on."""

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.accounts import operations, queries
from tracker.accounts.authenticators import network
from tracker.accounts.forms import LinkForm, RecoveryForm
from tracker.accounts.labels import RECOVERIES
from tracker.accounts.models import AccountLink, Attempt
from tracker.accounts.routes.blueprint import blueprint
from tracker.kernel.errors import NotFound
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires


@blueprint.route("/users/<int:user_id>/recovery", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def recover(user_id: int) -> ResponseReturnValue:
    """Start the recovery of an account; another administrator confirms it."""
    row = queries.user_for(user_id)
    form = RecoveryForm()
    form.offer()
    if form.validate_on_submit():
        started = form.attempt(
            operations.start_recovery,
            actor=actor(),
            user=row,
            kind=form.kind.data,
            reason=form.reason.data or "",
        )
        if started is not None:
            flash(_("The recovery waits for another administrator to confirm it."), "ok")
            return redirect(url_for("accounts.user", user_id=row.id))
    return render_template("accounts/recover.html", form=form, row=row), form.status


@blueprint.post("/users/<int:user_id>/invitation")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def invite(user_id: int) -> ResponseReturnValue:
    """Another invitation for a person who has not used the first; shown once."""
    row = queries.user_for(user_id)
    for link in queries.open_links(row.id):
        operations.cancel_link(actor=actor(), link=link)
    return _shown(row.id, row.name, operations.invite(actor=actor(), user=row))


@blueprint.post("/users/<int:user_id>/links/<int:link_id>/confirm")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def confirm_recovery(user_id: int, link_id: int) -> ResponseReturnValue:
    """Confirm what another administrator started; the link is shown once."""
    link = queries.link_of(user_id, link_id)
    secret = operations.confirm_recovery(actor=actor(), link=link)
    return _shown(user_id, link.user.name, secret)


@blueprint.post("/users/<int:user_id>/links/<int:link_id>/cancel")
@requires(Capability.ADMINISTER, writes=True)
def cancel_link(user_id: int, link_id: int) -> ResponseReturnValue:
    """Take a link back."""
    operations.cancel_link(actor=actor(), link=queries.link_of(user_id, link_id))
    flash(_("The link was taken back."), "ok")
    return redirect(url_for("accounts.user", user_id=user_id))


def _shown(user_id: int, name: str, secret: str) -> ResponseReturnValue:
    address = url_for("accounts.link", link_secret=secret, _external=True)
    return render_template("accounts/invite.html", user_id=user_id, name=name, address=address)


def _link(secret: str) -> AccountLink:
    """The open link with this secret; who guesses is stopped after some failures."""
    where = network()
    subjects = [(Attempt.LINK, where)] if where else []
    if operations.is_any_locked(subjects):
        abort(429)
    try:
        return queries.link_by(secret)
    except NotFound:
        operations.count_attempts(subjects, succeeded=False)
        raise


@blueprint.route("/account/link/<string:link_secret>", methods=["GET", "POST"])
@requires(Capability.PUBLIC, writes=True)
def link(link_secret: str) -> ResponseReturnValue:
    """Choose a password, by the link that was handed over."""
    found = _link(link_secret)
    form = LinkForm()
    if form.validate_on_submit():
        user = form.attempt(operations.use_link, link=found, password=form.password.data or "")
        if user is not None:
            flash(_("Your password is set. Sign in with it."), "ok")
            return redirect(url_for("security.login"))
    page = render_template("accounts/link.html", form=form, link=found, kinds=RECOVERIES)
    response = make_response(page, form.status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
