"""Single sign-on: the way to the identity provider, back from it, and out of it."""

import structlog
from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security.utils import login_user
from requests import RequestException

from tracker.accounts import operations, presence, provider, queries
from tracker.accounts.authenticators import network
from tracker.accounts.models import Attempt
from tracker.accounts.operations.attempts import Subject
from tracker.accounts.provider import FAILURES, Failure, ProviderFailure, Vouched
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.rules import BY_PROVIDER
from tracker.kernel.actor import Actor
from tracker.kernel.database import rollback, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import flash, own_path, requires

log = structlog.get_logger()
LONGEST_PATH = 500  # that is kept in the cookie until the provider has answered
PROVIDER = Actor(user_id=None, name="identity provider", is_system=True)
STATUSES = {
    Failure.NOT_SET_UP: 422,
    Failure.UNREACHABLE: 503,
    Failure.LOCKED: 429,
    Failure.STATE: 400,
    Failure.TOKEN: 400,
}


def _wanted() -> str:
    path = own_path(request.args.get("next", ""))
    return path if len(path) <= LONGEST_PATH else ""


@blueprint.get("/sign-in/provider")
@requires(Capability.PUBLIC)
def provider_sign_in() -> ResponseReturnValue:
    """Go to the provider. A link and not a form: our policy lets no form lead elsewhere."""
    try:
        return redirect(provider.ask(wanted=_wanted(), again=False))
    except ProviderFailure as error:
        return _refused(error)


@blueprint.get("/account/verify/provider")
@requires(Capability.SIGNED_IN)
def confirm_identity() -> ResponseReturnValue:
    """Say that the provider will ask once more, and lead there."""
    if g.get("session_method") != BY_PROVIDER:
        return redirect(url_for("security.verify", next=_wanted() or None))
    return render_template("accounts/confirm_identity.html", wanted=_wanted())


@blueprint.get("/account/verify/provider/ask")
@requires(Capability.SIGNED_IN)
def ask_again() -> ResponseReturnValue:
    """Go to the provider, which is to ask anew."""
    try:
        return redirect(provider.ask(wanted=_wanted(), again=True))
    except ProviderFailure as error:
        return _refused(error)


@blueprint.get("/sign-in/provider/return")
@requires(Capability.PUBLIC, of_primary=True)
def provider_return() -> ResponseReturnValue:
    """Take what the provider says of whoever comes back.

    A GET that stores, since the provider sends people back by one (OpenID Connect Core 1.0,
    3.1.2.5); the state in this browser's cookie is the token that our forms have.
    """
    where = network()
    subjects = [(Attempt.NETWORK, where)] if where else []
    try:
        if operations.is_any_locked(subjects):
            raise ProviderFailure(Failure.LOCKED)
        vouched = provider.answered()
        _enter(vouched)
    except ProviderFailure as error:
        return _refused(error, subjects)
    except Refused as error:
        return _shut_out(error, subjects)
    if vouched.is_again:
        flash(_("Thank you, go on."), "ok")
    return redirect(vouched.next or "/")


def _enter(vouched: Vouched) -> None:
    """Sign in whom the provider vouches for."""
    before = current_user.id if current_user.is_authenticated else None
    rollback()  # what was read so far began no change
    with unit_of_work(PROVIDER):
        user = operations.enter_by_provider(person=vouched.person, mapping=provider.meanings())
        if vouched.is_again and user.id != before:
            raise ProviderFailure(Failure.OTHER_PERSON)
        login_user(user, authn_via=[BY_PROVIDER])
        operations.keep_provider_session(
            key=session[presence.KEY],
            person=vouched.person,
            sid=vouched.sid,
            id_token=vouched.id_token,
        )
    # How fresh the sign-in is counts from the proof there, which may be hours old.
    session["fs_paa"] = vouched.authenticated_at
    session.pop("fs_gexp", None)


def _refused(error: ProviderFailure, subjects: list[Subject] | None = None) -> ResponseReturnValue:
    """The page that says why the provider's way led to nothing; counted where `subjects` are."""
    failure = error.failure
    if subjects and failure not in {Failure.LOCKED, Failure.UNREACHABLE}:
        operations.count_attempts(subjects, succeeded=False)
    if failure is not Failure.NOT_SET_UP:
        log.warning("attempt refused", attempt=BY_PROVIDER, reason=failure.value)
    return _page(_(FAILURES[failure]), STATUSES.get(failure, 403))


def _shut_out(error: Refused, subjects: list[Subject]) -> ResponseReturnValue:
    """The page for somebody whom the provider knows and who may not come in."""
    operations.count_attempts(subjects, succeeded=False)
    log.warning("attempt refused", attempt=BY_PROVIDER, reason="no account")
    return _page(say(error.message, error.params), 403)


def _page(message: str, status: int) -> ResponseReturnValue:
    page = render_template("accounts/provider_refused.html", message=message, name=provider.label())
    return page, status


@blueprint.get("/sign-out/provider")
@requires(Capability.PUBLIC)
def provider_sign_out() -> ResponseReturnValue:
    """Sign out at the provider too, after signing out here."""
    ended = session.pop(presence.SIGNED_OUT, None)
    token = queries.id_token_of(ended) if isinstance(ended, int) else None
    return redirect(provider.sign_out_url(token) or "/")


@blueprint.post("/sign-out/back-channel")
@requires(Capability.PUBLIC, writes=True)
def back_channel() -> ResponseReturnValue:
    """End the sessions that the provider says are over; asked by the provider itself, without a
    cookie (OpenID Connect Back-Channel Logout 1.0, 2.5)."""
    try:
        claims = provider.provider().logout_claims(request.form.get("logout_token", ""))
    except (ProviderFailure, RequestException, *provider.BROKEN):
        log.warning("attempt refused", attempt="back-channel", reason=Failure.TOKEN.value)
        return "", 400
    count = operations.end_provider_sessions(
        issuer=claims["iss"], subject=claims.get("sub"), sid=claims.get("sid")
    )
    log.info("signed out by provider", count=count)
    return "", 200


WITHOUT_SESSION = (back_channel,)
