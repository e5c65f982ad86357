"""Who is signed in: the session row behind the cookie, looked up once a request.

A session ends by sign-out here or elsewhere, by disuse, at its longest, and with the password.
"""

from typing import Any

import structlog
from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, user_logged_out
from flask_security.signals import (
    password_changed,
    tf_profile_changed,
    user_authenticated,
    wan_deleted,
    wan_registered,
)
from flask_security.utils import check_and_update_authn_fresh, set_request_attr

from tracker.accounts import operations, queries
from tracker.accounts.models import User
from tracker.accounts.operations.notices import tell_owner
from tracker.accounts.rules import (
    BY_ENTRY,
    BY_PROVIDER,
    FRESH,
    NOTED_EVERY,
    SessionLimits,
    device_of,
    needs_second_factor,
)
from tracker.config import Settings
from tracker.kernel import clock
from tracker.kernel.actor import Actor, acting
from tracker.kernel.database import reading_from, unit_of_work
from tracker.kernel.permissions import Capability
from tracker.kernel.web import SAFE_METHODS

log = structlog.get_logger()
KEY = "key"  # of the session, in the signed cookie
SIGNED_OUT = "provider_session"  # the one that has just ended, and stands on at the provider
BACKGROUND = "X-Background"  # a page asks by itself; no person did anything


def limits() -> SessionLimits:
    """When sessions of this installation end by themselves."""
    settings: Settings = current_app.config["SETTINGS"]
    return SessionLimits(idle=settings.session_idle, longest=settings.session_longest)


def load_user(uniquifier: str) -> User | None:
    """The person whom the cookie names, while the session stands; Flask-Login asks for it."""
    key = session.get(KEY)
    if not key or not uniquifier:
        return None
    with reading_from(None):  # what was ended elsewhere is ended here
        found = queries.standing_session(uniquifier, key, limits())
    if found is None:
        return None
    user, row = found
    g.session_method = row.method
    if not (current_app.config["SETTINGS"].local_accounts or is_vouched()):
        return None  # begun before local accounts were switched off
    now = clock.world()
    if now - row.seen_at >= NOTED_EVERY and BACKGROUND not in request.headers:
        operations.note_seen(row.id, now)
    g.session_id = row.id
    g.confirmed_at = session.get("fs_paa", 0)
    # What the library's own loader leaves for its check of freshness.
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def is_vouched() -> bool:
    """Whether the person of this request was let in by the identity provider, or by a link of the
    command line: how strongly they prove who they are is decided there."""
    return g.get("session_method") in {BY_PROVIDER, BY_ENTRY}


def _nobody(_request: Any) -> None:
    """Whom a request names without a session: nobody, whatever token it carries."""


def begin_session(user: User, method: str) -> None:
    """Open a session for who has just signed in, in this browser."""
    person = Actor(user_id=user.id, name=user.name, email=user.email, request_id=g.request_id)
    with unit_of_work(person):
        if old := session.get(KEY):  # another account signed in over this one
            operations.end_session_by_key(key=old)
        session[KEY] = operations.start_session(
            user=user,
            method=method,
            device=device_of(request.user_agent.string),
            address=request.remote_addr,
        )
    session.permanent = True
    session.pop(SIGNED_OUT, None)
    session.pop("_remember", None)  # Flask-Login would set a cookie that lasts a year


def _renew_key(response: Response) -> Response:
    """Give the session another key when its owner has confirmed who they are: a cookie that was
    copied before opens nothing from then on (OWASP ASVS 5.0, 7.2.4)."""
    key = session.get(KEY)
    if key and "session_id" in g and session.get("fs_paa", 0) != g.confirmed_at:
        person = Actor(user_id=current_user.id, name=current_user.name, request_id=g.request_id)
        with unit_of_work(person):
            session[KEY] = operations.renew_key(key=key)
    return response


