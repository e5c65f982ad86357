"""The numbers that are kept equal a recount, whatever happens and in whatever order: random
histories through the real operations, each step looked at on its own."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation import counts
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Function,
    Ground,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.accreditation.operations import (
    Decision,
    Entry,
    Place,
    Reason,
    create_accreditation,
    create_accreditations,
    decide_submission,
    expire_ended_elections,
    register_complete,
    register_observer,
    revoke_accreditation,
    submit_observers,
    update_observer,
    withdraw_accreditation,
)
from tracker.delegations.models import Delegation
from tracker.delegations.operations import merge_organizations
from tracker.elections.operations import ElectionDetails, update_election
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import Received, receive_list
from tracker.lists.undoing import undo_list
from tracker.logistics.models.attention import Kind
from tracker.observers import identities
from tracker.observers.models import DocumentType, Observer, Sex, SharedIdentity
from tracker.observers.operations import PersonDetails
from tracker.people import Wanted, observers
from tracker.totals.queries import curve, figures, headline_figures, recount, unproven

S = AccreditationStatus
CITIZENSHIPS = ("TR", "GE", "XXA", None)
REGIONS = ("KZ-71", "KZ-75", None)
SEXES = (Sex.FEMALE, Sex.MALE, None)
FUNCTIONS = (Function.HEAD, Function.SHORT_TERM_OBSERVER, Function.DRIVER, None)
LISTED = {
    Kind.PORTRAIT: "portrait",
    Kind.EXPIRING: "passport",
    Kind.DUPLICATE: "duplicate",
    Kind.NO_ARRIVAL: "arrival",
}
COUNTED = {Kind.WAITING: S.SUBMITTED, Kind.DRAFT: S.DRAFT}
LIST = "Surname;Given names;Sex;Date of birth;Citizenship;Passport No;Valid until;Function\n"


def details(number, pick):
    """A person with what registering needs, mostly; every eighth is somebody's namesake."""
    return PersonDetails(
        surname=f"KAYA{number % 7}",
        given_names="ANNA",
        sex=SEXES[pick % 3],
        birth_date=date(1970, 1, 1 + number % 7),
        citizenship=CITIZENSHIPS[pick % 4],
        portrait=None if number % 11 == 5 else "0" * 64,
        document_kind=DocumentType.PASSPORT,
        document_number=f"U{number:07}",
        issuing_state="TUR",
        document_expires_on=date(2022, 11, 20) if number % 11 == 7 else date(2030, 1, 1),
    )


def place(pick, **values):
    return Place(
        function=FUNCTIONS[pick % 4],
        region=REGIONS[pick % 3],
        pledge_signed_on=date(2022, 10, 1),
        **values,
    )


