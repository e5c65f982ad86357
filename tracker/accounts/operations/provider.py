"""People whom the identity provider vouches for: their accounts, roles and sessions.

A person of the provider is issuer and subject, kept in a table, and nothing else: an address can
be changed or given to somebody else. Whoever is new gets an account of their own. One that exists
already is theirs only where the provider says that it has verified the address, and an
administrator has allowed it for this very account: the provider's word alone would let whoever can
enter an address there into any account here.

What claims say of roles holds from each sign-in on, also where it takes the last administrator:
the provider was chosen to decide that, and `tracker user role` is the way back.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import ProviderIdentity, ProviderSession, SignInSession, User
from tracker.accounts.operations.links import close_links, forget_second_factors
from tracker.accounts.operations.notices import tell_owner
from tracker.accounts.operations.users import create_user, role_rows, sign_out_everywhere
from tracker.accounts.queries import (
    allows_linking,
    identities_of,
    identity_by,
    identity_digest,
    key_digest,
    sid_digest,
)
from tracker.accounts.rules import ProviderPerson, roles_by_claims
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability, Role

Meanings = Mapping[str, frozenset[Role]]

NO_ROLE = N_("Your account at the provider gives you no role here. Ask the headquarters for one.")
DISABLED = N_("Your account here is disabled. Ask an administrator.")
NO_ADDRESS = N_("The provider gives no e-mail address that it has verified for you.")
TAKEN = N_(
    "There is already an account with your e-mail address. An administrator has to allow that it "
    "is linked to yours at the provider; then sign in once more."
)


def enter_by_provider(*, person: ProviderPerson, mapping: Meanings) -> User:
    """The account of somebody whom the provider has just vouched for, with the roles that it
    gives now; raises `Refused` for whoever may not come in."""
    identity = identity_by(person.issuer, person.subject)
    user = identity.user if identity else _account_for(person, mapping)
    if not user.active:
        raise Refused(DISABLED)
    roles = _roles(person, mapping, user)
    if identity is None:
        _link(person, user)
    if roles != {row.name for row in user.roles}:
        user.roles = role_rows(roles)
        sign_out_everywhere(user)
        tell_owner(user, "roles")
    db.session.flush()
    return user


def _roles(person: ProviderPerson, mapping: Meanings, user: User | None) -> frozenset[Role]:
    held = [row.name for row in user.roles] if user else []
    roles = roles_by_claims(person.claimed, mapping, held)
    if not roles:
        raise Refused(NO_ROLE)
    return roles


def _account_for(person: ProviderPerson, mapping: Meanings) -> User:
    """The account with the person's address where it may become theirs; else a new one."""
    query = sa.select(User).where(User.email == person.email)
    known = db.session.scalar(query) if person.email else None
    roles = _roles(person, mapping, known)
    if not person.email or not person.is_email_verified:
        raise Refused(NO_ADDRESS)
    if known is None:
        name = person.name or person.email.partition("@")[0]
        return create_user(actor=SYSTEM, email=person.email, name=name, roles=roles)
    if not allows_linking(known.id):
        raise Refused(TAKEN)
    return known


def _link(person: ProviderPerson, user: User) -> None:
    """From now on the provider opens the account, and nothing else does."""
    if user.password or user.webauthn:
        tell_owner(user, "linked")
    close_links(user)
    user.password = None
    forget_second_factors(user)
    identity = ProviderIdentity(
        user=user,
        issuer=person.issuer,
        subject=person.subject,
        subject_digest=identity_digest(person.issuer, person.subject),
    )
    try:
        with db.session.begin_nested():
            db.session.add(identity)
            db.session.flush()
    except IntegrityError as error:  # the same person, in another window at the same moment
        raise Refused(N_("That did not work. Try once more.")) from error
    sign_out_everywhere(user)


def unlink_provider(*, actor: Actor, user: User) -> None:
    """Let the provider open the account no more; its sessions end."""
    actor.require(Capability.ADMINISTER)
    identities = identities_of(user.id)
    if not identities:
        raise Refused(N_("This account is not linked to the identity provider."))
    named = [identity.id for identity in identities]
    begun = sa.select(ProviderSession).where(ProviderSession.identity_id.in_(named))
    for row in (*db.session.scalars(begun), *identities):
        db.session.delete(row)
    sign_out_everywhere(user)
    tell_owner(user, "unlinked")
    db.session.flush()


def keep_provider_session(
    *, key: str, person: ProviderPerson, sid: str | None, id_token: str
) -> None:
    """Remember what the provider calls the session that has this key; `sid` as its token says."""
    session_id = db.session.scalar(
        sa.select(SignInSession.id).where(SignInSession.key_digest == key_digest(key))
    )
    identity = identity_by(person.issuer, person.subject)
    if session_id is None or identity is None:
        raise LookupError("a session of nobody")
    db.session.add(
        ProviderSession(
            session_id=session_id,
            identity_id=identity.id,
            sid_digest=sid_digest(person.issuer, sid) if sid else None,
            id_token=id_token,
        )
    )
    db.session.flush()


def end_provider_sessions(*, issuer: str, subject: str | None, sid: str | None) -> int:
    """End the sessions that the provider says are over (OpenID Connect Back-Channel Logout 1.0,
    2.7): the one of this name, or all of this subject; how many were ended."""
    query = (
        sa.select(SignInSession)
        .join(ProviderSession, ProviderSession.session_id == SignInSession.id)
        .join(ProviderIdentity, ProviderIdentity.id == ProviderSession.identity_id)
        .where(ProviderIdentity.issuer == issuer, SignInSession.ended_at.is_(None))
    )
    if sid is not None:
        query = query.where(ProviderSession.sid_digest == sid_digest(issuer, sid))
    if subject is not None:
        digest = identity_digest(issuer, subject)
        query = query.where(ProviderIdentity.subject_digest == digest)
    if sid is subject is None:
        return 0
    rows = db.session.scalars(query).all()
    for row in rows:
        row.ended_at = clock.world()
    db.session.flush()
    return len(rows)
