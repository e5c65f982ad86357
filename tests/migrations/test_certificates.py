"""Certificates and bulletins on both databases: two people at once, and revisions with rows."""

import threading

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade
from sqlalchemy.exc import IntegrityError

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.credentials import operations, register
from tracker.credentials.models import Certificate, SigningKey
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.logistics.models.attention import Kind
from tracker.logistics.operations.attention import snooze_matter
from tracker.logistics.rules.attention import Span
from tracker.publications import operations as publications
from tracker.publications.models import Bulletin

WORKERS, PEOPLE = 3, 4
WRITER = Actor(1, "A. Writer", frozenset({Role.COORDINATOR}))
SECOND = Actor(2, "B. Second", frozenset({Role.COORDINATOR}))


@pytest.fixture
def election(app):
    """An election with accredited people who wait for their certificates."""
    with app.app_context(), clock.at(NOW):
        at_head()
        with unit_of_work(SYSTEM):
            made = records.election()
            delegation = records.delegation(made)
            for _ in range(PEOPLE):
                records.accreditation(
                    delegation,
                    status=AccreditationStatus.ACCREDITED,
                    person=records.observer(portrait=portrait()),
                )


def at_once(app, work):
    """What each of several people got who did the same at the same moment."""
    barrier, found = threading.Barrier(WORKERS), []

    def run():
        with app.app_context(), clock.at(NOW):
            barrier.wait()
            with unit_of_work(SYSTEM):
                found.append(work(db.session.scalars(sa.select(Election)).one()))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_several_registrars_issue_one_certificate_a_person(app, election):
    def issue(row):
        ids = db.session.scalars(sa.select(Accreditation.id)).all()
        issued = operations.issue_certificates(actor=SYSTEM, election=row, accreditation_ids=ids)
        return len(issued.ids), len(issued.refused)

    assert sorted(at_once(app, issue)) == [(0, PEOPLE)] * (WORKERS - 1) + [(PEOPLE, 0)]
    with app.app_context():
        serials = db.session.scalars(sa.select(Certificate.serial).order_by("serial")).all()
        assert serials == list(range(1, PEOPLE + 1))
        assert len(db.session.scalars(sa.select(SigningKey)).all()) == 2
        row = db.session.scalars(sa.select(Election)).one()
        assert register.revocation_list(row, NOW).serials == {}


def test_the_database_itself_refuses_a_second_live_certificate(app, election):
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            row = db.session.scalars(sa.select(Election)).one()
            [first, *_more] = db.session.scalars(sa.select(Accreditation.id)).all()
            operations.issue_certificates(actor=SYSTEM, election=row, accreditation_ids=[first])
        own = {"id", "serial"}
        columns = [each.name for each in Certificate.__table__.columns if each.name not in own]
        names = ", ".join(columns)
        copy = f"INSERT INTO certificates (serial, {names}) SELECT 99, {names} FROM certificates"
        db.session.remove()
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.text(copy))


def test_bulletins_published_at_once_have_numbers_of_their_own(app, election):
    with app.app_context(), clock.at(NOW), unit_of_work(WRITER):
        row = db.session.scalars(sa.select(Election)).one()
        ids = []
        for _ in range(WORKERS):
            made = publications.draft_bulletin(actor=WRITER, election=row)
            ids.append(publications.approve_bulletin(actor=SECOND, bulletin=made).id)
    waiting = iter(ids)

    def publish(row):
        bulletin = db.session.get_one(Bulletin, next(waiting))
        return publications.publish_bulletin(actor=SECOND, election=row, bulletin=bulletin).number

    assert sorted(at_once(app, publish)) == [1, 2, 3]


def test_rows_of_the_revision_before_stay_up_and_down(app, election):
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            row = db.session.scalars(sa.select(Election)).one()
            ids = db.session.scalars(sa.select(Accreditation.id)).all()
            operations.issue_certificates(actor=SYSTEM, election=row, accreditation_ids=ids)
            publications.draft_bulletin(actor=WRITER, election=row)
            for kind in (Kind.NO_CERTIFICATE, Kind.NO_ARRIVAL):
                snooze_matter(
                    actor=WRITER, election=row, kind=kind, count=1, span=Span.HOUR, reason="Later"
                )
        db.session.remove()
        downgrade(revision="0016")
        with db.engine.connect() as connection:
            kinds = connection.scalars(sa.text("SELECT kind FROM snoozes")).all()
            assert kinds == ["no_arrival"]
            assert connection.scalar(sa.text("SELECT count(*) FROM accreditations")) == PEOPLE
        at_head()
        row = db.session.scalars(sa.select(Election)).one()
        assert (row.logs_certificate_checks, row.publishes_observers) == (False, False)
        db.session.remove()
