"""The numbers that are kept, on both databases: made by the migration, by the command, and by many
writers at once."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import at_head
from tracker.accreditation import counts
from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationCountInQuarter,
    AccreditationStatus,
    Function,
    Ground,
)
from tracker.accreditation.operations import Reason, withdraw_accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, hold_chain
from tracker.logistics.models.attention import Kind
from tracker.observers.models import Observer, SharedIdentity
from tracker.totals.queries import curve, figures, headline_figures, recount, unproven

ACCREDITED = AccreditationStatus.ACCREDITED


def fill():
    """Two elections, whoever counts and whoever does not, two namesakes, days either side of
    midnight; the identities of the elections."""
    for slug in ("kz-2022", "kz-2023"):
        election = records.election(slug=slug)
        delegation = records.delegation(election, records.organization())
        for hour in range(4):
            moment = datetime(2022, 11, 8, 16 + hour, tzinfo=UTC)  # local midnight is 18:00
            person = records.observer(citizenship=("TR", None)[hour % 2], sex=None)
            records.accreditation(delegation, status=ACCREDITED, at=moment, person=person)
        driver = records.accreditation(delegation, function=Function.DRIVER)
        withdraw_accreditation(actor=SYSTEM, row=driver, reason=Reason(Ground.OWN_REQUEST))
        records.accreditation(delegation, function=None, region="KZ-71")
        records.accreditation(delegation, status=ACCREDITED, function=Function.ASSISTANT)
        for _number in range(2):
            records.observer(identity_digest=slug)
    db.session.commit()
    return list(db.session.scalars(sa.select(Election.id).order_by(Election.id)))


def kept():
    """All that is kept, to compare; rows that say nothing (nought, a quarter like the one before)
    are left out."""
    counts_now = AccreditationCount.__table__
    found = [
        {tuple(row) for row in db.session.execute(sa.select(counts_now)) if row.count},
        set(db.session.scalars(sa.select(SharedIdentity.identity_digest))),
    ]
    quarters = AccreditationCountInQuarter.__table__
    rows = db.session.execute(sa.select(quarters).order_by(*quarters.primary_key)).all()
    numbers, changes = {}, set()
    for *group, quarter, number in rows:
        if number != numbers.get(tuple(group), 0):
            changes.add((*group, quarter, number))
        numbers[tuple(group)] = number
    found.append(changes)
    db.session.rollback()
    return found


@pytest.fixture
def filled(app):
    """The identities of two elections, in a database whose numbers the operations kept."""
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        yield fill()
        db.session.rollback()


def test_the_migration_counts_what_is_stored(filled):
    before = kept()
    assert len(before[1]) == 2
    assert len(before[2]) > 20
    db.session.remove()
    downgrade(revision="0009")
    at_head()
    assert kept() == before


def test_numbers_that_went_wrong_are_named_and_made_anew(filled):
    before = kept()
    table, quarters = AccreditationCount.__table__, AccreditationCountInQuarter.__table__
    db.session.execute(
        sa.update(table)
        .where(table.c.dimension == "sex", table.c.count > 0)
        .values(count=table.c.count + 1)
    )
    db.session.execute(sa.delete(quarters))
    election = db.session.get_one(Election, filled[0])
    found = figures(election)
    assert unproven(election, found, as_of=None, known_at=None) == ["sex", "quarter"]
    db.session.execute(sa.delete(table))
    differing = unproven(election, figures(election), as_of=None, known_at=None)
    assert {"by_organization", "pipeline", "function", "quarter"} < set(differing)
    db.session.commit()
    hold_chain(db.session.connection())
    for election_id in filled:
        counts.remake(db.session.connection(), election_id)
    db.session.commit()
    assert kept() == before


def test_the_numbers_stay_right_with_many_writers_at_once(app, filled):
    """Persons are corrected while their accreditations end and others begin."""
    query = sa.select(Accreditation.id, Accreditation.observer_id, Accreditation.delegation_id)
    rows = db.session.execute(query.where(Accreditation.status == ACCREDITED)).all()
    db.session.rollback()
    barrier, failures = threading.Barrier(3), []

    def correct(row):
        person = db.session.get_one(Observer, row.observer_id)
        person.citizenship = "GE" if person.citizenship == "TR" else "TR"

    def withdraw(row):
        found = db.session.get_one(Accreditation, row.id)
        withdraw_accreditation(actor=SYSTEM, row=found, reason=Reason(Ground.OWN_REQUEST))

    def enter(row):
        delegation = db.session.get_one(Delegation, row.delegation_id)
        records.accreditation(delegation, status=ACCREDITED)

    def work(change):
        with app.app_context(), clock.at(NOW + timedelta(hours=1)):
            expect_writes(True)
            barrier.wait()
            for row in rows:
                try:
                    change(row)
                    db.session.commit()
                except Exception as error:  # noqa: BLE001 - told by the assertion below
                    failures.append(error)
                    db.session.rollback()

    threads = [
        threading.Thread(target=work, args=(change,)) for change in (correct, withdraw, enter)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for election_id in filled:
        election = db.session.get_one(Election, election_id)
        assert unproven(election, figures(election), as_of=None, known_at=None) == []
        assert figures(election).observers == recount(election).observers


def test_any_moment_is_that_of_the_history(filled):
    election = db.session.get_one(Election, filled[0])
    for hours in (0, 20, 36, 37, 60, 400):
        moment = NOW - timedelta(hours=hours)
        proof = recount(election, as_of=moment)
        unread = {"by_citizenship": {}, "by_sex": {}, "by_region": {}}
        assert figures(election, as_of=moment) == proof
        assert headline_figures(election, as_of=moment) == replace(proof, **unread)
        points = curve(election, until=moment)
        assert (points[-1].total if points else 0) == proof.observers
    assert headline_figures(election) == replace(recount(election), **unread)


def test_matters_are_counted_in_whole_numbers(filled):
    election = db.session.get_one(Election, filled[0])
    delegation = db.session.scalars(sa.select(Delegation).limit(1)).one()
    for _number in range(2):
        records.accreditation(delegation, person=records.observer(identity_digest="same"))
    records.accreditation(delegation, person=records.observer(portrait=None))
    found = attention(election, NOW)
    assert (found[Kind.DUPLICATE], found[Kind.PORTRAIT], found[Kind.NO_ARRIVAL]) == (2, 1, 4)
    assert {type(number) for number in found.values()} == {int}
