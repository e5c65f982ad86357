"""Accounts, their sessions, links and tokens as read by pages and commands."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import (
    AccessToken,
    AccountLink,
    LinkKind,
    ProviderIdentity,
    ProviderSession,
    RoleRow,
    SignInSession,
    User,
    role_assignments,
)
from tracker.accounts.rules import SessionLimits
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
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


def all_users() -> Sequence[User]:
    """Every account, by address."""
    return db.session.scalars(sa.select(User).order_by(User.email)).all()


def users_who_may(capability: Capability) -> Sequence[tuple[int, str]]:
    """The identities and names of the open accounts that hold a capability, by name."""
    roles = [role.value for role, held in ROLE_CAPABILITIES.items() if capability in held]
    query = sa.select(User.id, User.name).where(
        User.active, User.roles.any(RoleRow.name.in_(roles))
    )
    return [(row.id, row.name) for row in db.session.execute(query.order_by(User.name, User.id))]


def holders_of(role: Role) -> Sequence[User]:
    """The open accounts that hold a role."""
    query = sa.select(User).where(User.active, User.roles.any(RoleRow.name == role.value))
    return db.session.scalars(query.order_by(User.id)).all()


def users_page(query: sa.Select[User, str, int], cursor: str | None) -> Page:
    """One page of accounts by address."""
    return keyset(query, keys=(User.email, User.id), cursor=cursor)


def key_digest(secret: str) -> str:
    """How the secret of a session or a link is kept."""
    return keyring.digest(f"key:{secret}")


# Asked at every request of every person: one statement, made once.
STANDING = (
    sa.select(User, SignInSession)
    .join(SignInSession, SignInSession.user_id == User.id)
    .where(
        User.fs_uniquifier == sa.bindparam("uniquifier"),
        User.active,
        SignInSession.key_digest == sa.bindparam("key_digest"),
        SignInSession.ended_at.is_(None),
    )
    .options(joinedload(User.roles))
)


def standing_session(
    uniquifier: str, key: str, limits: SessionLimits
) -> tuple[User, SignInSession] | None:
    """Whose session the cookie names, and the session, while it stands."""
    values = {"uniquifier": uniquifier, "key_digest": key_digest(key)}
    found = db.session.execute(STANDING, values).unique().first()
    if found is None:
        return None
    user, row = found
    now = clock.world()
    is_over = limits.is_over(started_at=row.started_at, seen_at=row.seen_at, now=now)
    return None if is_over else (user, row)


def standing_sessions(user_id: int, limits: SessionLimits) -> Sequence[SignInSession]:
    """The sessions of an account that stand, the last used first."""
    now = clock.world()
    query = (
        sa.select(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.started_at > now - limits.longest,
            SignInSession.seen_at > now - limits.idle,
        )
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )
    return db.session.scalars(query).all()


def link_is_open(link: AccountLink) -> bool:
    """Whether a link, or what asks for one, may still be used."""
    return link.used_at is None and link.cancelled_at is None and clock.now() < link.expires_at


def open_links(user_id: int) -> Sequence[AccountLink]:
    """Invitations and recoveries of an account that are open, the newest first."""
    query = (
        sa.select(AccountLink)
        .where(AccountLink.user_id == user_id, AccountLink.used_at.is_(None))
        .where(AccountLink.cancelled_at.is_(None), AccountLink.expires_at > clock.now())
        .order_by(AccountLink.id.desc())
    )
    return db.session.scalars(query).all()


def invited(user_ids: Iterable[int]) -> frozenset[int]:
    """Which of these accounts nobody has entered yet and a link, or the provider, may open."""
    query = (
        sa.select(AccountLink.user_id)
        .join(User, User.id == AccountLink.user_id)
        .where(
            AccountLink.user_id.in_(list(user_ids)),
            AccountLink.kind.in_((LinkKind.INVITATION, LinkKind.IDENTITY)),
            AccountLink.used_at.is_(None),
            AccountLink.cancelled_at.is_(None),
            AccountLink.expires_at > clock.now(),
            User.password.is_(None),
            ~User.webauthn.any(),
        )
    )
    return frozenset(db.session.scalars(query))


def recoveries_to_confirm() -> Sequence[AccountLink]:
    """What administrators have started and nobody has confirmed, the oldest first."""
    query = (
        sa.select(AccountLink)
        .where(AccountLink.confirmed_at.is_(None), AccountLink.cancelled_at.is_(None))
        .where(AccountLink.expires_at > clock.now())
        .order_by(AccountLink.id)
    )
    return db.session.scalars(query).all()


def link_of(user_id: int, link_id: int) -> AccountLink:
    """A link of this account; raises `NotFound`."""
    found = db.session.get(AccountLink, link_id)
    if found is None or found.user_id != user_id:
        raise NotFound(N_("There is no such link."))
    return found


def link_by(secret: str) -> AccountLink:
    """The open link with this secret; raises `NotFound`."""
    query = sa.select(AccountLink).where(AccountLink.secret_digest == key_digest(secret))
    found = db.session.scalar(query)
    if found is None or not link_is_open(found) or not found.user.active:
        raise NotFound(N_("This link is not open any more."))
    return found


def allows_linking(user_id: int) -> bool:
    """Whether the identity provider's person of this address may have the account now."""
    return any(link.kind is LinkKind.IDENTITY for link in open_links(user_id))


