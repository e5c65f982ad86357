"""Accounts for tests, and browsers in which they are signed in."""

import itertools
import time
import uuid

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tracker.accounts.models import RoleRow, User
from tracker.accounts.operations import start_session
from tracker.delegations.models import FocalPoint
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
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
        toured_at=clock.now(),
        tf_primary_method="authenticator" if Role.ADMINISTRATOR in roles else None,
    )
    db.session.add(row)
    db.session.flush()
    for delegation_id in delegation_ids:
        db.session.add(FocalPoint(user_id=row.id, delegation_id=delegation_id))
    db.session.flush()
    return row


def browser(app: Flask, user_id: int) -> FlaskClient:
    """A browser in which this user has just signed in, with whatever that took."""
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.get_one(User, user_id)
        identity = row.fs_uniquifier
        key = start_session(user=row, method="password", device="Firefox, Linux", address=None)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
        session["identity"] = {"id": identity}
        session["key"] = key
        session["fs_paa"] = time.time()
    return client
