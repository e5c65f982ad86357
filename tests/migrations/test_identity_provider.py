"""Whom a provider vouches for, up and down on both databases; links of the new kinds."""

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tests.factories import accounts
from tracker.accounts import operations
from tracker.accounts.models import AccountLink, LinkKind, SignInSession, User
from tracker.accounts.operations.provider import _link
from tracker.accounts.rules import ProviderPerson
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role


def fill():
    """Somebody who came by the provider, somebody who may, and a link of every other kind."""
    person = ProviderPerson(issuer="https://login.example.org", subject="one")
    with unit_of_work(SYSTEM):
        linked, other = accounts.user(Role.OFFICIAL), accounts.user(Role.OFFICIAL, password=None)
        _link(person, linked)
        key = operations.start_session(user=linked, method="oidc", device="", address=None)
        operations.keep_provider_session(key=key, person=person, sid="a", id_token="token")
        operations.invite(actor=SYSTEM, user=other)
        operations.make_entry(actor=SYSTEM, user=other)
        third = accounts.user(Role.OFFICIAL)
        operations.allow_linking(actor=SYSTEM, user=third)


def test_up_down_and_up_again_with_rows(app):
    with app.app_context():
        upgrade()
        fill()
        db.session.remove()
        downgrade(revision="0028")
        kinds = db.session.scalars(sa.text("SELECT kind FROM account_links")).all()
        assert kinds == ["invitation"]  # what the version before knows
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text("UPDATE account_links SET kind = 'entry'"))
        db.session.remove()
        upgrade()
        fill()
        assert set(db.session.scalars(sa.select(AccountLink.kind))) == {
            LinkKind.INVITATION,
            LinkKind.ENTRY,
            LinkKind.IDENTITY,
        }
        assert db.session.query(User).count() == 6
        assert db.session.query(SignInSession).count() == 2
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text("UPDATE account_links SET kind = 'nothing'"))


def test_one_person_of_the_provider_is_one_account(app):
    with app.app_context():
        upgrade()
        with unit_of_work(SYSTEM):
            accounts.user(Role.OFFICIAL)
        row = (
            "INSERT INTO provider_identities (user_id, issuer, subject, subject_digest, linked_at)"
            " VALUES (1, 'a', 'b', 'digest', '2026-01-01')"
        )
        db.session.execute(sa.text(row))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(row))
        db.session.rollback()
