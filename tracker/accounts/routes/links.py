"""What opens accounts: invitations, recoveries that two administrators agree on, the provider."""

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import login_user

from tracker.accounts import local, operations, provider, queries
from tracker.accounts.authenticators import network
from tracker.accounts.forms import EntryForm, LinkForm, RecoveryForm
from tracker.accounts.labels import RECOVERIES
from tracker.accounts.models import AccountLink, Attempt, LinkKind
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.rules import BY_ENTRY
from tracker.kernel import clock
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires, time_zone


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
    return shown(operations.invite(actor=actor(), user=row))


@blueprint.post("/users/<int:user_id>/identity")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def allow_linking(user_id: int) -> ResponseReturnValue:
    """Let the provider's person of the account's address have it."""
    row = queries.user_for(user_id)
    if provider.label() is None:
        raise Refused(N_("No identity provider is set up here."))
    operations.allow_linking(actor=actor(), user=row)
    flash(_("%(name)s can now sign in through the identity provider.", name=row.name), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))


@blueprint.post("/users/<int:user_id>/identity/unlink")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def unlink(user_id: int) -> ResponseReturnValue:
    """Let the provider open the account no more."""
    row = queries.user_for(user_id)
    operations.unlink_provider(actor=actor(), user=row)
    flash(_("The account was unlinked and signed out."), "ok")
    return redirect(url_for("accounts.user", user_id=row.id))


@blueprint.post("/users/<int:user_id>/links/<int:link_id>/confirm")
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def confirm_recovery(user_id: int, link_id: int) -> ResponseReturnValue:
    """Confirm what another administrator started; the link is shown once."""
    link = queries.link_of(user_id, link_id)
    secret = operations.confirm_recovery(actor=actor(), link=link)
    return shown(secret)


@blueprint.post("/users/<int:user_id>/links/<int:link_id>/cancel")
@requires(Capability.ADMINISTER, writes=True)
def cancel_link(user_id: int, link_id: int) -> ResponseReturnValue:
    """Take a link back."""
    operations.cancel_link(actor=actor(), link=queries.link_of(user_id, link_id))
    flash(_("The link was taken back."), "ok")
    return redirect(url_for("accounts.user", user_id=user_id))


def shown(secret: str) -> ResponseReturnValue:
    """A link that was made just now, once."""
    link = queries.link_by(secret)
    return render_template(
        "accounts/invite.html",
        user_id=link.user_id,
        name=link.user.name,
        address=url_for("accounts.link", link_secret=secret, _external=True),
        ends=clock.local(link.expires_at, time_zone()),
    )


def _link(secret: str) -> AccountLink | None:
    """The open link with this secret, or None; who guesses is stopped after some failures."""
    where = network()
    subjects = [(Attempt.LINK, where)] if where else []
    if operations.is_any_locked(subjects):
        abort(429)
    try:
        return queries.link_by(secret)
    except NotFound:
        operations.count_attempts(subjects, succeeded=False)
        return None


@blueprint.route("/account/link/<string:link_secret>", methods=["GET", "POST"])
@requires(Capability.PUBLIC, writes=True)
def link(link_secret: str) -> ResponseReturnValue:
    """Choose a password, by the link that was handed over; or sign in, by one of the server."""
    found = _link(link_secret)
    if found is None:
        # The same of a link that was used, ran out or never was: nothing is told to who guesses.
        return _without_referrer((render_template("accounts/link_over.html"), 404))
    if found.kind is LinkKind.ENTRY:
        return _without_referrer(_entry(found))
    if not local.are_open():
        return local.refusal()
    form = LinkForm()
    if form.validate_on_submit():
        user = form.attempt(operations.use_link, link=found, password=form.password.data or "")
        if user is not None:
            flash(_("Your password is set. Sign in with it."), "ok")
            return redirect(url_for("security.login"))
    page = render_template("accounts/link.html", form=form, link=found, kinds=RECOVERIES)
    return _without_referrer((page, form.status))


def _entry(found: AccountLink) -> ResponseReturnValue:
    form = EntryForm()
    if form.validate_on_submit():
        user = form.attempt(operations.use_entry, link=found)
        if user is not None:
            login_user(user, authn_via=[BY_ENTRY])
            return redirect("/")
    return render_template("accounts/entry.html", form=form, link=found), form.status


def _without_referrer(answer: ResponseReturnValue) -> ResponseReturnValue:
    response = make_response(answer)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