def identity_digest(issuer: str, subject: str) -> str:
    """How a person of a provider is found."""
    return keyring.digest(f"identity:{issuer}\n{subject}")


def sid_digest(issuer: str, sid: str) -> str:
    """How a session of a provider is found by the name that it has there."""
    return keyring.digest(f"sid:{issuer}\n{sid}")


def identity_by(issuer: str, subject: str) -> ProviderIdentity | None:
    """The identity and, with it, whose account it opens; None for a stranger."""
    digest = identity_digest(issuer, subject)
    query = sa.select(ProviderIdentity).where(ProviderIdentity.subject_digest == digest)
    return db.session.scalar(query.options(joinedload(ProviderIdentity.user)))


def identities_of(user_id: int) -> Sequence[ProviderIdentity]:
    """By whom at the provider an account is opened; almost always one or none."""
    query = sa.select(ProviderIdentity).where(ProviderIdentity.user_id == user_id)
    return db.session.scalars(query.order_by(ProviderIdentity.id)).all()


def is_linked(user_id: int) -> bool:
    """Whether the identity provider opens this account; nothing else does then."""
    query = sa.select(ProviderIdentity.id).where(ProviderIdentity.user_id == user_id)
    return db.session.scalar(query.limit(1)) is not None


def provider_session_of(key: str) -> ProviderSession | None:
    """What the provider calls the session of this key; None where it did not begin there."""
    query = sa.select(ProviderSession).join(SignInSession)
    return db.session.scalar(query.where(SignInSession.key_digest == key_digest(key)))


def id_token_of(provider_session_id: int) -> str | None:
    """The token with which this session began; None where it is gone."""
    query = sa.select(ProviderSession.id_token).where(ProviderSession.id == provider_session_id)
    return db.session.scalar(query)


# Asked at every request of every program: one statement, made once.
TOKEN = (
    sa.select(AccessToken)
    .where(
        AccessToken.secret_digest == sa.bindparam("digest"),
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > sa.bindparam("now"),
    )
    .options(joinedload(AccessToken.user).joinedload(User.roles))
)


def standing_token(secret: str) -> AccessToken | None:
    """The token with this secret, with its owner, while it stands and its owner's account does."""
    values = {"digest": key_digest(secret), "now": clock.world()}
    found = db.session.execute(TOKEN, values).unique().scalar_one_or_none()
    if found is None or (found.user is not None and not found.user.active):
        return None
    return found


def tokens_of(user_id: int) -> Sequence[AccessToken]:
    """The tokens of an account that are not revoked, the newest first."""
    query = sa.select(AccessToken).where(
        AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None)
    )
    return db.session.scalars(query.order_by(AccessToken.id.desc())).all()


def tokens() -> Sequence[AccessToken]:
    """All tokens, revoked ones too, the newest first."""
    return db.session.scalars(sa.select(AccessToken).order_by(AccessToken.id.desc())).all()


def tokens_page(cursor: str | None) -> Page:
    """One page of all tokens, revoked ones too, the newest first."""
    query = sa.select(AccessToken.id, AccessToken)
    return keyset(query, keys=(AccessToken.id,), cursor=cursor, descending=True)


def token_for(actor: Actor, token_id: int) -> AccessToken:
    """A token of one's own, or for an administrator anybody's; raises `NotFound`."""
    found = db.session.get(AccessToken, token_id)
    is_own = found is not None and found.user_id is not None and found.user_id == actor.user_id
    if found is None or not (is_own or actor.may(Capability.ADMINISTER)):
        raise NotFound(N_("There is no such token."))
    return found