class World:
    """An election with three delegations, and what people do there."""

    def __init__(self):
        self.election = records.election()
        senders = [records.organization(), records.organization(), records.state("TR", "Türkiye")]
        self.delegations = [records.delegation(self.election, sender) for sender in senders]
        self.numbers = count(1)
        self.around = {"actor": SYSTEM, "election": self.election}

    def one(self, pick, *statuses):
        query = sa.select(Accreditation).order_by(Accreditation.id)
        rows = db.session.scalars(query.where(Accreditation.status.in_(statuses))).all()
        return rows[pick % len(rows)] if rows else None

    def enter(self, pick):
        delegation = self.delegations[pick % 3]
        person = details(next(self.numbers), pick)
        create_accreditation(
            **self.around, delegation=delegation, details=person, place=place(pick)
        )

    def replace(self, pick):
        if row := self.one(pick, S.ACCREDITED):
            delegation = db.session.get_one(Delegation, row.delegation_id)
            where = {"delegation": delegation, "place": place(pick, replaces_id=row.id)}
            create_accreditation(**self.around, **where, details=details(next(self.numbers), 1))

    def register(self, pick):
        if row := self.one(pick, S.DRAFT):
            register_observer(**self.around, row=row)

    def submit(self, pick):
        query = sa.select(Accreditation.id).where(Accreditation.status == S.REGISTERED)
        ids = list(db.session.scalars(query))[: 1 + pick % 4]
        if ids:
            submit_observers(**self.around, accreditation_ids=ids, override_reason="Late")

    def decide(self, pick):
        waiting = SubmissionItem.decision.is_(None)
        item = db.session.scalars(sa.select(SubmissionItem).where(waiting).limit(1)).first()
        if item is None:
            return
        same = SubmissionItem.submission_id == item.submission_id
        kind = ("accredited", "accredited", "refused", "returned")[pick % 4]
        reason = Reason(Ground.LATE) if kind == "refused" else Reason()
        items = db.session.scalars(sa.select(SubmissionItem.id).where(waiting, same))
        decide_submission(
            **self.around,
            submission=db.session.get_one(Submission, item.submission_id),
            decisions={key: Decision(kind, reason) for key in items},
            resolution_number=f"R{next(self.numbers)}",
            effective_at=clock.now() - timedelta(hours=pick % 5 * 3),
        )

    def accredit(self, pick):
        """Whoever can be, all the way."""
        drafts = db.session.scalars(
            sa.select(Accreditation.id).where(Accreditation.status == S.DRAFT)
        )
        register_complete(**self.around, ids=list(drafts))
        self.submit(3)
        self.decide(pick % 3)

    def change(self, pick):
        row = self.one(pick, S.DRAFT, S.REGISTERED, S.SUBMITTED, S.ACCREDITED)
        if row is None:
            return
        person = db.session.get_one(Observer, row.observer_id)
        known = details(1, pick)
        update_observer(
            **self.around,
            row=row,
            person=person,
            details=replace(known, surname=person.surname, document_number=None),
            place=place(pick // 2),
            seen_version=row.version + person.version,
        )

    def withdraw(self, pick):
        if row := self.one(pick, S.DRAFT, S.REGISTERED, S.ACCREDITED):
            moment = clock.now() - timedelta(hours=pick % 30)
            reason = Reason(Ground.OWN_REQUEST)
            withdraw_accreditation(actor=SYSTEM, row=row, reason=reason, effective_at=moment)

    def revoke(self, pick):
        if row := self.one(pick, S.ACCREDITED):
            revoke_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.INTERFERENCE))

    def many(self, pick):
        entries = [
            Entry(details=details(next(self.numbers), pick + more), place=place(pick + more))
            for more in range(3)
        ]
        create_accreditations(**self.around, delegation=self.delegations[pick % 3], entries=entries)

    def accept(self, pick):
        lines = [
            f"{chr(65 + number % 26) * 3}ELMAN;ANNA;F;19{number % 90 + 10}-01-02;GE;"
            f"L{number:07};2030-01-01;Head\n"
            for number in (next(self.numbers), next(self.numbers))
        ]
        around = self.around | {"delegation": self.delegations[pick % 3]}
        received = Received(filename="list.csv", content=(LIST + "".join(lines)).encode())
        found = receive_list(**around, received=received, at_once=True)
        begin_acceptance(actor=SYSTEM, found=found)
        accept_list(**around, list_id=found.id)

    def undo(self, pick):
        query = sa.select(ObserverList).where(ObserverList.status == ListStatus.ACCEPTED)
        if found := db.session.scalars(query.limit(1)).first():
            delegation = db.session.get_one(Delegation, found.delegation_id)
            undo_list(**self.around, delegation=delegation, found=found)

    def merge(self, pick):
        into = records.organization()
        duplicate = self.delegations[pick % 2].organization
        merge_organizations(actor=SYSTEM, duplicate=duplicate, into=into)

    def move(self, pick):
        names = ElectionDetails.__dataclass_fields__
        known = {name: getattr(self.election, name) for name in names}
        zone = ("Asia/Almaty", "Asia/Tokyo", "America/Lima")[pick % 3]
        update_election(
            **self.around,
            details=ElectionDetails(**known | {"time_zone": zone}),
            seen_version=self.election.version,
        )

    def expire(self, pick):
        with clock.at(self.election.ends_at + timedelta(hours=1)):
            expire_ended_elections(actor=SYSTEM)


VERBS = [name for name, verb in vars(World).items() if callable(verb) and name[0] != "_"]
VERBS = [name for name in VERBS if name not in {"one", "expire"}]
# Most histories lead to accreditation; the rest happens in between.
USUAL = ["enter", "many", "accredit", "accredit", "withdraw", "replace", "change"]


def expected_curve(election):
    """The curve by recounting the end of each day on which something took effect."""
    moments = [*db.session.scalars(sa.select(Transition.effective_at))]
    moments += db.session.scalars(sa.select(Assignment.effective_at))
    days = sorted({clock.local(moment, election.time_zone).date() for moment in moments})
    points, before = [], 0
    for day in days:
        next_day = clock.local_moment(day + timedelta(days=1), time(0), election.time_zone)
        total = recount(election, as_of=next_day - timedelta(microseconds=1)).observers
        if total != before:
            points.append((day, total - before))
        before = total
    return points


