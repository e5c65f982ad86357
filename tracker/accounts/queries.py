"""Accounts as read by pages and commands."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.accounts.models import RoleRow, User, role_assignments
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.permissions import ROLE_CAPABILITIES, Capability, Role


def user_for(user_id: int) -> User:
    """The account; raises `NotFound`."""
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound(N_("There is no such account."))
    return found


def actor_of(user_id: int | None) -> Actor:
    """Who a user is, for work done later on their behalf; the system where there is no user.

    Raises `Forbidden` where the account has been closed meanwhile.
    """
    if user_id is None:
        return SYSTEM
    user = user_for(user_id)
    if not user.active:
        raise Forbidden("closed account")
    roles = frozenset(Role(role.name) for role in user.roles)
    return Actor(user_id=user.id, name=user.name, roles=roles, email=user.email)


def user_by_email(email: str) -> User:
    """The account with this address; raises `NotFound`."""
    found = db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))
    if found is None:
        raise NotFound(N_("There is no account %(email)s."), email=email)
    return found


def users(*, role: Role | None = None) -> sa.Select[User, str, int]:
    """The accounts that match, in no order yet."""
    query = sa.select(User, User.email, User.id)
    if role:
        held = (
            sa.select(role_assignments.c.user_id)
            .join(RoleRow, RoleRow.id == role_assignments.c.role_id)
            .where(RoleRow.name == role.value)
        )
        query = query.where(User.id.in_(held))
    return query


def users_who_may(capability: Capability) -> Sequence[tuple[int, str]]:
    """The identities and names of the open accounts that hold a capability, by name."""
    roles = [role.value for role, held in ROLE_CAPABILITIES.items() if capability in held]
    query = sa.select(User.id, User.name).where(
        User.active, User.roles.any(RoleRow.name.in_(roles))
    )
    return [(row.id, row.name) for row in db.session.execute(query.order_by(User.name, User.id))]


def users_page(query: sa.Select[User, str, int], cursor: str | None) -> Page:
    """One page of accounts by address."""
    return keyset(query, keys=(User.email, User.id), cursor=cursor)
