"""What changes accounts."""

import secrets
import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from flask_security.utils import hash_password
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import FailedSignIn, RoleRow, User, role_assignments
from tracker.accounts.rules import LOCK_WINDOW, is_email, is_locked, password_problem
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.permissions import Capability, Role


def role_rows(roles: Iterable[Role]) -> list[RoleRow]:
    """The rows of these roles, entered on first use."""
    wanted = {role.value for role in roles}
    found = {
        row.name: row
        for row in db.session.scalars(sa.select(RoleRow).where(RoleRow.name.in_(wanted)))
    }
    for name in sorted(wanted - set(found)):
        found[name] = RoleRow(name=name)
        db.session.add(found[name])
    return [found[name] for name in sorted(found)]


def create_user(
    *,
    actor: Actor,
    email: str,
    name: str,
    roles: Iterable[Role],
    password: str | None = None,
    language: str | None = None,
    is_demonstration: bool = False,
) -> tuple[User, str]:
    """Create an account; return it with its password, a generated one if none was given."""
    actor.require(Capability.ADMINISTER)
    email = email.strip().lower()
    if not is_email(email):
        raise Refused(N_("%(email)s is not an e-mail address."), field="email", email=email)
    if not name.strip():
        raise Refused(N_("Give the name of the person."), field="name")
    wanted = list(roles)
    if not wanted:
        raise Refused(N_("Choose at least one role."), field="roles")
    password = password or secrets.token_urlsafe(12)
    problem = password_problem(password, email=email, name=name)
    if problem and not is_demonstration:
        raise Refused(problem, field="password")
    user = User(
        email=email,
        name=name.strip(),
        language=language if language in LANGUAGES else None,
        password=hash_password(password),
        active=True,
        is_demonstration=is_demonstration,
        fs_uniquifier=uuid.uuid4().hex,
        roles=role_rows(wanted),
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("There is already an account %(email)s."), field="email", email=email
        ) from error
    return user, password


def _active_administrators() -> int:
    query = (
        sa.select(sa.func.count(User.id))
        .join(role_assignments, role_assignments.c.user_id == User.id)
        .join(RoleRow, RoleRow.id == role_assignments.c.role_id)
        .where(RoleRow.name == Role.ADMINISTRATOR.value, User.active)
    )
    return db.session.scalar(query) or 0


def _keep_an_administrator(user: User) -> None:
    is_one = Role.ADMINISTRATOR in {role.name for role in user.roles}
    if is_one and user.active and _active_administrators() <= 1:
        raise Refused(N_("The last administrator keeps the role and stays active."), field="roles")


def change_roles(*, actor: Actor, user: User, roles: Iterable[Role]) -> User:
    """Give an account exactly these roles; it is signed out everywhere."""
    actor.require(Capability.ADMINISTER)
    wanted = set(roles)
    if not wanted:
        raise Refused(N_("Choose at least one role."), field="roles")
    if Role.ADMINISTRATOR not in wanted:
        _keep_an_administrator(user)
    user.roles = role_rows(wanted)
    sign_out_everywhere(user)
    db.session.flush()
    return user


def set_active(*, actor: Actor, user: User, active: bool) -> User:
    """Disable an account, ending its sessions at once, or enable it again."""
    actor.require(Capability.ADMINISTER)
    if not active:
        _keep_an_administrator(user)
    user.active = active
    sign_out_everywhere(user)
    db.session.flush()
    return user


def reset_password(*, actor: Actor, user: User, password: str | None = None) -> str:
    """Give an account a new password, generated if none is given, and sign it out everywhere."""
    actor.require(Capability.ADMINISTER)
    password = password or secrets.token_urlsafe(12)
    problem = password_problem(password, email=user.email, name=user.name)
    if problem:
        raise Refused(problem, field="password")
    user.password = hash_password(password)
    sign_out_everywhere(user)
    db.session.flush()
    return password


def reset_second_factor(*, actor: Actor, user: User) -> User:
    """Take the second factor and its recovery codes away, for a person who lost the device."""
    actor.require(Capability.ADMINISTER)
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    sign_out_everywhere(user)
    db.session.flush()
    return user


def sign_out_everywhere(user: User) -> None:
    """End every session of the account: sessions name its uniquifier."""
    user.fs_uniquifier = uuid.uuid4().hex


def set_language(*, user_id: int, language: str) -> None:
    """Remember the language that a person reads in."""
    user = db.session.get_one(User, user_id)
    user.language = language
    db.session.flush()


def is_identity_locked(identity: str) -> bool:
    """Whether sign-in is locked for what was typed, account or not."""
    since = clock.now() - LOCK_WINDOW
    query = sa.select(sa.func.count(FailedSignIn.id)).where(
        FailedSignIn.identity_digest == _digest(identity), FailedSignIn.failed_at > since
    )
    return is_locked(db.session.scalar(query) or 0)


def count_attempt(identity: str, *, succeeded: bool) -> None:
    """Count a refused attempt, or begin anew after one that succeeded; stored at once.

    In a transaction of its own: the answer to a refused sign-in is an error page, whose changes
    are otherwise dropped.
    """
    digest = _digest(identity)
    with unit_of_work(SYSTEM):
        old = FailedSignIn.failed_at < clock.now() - 4 * LOCK_WINDOW
        db.session.execute(sa.delete(FailedSignIn).where(old))
        if succeeded:
            db.session.execute(
                sa.delete(FailedSignIn).where(FailedSignIn.identity_digest == digest)
            )
        else:
            db.session.add(FailedSignIn(identity_digest=digest))


def _digest(identity: str) -> str:
    return keyring.digest(f"sign-in:{identity.strip().lower()[:254]}")
