"""What is due when, who is kept, and what stops a purge."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import records, traces
from tests.factories.portraits import portrait
from tests.factories.traces import LATER
from tracker.accreditation.models import AccreditationCount, AccreditationStatus, Assignment
from tracker.audit.capture import append
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Forbidden, Refused, Stale
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage
from tracker.observers.models import Observer
from tracker.retention import operations, queries
from tracker.retention.files import named_elsewhere
from tracker.retention.holdings import HOLDINGS, Holding
from tracker.retention.jobs import complete
from tracker.retention.models import Category, Problem, PurgeStatus, RetentionFile
from tracker.retention.scopes import person

S = AccreditationStatus


def at(day):
    return clock.at(datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12))


def purged(slug="kz-2022"):
    """Purge what is due now; the finished purge."""
    with unit_of_work(SYSTEM):
        row = db.session.scalars(sa.select(queries.Election).filter_by(slug=slug)).one()
        number = operations.request_purge(actor=SYSTEM, election=row).id
    complete(SYSTEM, number)
    return queries.purge_for(number)


def who(row):
    """The person of an accreditation."""
    return db.session.get_one(Observer, row.observer_id)


@pytest.fixture
def election(session):
    row = records.election()
    session.commit()
    return row


@pytest.fixture
def accredited(session, election):
    """Somebody with a real portrait."""
    delegation = records.delegation(election)
    someone = records.observer(surname="KAYA", portrait=portrait(), citizenship="TR")
    row = records.accreditation(delegation, status=S.ACCREDITED, person=someone)
    session.commit()
    return row


def test_before_anything_is_due_nothing_goes(session, accredited):
    election = queries.elections()[0]
    with at(date(2022, 12, 19)), pytest.raises(Refused, match="Nothing is due"):
        operations.request_purge(actor=SYSTEM, election=election)
    with at(date(2022, 11, 21)), pytest.raises(Refused, match="not over yet"):
        operations.request_purge(actor=SYSTEM, election=election)


def test_each_category_goes_on_its_own_day(session, accredited):
    key = who(accredited).portrait
    with at(date(2022, 12, 20)):
        purge = purged()
    assert purge.status is PurgeStatus.DONE
    assert {Category.DOCUMENTS.value} <= set(purge.periods) < set(Category)
    someone = who(accredited)
    assert (someone.birth_date, someone.document) == (None, None)
    assert (someone.surname, someone.portrait) == ("KAYA", key)
    assert storage.get(key)
    with at(date(2023, 2, 18)):
        purged()
    assert (someone.surname, someone.portrait) == ("KAYA", None)
    with pytest.raises(FileNotFoundError):
        storage.get(key)
    with at(date(2025, 11, 18)), pytest.raises(Refused, match="Nothing is due"):
        operations.request_purge(actor=SYSTEM, election=queries.elections()[0])
    db.session.rollback()
    with at(date(2025, 11, 19)):
        purged()
    assert someone.surname == f"№ {someone.id}"


def test_periods_count_from_the_last_round(session, election):
    second = records.election(
        slug="kz-2022-2", first_round_id=election.id, election_on=date(2022, 12, 4)
    )
    other = records.election(slug="kz-2023", election_on=date(2023, 3, 19))
    assert queries.ended_on(election) == queries.ended_on(second) == date(2022, 12, 4)
    assert queries.ended_on(other) == date(2023, 3, 19)


def test_who_takes_part_later_is_kept_whole_until_then(session, accredited):
    later = records.election(
        slug="kz-2025",
        election_on=date(2025, 12, 1),
        opens_at=datetime(2025, 10, 1, tzinfo=UTC),
        closes_at=datetime(2025, 11, 20, tzinfo=UTC),
        ends_at=datetime(2025, 12, 3, tzinfo=UTC),
    )
    again = records.delegation(later)
    records.accreditation(again, status=S.ACCREDITED, person=who(accredited))
    former = records.accreditation(
        records.delegation(db.session.get_one(type(later), accredited.election_id)),
        status=S.ACCREDITED,
        person=records.observer(surname="GONE", portrait=None),
    )
    session.commit()
    with at(date(2025, 12, 5)):
        purge = purged()
    assert (purge.people, purge.kept) == (1, 1)
    kept = who(accredited)
    assert (kept.surname, kept.birth_date) == ("KAYA", "1980-01-02")
    assert kept.document is not None
    assert storage.get(kept.portrait)
    assert accredited.sort_name.startswith("kaya")
    assert who(former).surname.startswith("№")
    with at(date(2029, 1, 1)):
        purge = purged("kz-2025")
    assert (purge.people, purge.kept) == (1, 0)
    assert kept.surname == f"№ {kept.id}"
    assert accredited.sort_name == f"no {kept.id}"  # in the earlier election, too


def test_a_file_stays_while_any_row_names_it(session, accredited):
    other = records.election(
        slug="kz-2030",
        election_on=date(2030, 1, 1),
        ends_at=datetime(2030, 1, 3, tzinfo=UTC),
    )
    key = who(accredited).portrait
    same = records.accreditation(
        records.delegation(other), person=records.observer(portrait=key, surname="SAME")
    )
    session.commit()
    with clock.at(LATER):
        purge = purged()
    assert purge.removed["portraits"]["files"] == 0
    assert storage.get(key)
    assert named_elsewhere([key]) == {key}
    assert who(same).portrait == key
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RetentionFile)) == 0


def test_what_would_change_totals_is_undone_and_stops_the_purge(session, accredited, monkeypatch):
    wrong = (Holding(Category.NAMES, "observers", person, {"citizenship": None}), *HOLDINGS)
    monkeypatch.setattr(operations, "HOLDINGS", wrong)
    with clock.at(LATER):
        purge = purged()
    assert (purge.status, purge.problem) == (PurgeStatus.STOPPED, Problem.COUNTED)
    someone = who(accredited)
    assert (someone.citizenship, someone.surname) == ("TR", "KAYA")
    assert purge.removed == {}


def test_a_deleted_accreditation_stops_it_as_well(session, accredited, monkeypatch):
    wrong = (Holding(Category.NAMES, "assignments", purging_everything), *HOLDINGS)
    monkeypatch.setattr(operations, "HOLDINGS", wrong)
    with clock.at(LATER):
        assert purged().problem is Problem.COUNTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 1


def purging_everything(_rows, _reach):
    return sa.true()


def test_totals_that_are_not_proven_stop_it_before_anything_goes(session, accredited):
    session.execute(sa.update(AccreditationCount).values(count=7))
    session.commit()
    with clock.at(LATER):
        purge = purged()
    assert (purge.status, purge.problem) == (PurgeStatus.STOPPED, Problem.UNPROVEN)
    assert who(accredited).surname == "KAYA"


def test_totals_that_somebody_changed_meanwhile_are_named(session, accredited, monkeypatch):
    real = operations.delete_files

    def meanwhile(purge):
        session.execute(sa.update(Observer).values(citizenship="DE"))
        monkeypatch.setattr(operations, "delete_files", real)
        return real(purge)

    monkeypatch.setattr(operations, "delete_files", meanwhile)
    with clock.at(LATER):
        purge = purged()
    assert (purge.status, purge.problem) == (PurgeStatus.STOPPED, Problem.DIFFERENT)
    assert purge.digest_before != purge.digest_after


def test_one_purge_at_a_time(session, accredited):
    with clock.at(LATER):
        election = queries.elections()[0]
        operations.request_purge(actor=SYSTEM, election=election)
        with pytest.raises(Refused, match="under way"):
            operations.request_purge(actor=SYSTEM, election=election)


def test_a_form_that_was_open_brings_no_name_back(session, accredited):
    seen = who(accredited).version
    with clock.at(LATER):
        purged()
    assert who(accredited).version > seen


def test_the_chain_holds_and_says_who_purged(session, accredited):
    with clock.at(LATER):
        purge = purged()
    assert verify()[1] == []
    assert purge.requested_by == "system"
    assert purge.rewritten_at == LATER


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_purge(session, accredited, actor, role):
    with clock.at(LATER), pytest.raises(Forbidden):
        operations.request_purge(actor=actor(role), election=queries.elections()[0])
    with pytest.raises(Forbidden):
        operations.set_period(actor=actor(role), category=Category.NAMES, days=5, seen_version=0)


def test_names_that_were_typed_into_filters_of_files_go_with_the_record(session, accredited):
    filtered = {"list": "observers", "filter": {"q": "KAYA"}}
    export = {"action": "export", "record_table": "exports", "before": None, "after": filtered}
    for mark in ("OLD", "NEW"):
        with clock.at(LATER if mark == "NEW" else datetime(2022, 11, 15, tzinfo=UTC)):
            append(db.session(), [export | {"record_id": mark}])
    session.commit()
    with clock.at(LATER):
        purge = purged()
    [old], [new] = traces.entries("exports", "OLD"), traces.entries("exports", "NEW")
    assert purge.status is PurgeStatus.DONE
    assert (old.after, new.after) == (None, filtered)  # what is new waits for its own day
    assert verify()[1] == []


# Periods


def test_an_installation_sets_its_own_periods(session, election):
    values = {"actor": SYSTEM, "category": Category.PORTRAITS}
    row = operations.set_period(**values, days=10, least_days=5, most_days=60, seen_version=0)
    assert queries.periods()[Category.PORTRAITS] == 10
    with pytest.raises(Stale):
        operations.set_period(**values, days=20, seen_version=0)
    changed = operations.set_period(**values, days=20, source="Law", seen_version=row.version)
    assert (changed.days, changed.least_days, changed.source) == (20, None, "Law")


@pytest.mark.parametrize(
    ("category", "values", "message"),
    [
        (Category.PORTRAITS, {"days": 0}, "from 1 to"),
        (Category.PORTRAITS, {"days": 40_000}, "from 1 to"),
        (Category.PORTRAITS, {"days": 4, "least_days": 5}, "at least 5"),
        (Category.PORTRAITS, {"days": 7, "most_days": 6}, "at most 6"),
        (Category.LISTS, {"days": 31}, "A copy"),
        (Category.DOCUMENTS, {"days": 29}, "A copy"),
        (Category.AUDIT, {"days": 1_096}, "A copy"),
        (Category.NAMES, {"days": 1_094}, "A copy"),
    ],
)
def test_periods_that_will_not_do(session, election, category, values, message):
    with pytest.raises(Refused, match=message):
        operations.set_period(actor=SYSTEM, category=category, seen_version=0, **values)
