"""When the digest is due, who receives it, and that a day has one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.audit.models import AuditEntry
from tracker.elections.rules import Calendar
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.permissions import Role
from tracker.logistics.models.digest import DigestRecipient
from tracker.logistics.operations import digest as operations
from tracker.logistics.operations.digest import (
    Letter,
    Recipient,
    add_digest_recipient,
    issue_digest,
    remove_digest_recipient,
    set_digest_hour,
)
from tracker.logistics.queries.digest import elections_due, newest_digests, recipients_of
from tracker.logistics.rules.digest import day_due

ROUND = timedelta(minutes=15)  # of the imagined job process
CHANGES = [  # a zone and a day on which its clocks were changed, or left out whole
    ("Asia/Almaty", date(2024, 2, 29)),
    ("Asia/Almaty", date(2022, 11, 18)),
    ("Europe/Warsaw", date(2024, 3, 31)),
    ("Europe/Warsaw", date(2024, 10, 27)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Africa/Cairo", date(2024, 4, 26)),
    ("Pacific/Apia", date(2011, 12, 30)),
]
HOURS = st.integers(0, 95).map(lambda number: time(number // 4, 15 * (number % 4)))
PERSON = Recipient(name="Office", email="office@example.org", language="ru")
LETTERS = {
    code: Letter(subject="Digest", text="Text\n", paper=f"%PDF {code}".encode())
    for code in ("en", "ru", "kk")
}


def calendar(zone, opens_at, ends_at):
    return Calendar(zone, ends_at.date(), opens_at, ends_at, ends_at)


@given(st.sampled_from(CHANGES), HOURS, st.booleans())
def test_each_local_day_has_one_digest_at_its_hour(change, at, was_down):
    zone, day = change
    start = datetime.combine(day - timedelta(days=2), time(0), ZoneInfo(zone)).astimezone(UTC)
    rounds = [start + number * ROUND for number in range(96 * 5)]
    span = calendar(zone, start, rounds[-1] + timedelta(days=1))
    issued = {}
    for now in rounds:
        local = now.astimezone(ZoneInfo(zone))
        if was_down and local.date() == day and local.hour < 22:
            continue  # an outage over the set hour
        due = day_due(now, at, span)
        assert due in {None, local.date()}
        if due and due not in issued:
            issued[due] = local
    days = {now.astimezone(ZoneInfo(zone)).date() for now in rounds}
    whole = sorted(days)[:-1]
    assert sorted(issued)[: len(whole)] == whole
    for due, local in issued.items():
        if due != day:
            assert (local.hour, local.minute) == (at.hour, at.minute)


@given(st.datetimes(datetime(2022, 11, 1), datetime(2022, 11, 30)), HOURS)
def test_only_while_the_election_is_under_way_and_from_the_hour_on(moment, at):
    zone = ZoneInfo("Asia/Almaty")
    now = moment.replace(tzinfo=zone)
    opens_at = datetime(2022, 11, 10, 12, tzinfo=zone)
    ends_at = datetime(2022, 11, 22, tzinfo=zone)
    expected = opens_at <= now < ends_at and moment.time() >= at
    span = calendar("Asia/Almaty", opens_at, ends_at)
    assert day_due(now, at, span) == (moment.date() if expected else None)
    assert day_due(now, None, span) is None


def test_what_is_due_is_asked_of_all_elections_until_it_is_issued(session, actor):
    due, later, silent = (records.election(slug=f"e-{number}") for number in range(3))
    set_digest_hour(actor=actor(Role.COORDINATOR), election=due, at=time(12))  # NOW is 12:00
    set_digest_hour(actor=actor(Role.ADMINISTRATOR), election=later, at=time(12, 1))
    assert elections_due(NOW) == [due.id]
    assert issue_digest(actor=actor(), election=due, as_of=NOW, letters=LETTERS) is not None
    assert elections_due(NOW) == []
    assert elections_due(NOW + timedelta(minutes=1)) == [later.id]
    assert elections_due(NOW + timedelta(days=1)) == [due.id]
    assert newest_digests(silent.id) == []


def test_a_day_is_issued_once(session, actor):
    election = records.election()
    first = issue_digest(actor=actor(), election=election, as_of=NOW, letters=LETTERS)
    assert issue_digest(actor=actor(), election=election, as_of=NOW, letters=LETTERS) is None
    assert [row.id for row in newest_digests(election.id)] == [first.id]


def test_a_recipient_is_entered_once_whatever_the_case_of_letters(session, actor):
    election, coordinator = records.election(), actor(Role.COORDINATOR)
    around = {"actor": coordinator, "election": election}
    made = add_digest_recipient(**around, recipient=PERSON)
    twin = Recipient(name="Other", email=" Office@EXAMPLE.org", language="kk")
    with pytest.raises(Refused) as refusal:
        add_digest_recipient(**around, recipient=twin)
    assert refusal.value.field == "email"
    other = records.election(slug="other")
    add_digest_recipient(actor=coordinator, election=other, recipient=twin)
    with pytest.raises(NotFound):
        remove_digest_recipient(actor=coordinator, election=other, recipient_id=made.id)
    remove_digest_recipient(**around, recipient_id=made.id)
    assert recipients_of(election.id) == []
    add_digest_recipient(**around, recipient=twin)


@pytest.mark.parametrize("email", ["office", "office@", "a b@example.org"])
def test_an_address_must_be_one(session, actor, email):
    wrong = Recipient(name="Office", email=email, language="ru")
    with pytest.raises(Refused) as refusal:
        add_digest_recipient(actor=actor(), election=records.election(), recipient=wrong)
    assert refusal.value.field == "email"


def test_there_is_an_end_of_recipients(session, actor, monkeypatch):
    monkeypatch.setattr(operations, "MOST_RECIPIENTS", 0)
    with pytest.raises(Refused):
        add_digest_recipient(actor=actor(), election=records.election(), recipient=PERSON)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}))
def test_not_everybody_may(session, actor, role):
    around = {"actor": actor(role), "election": records.election()}
    for deed in (
        lambda: set_digest_hour(**around, at=time(20)),
        lambda: add_digest_recipient(**around, recipient=PERSON),
        lambda: remove_digest_recipient(**around, recipient_id=1),
        lambda: issue_digest(**around, as_of=NOW, letters=LETTERS),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_addresses_are_clear_neither_in_the_database_nor_on_record(session, actor):
    election = records.election()
    add_digest_recipient(actor=actor(), election=election, recipient=PERSON)
    table = DigestRecipient.__table__
    stored = db.session.execute(sa.text(f"SELECT name, email, email_digest FROM {table}")).one()
    assert all("ffice" not in value for value in stored)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.record_table == "digest_recipients")
    )
    assert [entry.after["email"] for entry in entries] == ["[redacted]"]


def test_the_hour_of_a_moved_clock(session, actor):
    election = records.election()
    set_digest_hour(actor=actor(), election=election, at=time(12))
    with clock.at(NOW - timedelta(minutes=1)):
        assert elections_due(clock.now()) == []
    assert elections_due(clock.now()) == [election.id]
