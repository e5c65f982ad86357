"""Tokens: made by their owner, or by an administrator for another system; shown once; revoked.

A token never gives more than its holder may at the moment of each request: nothing here has to be
undone when a role is taken away.
"""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa

from tracker.accounts.models import AccessToken, Scope, User
from tracker.accounts.operations.sessions import note_aside
from tracker.accounts.queries import key_digest
from tracker.accounts.rules import (
    LONGEST_TOKEN_DAYS,
    NAMES_OF_TOKENS,
    SERVICE_ROLES,
    TOKEN_PREFIX,
    scopes_for,
)
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability, Role

Made = tuple[AccessToken, str]  # the secret is known now and never again


def create_personal_token(
    *, actor: Actor, user: User, name: str, scopes: Iterable[Scope], days: int
) -> Made:
    """Make a token for the actor's own programs; it may do what its owner may, and no more."""
    if actor.at_most is not None or actor.user_id != user.id:
        raise NotFound(N_("There is no such account."))
    token = AccessToken(user_id=user.id)
    return _made(actor, token, name, scopes, days, actor.roles)


def create_service_token(
    *, actor: Actor, role: Role, name: str, scopes: Iterable[Scope], days: int
) -> Made:
    """Make a token for another system, which does some of the work of one role."""
    actor.require(Capability.ADMINISTER)
    if role not in SERVICE_ROLES:
        raise Refused(N_("Choose whose work the system does."), field="role")
    return _made(actor, AccessToken(role=role), name, scopes, days, {role})


def _made(
    actor: Actor,
    token: AccessToken,
    name: str,
    scopes: Iterable[Scope],
    days: int,
    roles: Iterable[Role],
) -> Made:
    name, wanted, offered = name.strip(), set(scopes), scopes_for(roles)
    if not name:
        raise Refused(N_("Say what the token is for."), field="name")
    if len(name) > NAMES_OF_TOKENS:
        raise Refused(N_("At most %(count)s characters."), field="name", count=NAMES_OF_TOKENS)
    if not wanted:
        raise Refused(N_("Choose what the token may be used for."), field="scopes")
    if not wanted <= set(offered):
        raise Refused(N_("The holder of this token may not do all of this."), field="scopes")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise Refused(
            N_("A token lives from one to %(most)s days."), field="days", most=LONGEST_TOKEN_DAYS
        )
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token.name = name
    token.scopes = " ".join(scope for scope in offered if scope in wanted)
    token.secret_digest = key_digest(secret)
    token.created_at, token.created_by = clock.world(), actor.name
    token.expires_at = token.created_at + timedelta(days=days)
    db.session.add(token)
    db.session.flush()
    return token, secret


def revoke_token(*, actor: Actor, token: AccessToken) -> None:
    """End a token of one's own, or as an administrator anybody's; it opens nothing from now on."""
    if token.user_id is None or token.user_id != actor.user_id:
        actor.require(Capability.ADMINISTER)
    if token.revoked_at is not None:
        raise Refused(N_("This token was revoked already."))
    token.revoked_at, token.revoked_by = clock.world(), actor.name
    db.session.flush()


def revoke_tokens_of(*, actor: Actor, user: User) -> None:
    """End all tokens of an account: whoever had entered it may have made them."""
    query = sa.select(AccessToken).where(
        AccessToken.user_id == user.id, AccessToken.revoked_at.is_(None)
    )
    for token in db.session.scalars(query):
        token.revoked_at, token.revoked_by = clock.world(), actor.name
    db.session.flush()


def note_used(token_id: int, day: date) -> None:
    """Remember on which day a token was used last, outside of the request's own transaction."""
    note_aside(sa.update(AccessToken).where(AccessToken.id == token_id).values(last_used_on=day))
