"""What changes accounts and their roles."""

import secrets
import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from flask_security.utils import hash_password
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import RoleRow, User, role_assignments
from tracker.accounts.operations.notices import tell_owner
from tracker.accounts.operations.sessions import end_other_sessions
from tracker.accounts.rules import (
    capability_to_give,
    is_email,
    normalized_password,
    password_problem,
)
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
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
) -> User:
    """Create an account; without a password its owner chooses one by an invitation."""
    wanted = list(roles)
    actor.require(capability_to_give(wanted))
    email = email.strip().lower()
    if not is_email(email):
        raise Refused(N_("%(email)s is not an e-mail address."), field="email", email=email)
    if not name.strip():
        raise Refused(N_("Give the name of the person."), field="name")
    if not wanted:
        raise Refused(N_("Choose at least one role."), field="roles")
    problem = password_problem(password, email=email, name=name) if password else None
    if problem and not is_demonstration:
        raise Refused(problem, field="password")
    user = User(
        email=email,
        name=name.strip(),
        language=language if language in LANGUAGES else None,
        password=hash_password(normalized_password(password)) if password else None,
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
    return user


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
    tell_owner(user, "roles")
    db.session.flush()
    return user


def set_active(*, actor: Actor, user: User, active: bool) -> User:
    """Disable an account, ending its sessions at once, or enable it; twice changes nothing."""
    actor.require(Capability.ADMINISTER)
    if user.active is active:
        return user
    if not active:
        _keep_an_administrator(user)
    user.active = active
    sign_out_everywhere(user)
    db.session.flush()
    return user


def reset_password(*, user: User) -> str:
    """Give an account a generated password, from the command line of the host alone.

    Whoever works there can read and write the database anyway; on pages a recovery needs two.
    """
    password = secrets.token_urlsafe(12)
    user.password = hash_password(password)
    sign_out_everywhere(user)
    tell_owner(user, "password")
    db.session.flush()
    return password


def end_sessions(*, actor: Actor, user: User) -> int:
    """End every session of somebody's account, which stays open; how many were ended."""
    actor.require(Capability.ADMINISTER)
    return sign_out_everywhere(user)


def sign_out_everywhere(user: User) -> int:
    """End every session of the account: sessions name its uniquifier; how many were ended."""
    user.fs_uniquifier = uuid.uuid4().hex
    return end_other_sessions(user_id=user.id)


def set_language(*, user_id: int, language: str) -> None:
    """Remember the language that a person reads in."""
    user = db.session.get_one(User, user_id)
    user.language = language
    db.session.flush()


def end_tour(*, user_id: int) -> None:
    """Do not offer the first-run tour to this person any more; kept since the first time."""
    user = db.session.get_one(User, user_id)
    user.toured_at = user.toured_at or clock.now()
    db.session.flush()