def _authenticated(_sender: Flask, user: User, authn_via: list[str] | None, **_: Any) -> None:
    method = " ".join(authn_via or ("second factor",))
    begin_session(user, method)
    log.info("signed in", user=user.id, attempt=method)


def _forget(response: Response) -> Response:
    """Let the browser drop what it kept of pages (Clear Site Data, 3.1)."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _signed_out(_sender: Flask, user: User, **_: Any) -> None:
    if key := session.pop(KEY, None):
        with unit_of_work(Actor(user_id=user.id, name=user.name, request_id=g.request_id)):
            operations.end_session_by_key(key=key)
            if begun := queries.provider_session_of(key):
                session[SIGNED_OUT] = begun.id
        log.info("signed out", user=user.id)
    after_this_request(_forget)


def _password_changed(_sender: Flask, user: User, **_: Any) -> None:
    with acting(Actor(user_id=user.id, name=user.name, request_id=g.request_id)):
        operations.end_other_sessions(user_id=user.id, except_key=session.get(KEY))
        tell_owner(user, "password")


def _second_factor_changed(_sender: Flask, user: User, **_: Any) -> None:
    tell_owner(user, "second_factor")


def _passkey_changed(_sender: Flask, user: Any, **_: Any) -> None:
    tell_owner(user._get_current_object(), "passkey")  # noqa: SLF001 - what stands behind the proxy


def has_second_factor(user: User) -> bool:
    """Whether more than a password opens the account."""
    return bool(user.tf_primary_method or user.webauthn)


def lacks_second_factor(user: User) -> bool:
    """Whether a role of the account demands a second factor that it does not have."""
    required = current_app.config["SETTINGS"].second_factor_roles
    return (
        not user.is_demonstration
        and needs_second_factor((role.name for role in user.roles), required)
        and not has_second_factor(user)
        and not queries.is_linked(user.id)  # what is asked of them is the provider's matter
    )


def gate(capability: Capability) -> ResponseReturnValue | None:
    """Where to go first instead of a page; None lets the person in.

    Whose role demands a second factor sets it up before anything else.
    """
    if capability is Capability.SIGNED_IN or is_vouched() or not lacks_second_factor(current_user):
        return None
    flash(_("Your role needs a passkey or a second factor. Set one up to go on."), "warn")
    return redirect(url_for("accounts.account"))


def ask_freshness() -> ResponseReturnValue | None:
    """The page that asks for the password once more, where sign-in is not fresh; else None."""
    if check_and_update_authn_fresh(FRESH, FRESH):
        return None
    flash(_("This needs a fresh sign-in: confirm that it is you, then go on."), "warn")
    is_there = g.get("session_method") == BY_PROVIDER
    page = "accounts.confirm_identity" if is_there else "security.verify"
    return redirect(url_for(page, next=_way_back()))


def to_sign_in() -> ResponseReturnValue:
    """Where a stranger goes; afterwards back to this page, or to the one whose form was sent."""
    flash(_("Sign in to see this page."), "warn")
    return redirect(url_for("security.login", next=_way_back()))


def _way_back() -> str:
    """This page; for what was sent, the page that it was sent from."""
    if request.method in SAFE_METHODS:
        return request.full_path.removesuffix("?")
    sent_from = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    return sent_from if sent_from.startswith("/") else "/"


def init_app(app: Flask) -> None:
    """Watch sign-ins and sign-outs."""
    app.login_manager.user_loader(load_user)  # type: ignore[attr-defined]
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]
    app.login_manager.unauthorized_handler(to_sign_in)  # type: ignore[attr-defined]
    app.config["GATE"], app.config["FRESHNESS_GATE"] = gate, ask_freshness
    app.after_request(_renew_key)
    user_authenticated.connect(_authenticated, app)
    user_logged_out.connect(_signed_out, app)
    password_changed.connect(_password_changed, app)
    tf_profile_changed.connect(_second_factor_changed, app)
    wan_registered.connect(_passkey_changed, app)
    wan_deleted.connect(_passkey_changed, app)
