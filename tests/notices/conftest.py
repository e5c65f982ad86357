"""An election with its people, and what letters they get."""

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import accounts, records
from tracker.accounts.operations import choose_notices
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.mail import mailer
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role
from tracker.notices.jobs import tell_of_changes


@pytest.fixture
def world(app, monkeypatch):
    """An election with a delegation, its people, and everybody who may be told."""
    monkeypatch.setattr(mailer, "site", "https://observers.example.org")
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        found = World()
        db.session.commit()
        tell_of_changes()  # what was before is told to nobody
        yield found
        db.session.rollback()


class World:
    """People by what they are, and the delegation."""

    def __init__(self):
        self.delegation = records.delegation(records.election())
        self.people = {role: accounts.user(role) for role in Role if role is not Role.FOCAL_POINT}
        ids = (self.delegation.id,)
        self.people[Role.FOCAL_POINT] = accounts.user(Role.FOCAL_POINT, delegation_ids=ids)
        self.stranger = accounts.user(Role.FOCAL_POINT)
        self.names = {user.email: role for role, user in self.people.items()}
        self.names[self.stranger.email] = "stranger"

    @property
    def election(self):
        return db.session.get_one(Election, self.delegation.election_id)

    def actor(self, role):
        user = self.people[role]
        scope = frozenset({self.delegation.id}) if role is Role.FOCAL_POINT else None
        return Actor(user.id, user.name, frozenset({role}), user.email, scope)

    def want(self, role, kind, delivery):
        with unit_of_work(SYSTEM):
            choose_notices(actor=self.actor(role), chosen={kind: delivery})

    def told(self):
        """Whom letters went to since the last time, with subjects and texts."""
        tell_of_changes()
        rows = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
        found = [(self.names[row.recipient], row.subject, row.text) for row in rows]
        with unit_of_work(SYSTEM):
            db.session.execute(sa.delete(OutboxMessage))
        return found
