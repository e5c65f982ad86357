"""Accredited people, and their certificates."""

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.portraits import portrait
from tracker.accreditation.models import AccreditationStatus
from tracker.credentials import operations
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes


@pytest.fixture
def people(app):
    """Accreditations of three people in two delegations: ids, and the delegations' ids."""
    with app.app_context():
        expect_writes(True)
        election = records.election()
        delegations = [records.delegation(election) for _ in range(2)]
        rows = [
            records.accreditation(
                delegation,
                status=AccreditationStatus.ACCREDITED,
                person=records.observer(portrait=portrait(), surname=f"NAME{number}"),
            )
            for number, delegation in enumerate((*delegations, delegations[0]))
        ]
        db.session.commit()
        return [row.id for row in rows], [row.id for row in delegations]


@pytest.fixture
def issued(app, people):
    """The ids of their certificates."""
    with app.app_context():
        expect_writes(True)
        election = db.session.scalars(sa.select(records.Election)).one()
        ids = operations.issue_certificates(
            actor=SYSTEM, election=election, accreditation_ids=people[0]
        ).ids
        db.session.commit()
        return ids