def check(election):
    """Everything that is kept, against everything that is counted."""
    assert unproven(election, figures(election), as_of=None, known_at=None) == []
    assert [(point.day, point.change) for point in curve(election)] == expected_curve(election)
    for hours in (7, 48):
        moment = clock.now() - timedelta(hours=hours)
        proof = recount(election, as_of=moment)
        assert figures(election, as_of=moment) == proof
        headline = headline_figures(election, as_of=moment)
        unread = {"by_citizenship": {}, "by_sex": {}, "by_region": {}}
        assert headline == replace(proof, **unread)
        points = curve(election, until=moment)
        assert (points[-1].total if points else 0) == proof.observers
    found = attention(election, clock.now())
    for kind, lacking in LISTED.items():
        listed = observers(SYSTEM, election, Wanted(lacking=lacking), "en").subquery()
        assert found[kind] == db.session.scalar(sa.select(sa.func.count()).select_from(listed))
    for kind, status in COUNTED.items():
        stored = sa.select(sa.func.count()).where(Accreditation.status == status)
        assert found[kind] == db.session.scalar(stored)
    digests = sa.select(Observer.identity_digest, sa.func.count()).group_by(
        Observer.identity_digest
    )
    shared = {digest for digest, number in db.session.execute(digests) if digest and number > 1}
    assert set(db.session.scalars(sa.select(SharedIdentity.identity_digest))) == shared


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.sampled_from(VERBS + USUAL * 2), st.integers(0, 60)), min_size=12, max_size=25
    )
)
def test_whatever_happens_the_numbers_are_those_of_the_history(session, steps):
    savepoint = session.begin_nested()
    try:
        world = World()
        for hours, (verb, pick) in enumerate([*steps, ("expire", 0)]):
            with clock.at(NOW + timedelta(hours=5 * hours)):
                try:
                    with session.begin_nested():
                        getattr(world, verb)(pick)
                except Refused:
                    session.expire_all()
                check(world.election)
    finally:
        savepoint.rollback()
        session.expunge_all()


def test_the_function_of_the_day_decides_who_is_on_the_curve(session):
    election = records.election()
    row = records.accreditation(records.delegation(election), status=S.ACCREDITED)
    first = curve(election)
    assert [point.total for point in first] == [1]
    for days, function, totals in ((1, Function.DRIVER, [1, 0]), (2, None, [1, 0, 1])):
        around = {"accreditation_id": row.id, "recorded_at": NOW, "actor_name": "tests"}
        moment = NOW + timedelta(days=days)
        session.add(Assignment(function=function, region=None, effective_at=moment, **around))
        row.function = function
        session.flush()
        assert [point.total for point in curve(election)] == totals
    step = {"from_status": S.ACCREDITED, "to_status": S.WITHDRAWN, "election_id": election.id}
    session.add(Transition(effective_at=NOW + timedelta(hours=30), **step, **around))
    session.flush()
    assert [point.total for point in curve(election)] == [1, 0]
    assert curve(election)[0] == first[0]


def test_a_value_that_was_never_read_is_taken_off_all_the_same(session):
    election = records.election()
    row = records.accreditation(records.delegation(election), status=S.ACCREDITED)
    session.expire_all()
    row.region, row.status, row.is_live = "KZ-71", S.REVOKED, False
    session.flush()
    session.expire_all()
    db.session.get_one(Observer, row.observer_id).citizenship = "GE"
    session.flush()
    assert counts.differences(session.connection(), election.id) == []


def test_who_has_namesakes_follows_every_change(session):
    """A person who takes another name leaves no namesake behind, one who is deleted neither."""
    one, other, third = (records.observer(identity_digest="same") for _number in range(3))

    def shared():
        return list(session.scalars(sa.select(SharedIdentity.identity_digest)))

    assert shared() == ["same"]
    one.identity_digest = "another"
    session.flush()
    assert shared() == ["same"]
    session.delete(third.document)
    session.flush()
    session.expire(third)
    session.delete(third)
    session.flush()
    assert shared() == []
    other.identity_digest = "another"
    session.flush()
    assert shared() == ["another"]
    identities.remake(session.connection())
    assert shared() == ["another"]
