"""Accounts for tests."""

import itertools
import uuid

import sqlalchemy as sa

from tracker.accounts.models import RoleRow, User
from tracker.delegations.models import FocalPoint
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"


def role(name: Role) -> RoleRow:
    """The row of a role, made once."""
    found = db.session.scalar(sa.select(RoleRow).where(RoleRow.name == name.value))
    if found is None:
        found = RoleRow(name=name.value)
        db.session.add(found)
    return found


def user(*roles: Role, delegation_ids: tuple[int, ...] = (), password: str = PASSWORD) -> User:
    """An active user with these roles, flushed."""
    number = next(_numbers)
    row = User(
        email=f"person{number}@example.org",
        name=f"Person {number}",
        password=password,
        fs_uniquifier=uuid.uuid4().hex,
        roles=[role(name) for name in roles],
    )
    db.session.add(row)
    db.session.flush()
    for delegation_id in delegation_ids:
        db.session.add(FocalPoint(user_id=row.id, delegation_id=delegation_id))
    db.session.flush()
    return row
