"""Invitations and recoveries: a link that opens an account once, for whoever it is handed to.

Nobody but its owner ever knows a password. An invitation is given out by one administrator; a
recovery, which could open somebody else's account, needs a second one.
"""

import secrets
from datetime import timedelta

from flask_security.utils import hash_password

from tracker.accounts.models import AccountLink, LinkKind, User
from tracker.accounts.operations.notices import tell_owner
from tracker.accounts.operations.users import sign_out_everywhere
from tracker.accounts.queries import key_digest, link_is_open
from tracker.accounts.rules import (
    INVITATION_LASTS,
    RECOVERY_LASTS,
    normalized_password,
    password_problem,
)
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability

LONGEST_REASON = 200


def _begin(
    *, actor: Actor, user: User, kind: LinkKind, lasts: timedelta, reason: str = ""
) -> AccountLink:
    now = clock.now()
    link = AccountLink(
        user=user,
        kind=kind,
        reason=reason,
        started_by_id=actor.user_id,
        started_by=actor.name,
        started_at=now,
        expires_at=now + lasts,
    )
    db.session.add(link)
    return link


def invite(*, actor: Actor, user: User) -> str:
    """Give out the link with which a new person chooses a password; return its secret."""
    actor.require(Capability.ADMINISTER)
    if user.password is not None:
        raise Refused(N_("This person has a password already: start a recovery instead."))
    link = _begin(actor=actor, user=user, kind=LinkKind.INVITATION, lasts=INVITATION_LASTS)
    return _give_out(link, confirmed_by=actor.name)


def start_recovery(*, actor: Actor, user: User, kind: LinkKind, reason: str) -> AccountLink:
    """Ask for an account to be opened anew; another administrator has to confirm it."""
    actor.require(Capability.ADMINISTER)
    reason = reason.strip()
    if not reason:
        raise Refused(N_("Say why, and how you know who asks."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(N_("At most %(count)s characters."), field="reason", count=LONGEST_REASON)
    if kind is LinkKind.INVITATION:
        raise Refused(N_("Choose what was lost."), field="kind")
    if not user.active:
        raise Refused(N_("The account is disabled: enable it first."))
    link = _begin(actor=actor, user=user, kind=kind, lasts=RECOVERY_LASTS, reason=reason)
    db.session.flush()
    return link


def confirm_recovery(*, actor: Actor, link: AccountLink) -> str:
    """Confirm what another administrator started; return the secret of the link.

    Neither who started it nor whose account it is may confirm: one person alone, or one stolen
    session, opens nobody's account.
    """
    actor.require(Capability.ADMINISTER)
    if not link_is_open(link) or link.confirmed_at is not None:
        raise Refused(N_("This recovery can no longer be confirmed."))
    if actor.user_id is not None and actor.user_id in {link.started_by_id, link.user_id}:
        raise Refused(N_("Another administrator has to confirm this recovery."))
    tell_owner(link.user, "recovery")
    link.expires_at = clock.now() + RECOVERY_LASTS
    return _give_out(link, confirmed_by=actor.name)


def _give_out(link: AccountLink, *, confirmed_by: str) -> str:
    secret = secrets.token_urlsafe(32)
    link.secret_digest = key_digest(secret)
    link.confirmed_by, link.confirmed_at = confirmed_by, clock.now()
    db.session.flush()
    return secret


def cancel_link(*, actor: Actor, link: AccountLink) -> None:
    """Take back a link that has not been used."""
    actor.require(Capability.ADMINISTER)
    if not link_is_open(link):
        raise Refused(N_("This link is not open any more."))
    link.cancelled_at = clock.now()
    db.session.flush()


def use_link(*, link: AccountLink, password: str) -> User:
    """Open the account with a password of its owner's choice; the link is used up.

    Whoever was signed in is signed out. Passkeys and second factor are taken away only where
    the administrators confirmed that they were lost.
    """
    user = link.user
    if not link_is_open(link) or link.confirmed_at is None or not user.active:
        raise Refused(N_("This link is not open any more."))
    problem = password_problem(password, email=user.email, name=user.name)
    if problem:
        raise Refused(problem, field="password")
    user.password = hash_password(normalized_password(password))
    if link.kind is LinkKind.EVERYTHING:
        user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
        user.totp_counter = None
        user.webauthn.clear()
    link.used_at = clock.now()
    sign_out_everywhere(user)
    if link.kind is not LinkKind.INVITATION:
        tell_owner(user, "password")
    db.session.flush()
    return user
