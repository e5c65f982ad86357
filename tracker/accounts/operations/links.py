"""Invitations and recoveries: a link that opens an account once, for whoever it is handed to.

Nobody but its owner ever knows a password. An invitation is given out by one administrator, a focal
point's also by a registrar; a recovery, which could open somebody else's account, needs a second
administrator. An account that the identity provider opens has no other way in, so that who is shut
out there is shut out here.
"""

import secrets
from datetime import timedelta

from flask_security.utils import hash_password

from tracker.accounts.models import AccountLink, LinkKind, User
from tracker.accounts.operations.notices import tell_owner
from tracker.accounts.operations.tokens import revoke_tokens_of
from tracker.accounts.operations.users import sign_out_everywhere
from tracker.accounts.queries import is_linked, key_digest, link_is_open, open_links
from tracker.accounts.rules import (
    ENTRY_LASTS,
    INVITATION_LASTS,
    RECOVERY_LASTS,
    capability_to_give,
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
RECOVERED = frozenset({LinkKind.PASSWORD, LinkKind.EVERYTHING})
LINKED = N_("This account is opened by the identity provider: unlink it first.")


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
    actor.require(capability_to_give(role.name for role in user.roles))
    if user.password is not None:
        raise Refused(N_("This person has a password already: start a recovery instead."))
    if is_linked(user.id):
        raise Refused(LINKED)
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
    if kind not in RECOVERED:
        raise Refused(N_("Choose what was lost."), field="kind")
    if is_linked(user.id):
        raise Refused(LINKED)
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
    actor.require(capability_to_give(role.name for role in link.user.roles))
    if not link_is_open(link):
        raise Refused(N_("This link is not open any more."))
    link.cancelled_at = clock.now()
    db.session.flush()


def use_link(*, link: AccountLink, password: str) -> User:
    """Open the account with a password of its owner's choice; the link is used up.

    Whoever was signed in is signed out. Passkeys and second factor are taken away only where
    the administrators confirmed that they were lost.
    """
    user = _opened(link)
    if is_linked(user.id):
        raise Refused(LINKED)
    problem = password_problem(password, email=user.email, name=user.name)
    if problem:
        raise Refused(problem, field="password")
    user.password = hash_password(normalized_password(password))
    if link.kind is LinkKind.EVERYTHING:
        forget_second_factors(user)
    link.used_at = clock.now()
    sign_out_everywhere(user)
    revoke_tokens_of(actor=Actor(user_id=user.id, name=user.name), user=user)
    if link.kind is not LinkKind.INVITATION:
        tell_owner(user, "password")
    db.session.flush()
    return user


def _opened(link: AccountLink) -> User:
    """Whose account the link opens, if it still does."""
    if not link_is_open(link) or link.confirmed_at is None or not link.user.active:
        raise Refused(N_("This link is not open any more."))
    return link.user


def forget_second_factors(user: User) -> None:
    """Take away passkeys, one-time codes and recovery codes."""
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.totp_counter = None
    user.webauthn.clear()


def allow_linking(*, actor: Actor, user: User) -> AccountLink:
    """Let the identity provider's person whose verified address is this account's have it.

    Without this an address alone, which a provider may give to another person after years, would
    take over what an account may do. It holds as long as an invitation, and once.
    """
    actor.require(capability_to_give(role.name for role in user.roles))
    if not user.active:
        raise Refused(N_("The account is disabled: enable it first."))
    if is_linked(user.id):
        raise Refused(N_("This account is linked to the identity provider already."))
    close_links(user)
    link = _begin(actor=actor, user=user, kind=LinkKind.IDENTITY, lasts=INVITATION_LASTS)
    link.confirmed_by, link.confirmed_at = actor.name, clock.now()
    db.session.flush()
    return link


def close_links(user: User) -> None:
    """Take back every link of the account that is open."""
    for link in open_links(user.id):
        link.cancelled_at = clock.now()
    db.session.flush()


def make_entry(*, actor: Actor, user: User) -> str:
    """Make the link that signs somebody in once, by itself, and return its secret.

    For the day on which the provider does not answer, or lets the wrong people in. Made on the
    command line of the host alone: whoever works there can read and write the database anyway.
    """
    if not user.active:
        raise Refused(N_("The account is disabled: enable it first."))
    link = _begin(actor=actor, user=user, kind=LinkKind.ENTRY, lasts=ENTRY_LASTS)
    tell_owner(user, "entry")
    return _give_out(link, confirmed_by=actor.name)


def use_entry(*, link: AccountLink) -> User:
    """Whom the link signs in; it is used up."""
    user = _opened(link)
    link.used_at = clock.now()
    db.session.flush()
    return user
