"""What changes the directory: zones, deputies, days, blocked times, calendars, ways."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.officials.test_busy import ics, vevent
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Refused, Stale
from tracker.kernel.permissions import Role
from tracker.officials import jobs, operations, queries
from tracker.officials.jobs import encrypt_reasons
from tracker.officials.models import BlockedTime, BlockSource, OfficialDay, owned_by
from tracker.officials.operations import (
    InstitutionDetails,
    InterpreterDetails,
    OfficialDetails,
    add_day,
    block_time,
    read_calendar,
    set_travel_times,
)
from tracker.officials.rules import version_of

pytestmark = pytest.mark.usefixtures("session")
COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
REGISTRAR = Actor(2, "Registrar", frozenset({Role.REGISTRAR}))
ALMATY = "Asia/Almaty"
FRIDAY = date(2022, 11, 18)
HOUR = timedelta(hours=1)


def names(name="Senate"):
    return {"name_en": name, "name_ru": name, "name_kk": name}


def details(official, **changes):
    stored = {name: getattr(official, name) for name in OfficialDetails.__dataclass_fields__}
    return OfficialDetails(**stored | {"hours": ("",) * 7} | changes)


def update(official, **changes):
    return operations.update_official(
        actor=COORDINATOR,
        official=official,
        details=details(official, **changes),
        seen_version=official.version,
    )


def refused(field, call, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(*args, **kwargs)
    assert refusal.value.field == field
    return str(refusal.value)


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "Asia", "../etc/passwd", "+06:00", "\x00"])
def test_a_zone_that_nobody_knows_is_refused(zone):
    wrong = InstitutionDetails(**names(), time_zone=zone)
    create = operations.create_institution
    assert zone in refused("time_zone", create, actor=COORDINATOR, details=wrong)


def test_an_institution_has_the_election_s_zone_or_its_own():
    for zone, stored in ((None, None), ("", None), ("Asia/Oral", "Asia/Oral")):
        made = operations.create_institution(
            actor=COORDINATOR, details=InstitutionDetails(**names(f"In {zone}"), time_zone=zone)
        )
        assert made.time_zone == stored


def test_deputies_of_deputies_and_no_circles():
    first, second, third = (records.official() for _number in range(3))
    update(second, deputy_of_id=first.id)
    update(third, deputy_of_id=second.id)
    assert queries.deputies_of(first.id) == [second]
    says = refused("deputy_of_id", update, first, deputy_of_id=third.id)
    assert third.name_en in says
    assert "own deputy" in refused("deputy_of_id", update, first, deputy_of_id=first.id)
    refused("deputy_of_id", update, first, deputy_of_id=999)
    update(third, deputy_of_id=None)
    update(first, deputy_of_id=third.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("buffer_minutes", 241),
        ("buffer_minutes", -1),
        ("most_a_day", 0),
        ("most_a_day", 31),
        ("assistant_email", "nobody"),
        ("assistant_email", "a@b, c@d.example"),
        ("institution_id", 999),
    ],
)
def test_what_does_not_hold_is_said_beside_its_field(field, value):
    refused(field, update, records.official(), **{field: value})


def test_a_change_that_somebody_made_meanwhile_is_shown_in_words():
    official, other = records.official(), records.official(name_en="Aigul")
    seen = official.version
    update(official, deputy_of_id=other.id, hours=("09:00-10:00", *("",) * 6), is_active=False)
    mine = details(official, deputy_of_id=None, is_active=True)
    with pytest.raises(Stale) as stale:
        operations.update_official(
            actor=COORDINATOR, official=official, details=mine, seen_version=seen
        )
    found = {change.field: (change.theirs, change.yours) for change in stale.value.differences}
    assert found == {
        "deputy_of_id": ("Aigul", ""),
        "is_active": (("no",), ("yes",)),
        "monday": ("09:00–10:00", ""),
    }


def test_interpreters_and_their_languages():
    wanted = InterpreterDetails(name="Leyla", languages=("tr", "ar", "en"), email="l@example.org")
    made = operations.create_interpreter(actor=COORDINATOR, details=wanted)
    assert made.languages == "ar,en,tr"
    assert queries.interpreters(only_active=True) == [made]
    for field, changed in (
        ("languages", {"languages": ()}),
        ("languages", {"languages": ("xx",)}),
        ("email", {"email": "nobody"}),
        ("monday", {"hours": ("9-10", *("",) * 6)}),
    ):
        values = {"name": "Leyla", "languages": ("en",)} | changed
        create, kept = operations.create_interpreter, InterpreterDetails(**values)
        refused(field, create, actor=COORDINATOR, details=kept)
    raw = db.session.execute(sa.text("SELECT email FROM interpreters")).scalar_one()
    assert "example" not in raw


def add(official, on=FRIDAY, hours="", **more):
    return add_day(
        actor=COORDINATOR, official=official, on=on, hours=hours, time_zone=ALMATY, **more
    )


def test_a_day_is_entered_once_and_removed_whole():
    official = records.official()
    add(official, hours="10:00-12:00, 14:00-15:00", reason="Visit")
    (day,) = queries.days_from(official.id, FRIDAY)
    assert day.spans == ((time(10), time(12)), (time(14), time(15)))
    assert day.reason == "Visit"
    assert "already" in refused("on", add, official)
    refused("hours", add, official, FRIDAY + timedelta(days=1), "10")
    add(official, FRIDAY + timedelta(days=1))
    rows = queries.official_days_between(FRIDAY, FRIDAY + timedelta(days=1))
    assert [(row.on, row.starts) for row in rows] == [
        (FRIDAY, time(10)),
        (FRIDAY, time(14)),
        (FRIDAY + timedelta(days=1), None),
    ]
    row = queries.day_for(official, day.day_id)
    operations.remove_day(actor=COORDINATOR, official=official, day=row)
    assert [day.spans for day in queries.days_from(official.id, FRIDAY)] == [()]


def test_a_day_that_is_over_there_is_refused():
    official = records.official()
    late = datetime(2022, 11, 18, 19, tzinfo=ZoneInfo("UTC"))  # 01:00 on Saturday in Almaty
    with clock.at(late):
        assert "over" in refused("on", add, official)
    with clock.at(late - 2 * HOUR):
        add(official)


def block(owner, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, **more):
    return block_time(actor=COORDINATOR, owner=owner, starts_at=starts_at, ends_at=ends_at, **more)


def test_everybody_and_every_hall_can_be_blocked():
    for owner in (records.official(), records.hall(), records.interpreter()):
        row = block(owner, label="Board")
        assert {name: getattr(row, name) for name in owned_by(owner)} == owned_by(owner)
        assert queries.blocked_for(owner, row.id) is row
    assert len(queries.blocked_between(NOW, NOW + 2 * HOUR)) == 3
    assert queries.blocked_between(NOW, NOW + HOUR) == []
    assert queries.blocked_between(NOW + 2 * HOUR, NOW + 3 * HOUR) == []


def test_a_blocked_time_has_an_end_ahead():
    official = records.official()
    refused("ends", block, official, NOW + HOUR, NOW + HOUR)
    refused("ends", block, official, NOW, NOW + timedelta(days=367))
    assert "over" in refused("ends", block, official, NOW - 2 * HOUR, NOW)


def test_why_an_official_is_away_is_neither_clear_in_the_database_nor_on_record():
    add(records.official(), reason="Dentist")
    records.day_off(records.official(), FRIDAY, label="Dentist")  # as entered before revision 0040
    away = records.official()
    records.day_off(away, FRIDAY, label="Dentist")
    assert queries.days_from(away.id, FRIDAY)[0].reason == "Dentist"
    db.session.commit()
    assert encrypt_reasons() == 2
    assert encrypt_reasons() == 0
    assert queries.days_from(away.id, FRIDAY)[0].reason == "Dentist"
    for table in ("official_days", "audit_entries"):
        for stored in db.session.execute(sa.text(f"SELECT * FROM {table}")):
            assert "Dentist" not in str(stored)


def test_reasons_are_encrypted_in_batches(monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    official = records.official()
    for number in range(5):
        records.day_off(official, FRIDAY + timedelta(days=number), label="Dentist")
    db.session.commit()
    assert encrypt_reasons() == 5
    assert {day.reason for day in queries.days_from(official.id, FRIDAY)} == {"Dentist"}


def test_what_a_time_is_blocked_for_is_neither_clear_in_the_database_nor_on_record():
    row = block(records.official(), label="Dentist")
    operations.unblock_time(actor=COORDINATOR, blocked=row)
    block(records.official(), label="Dentist")
    assert read_calendar(
        actor=COORDINATOR,
        owner=records.official(),
        content=ics(vevent("SUMMARY:Dentist", "DTSTART:20221118T050000Z", "DURATION:PT1H")),
        time_zone=ALMATY,
    )
    for table in ("blocked_times", "audit_entries"):
        for stored in db.session.execute(sa.text(f"SELECT * FROM {table}")):
            assert "Dentist" not in str(stored)
    query = sa.select(AuditEntry).where(AuditEntry.record_table == "blocked_times")
    entries = db.session.scalars(query.order_by(AuditEntry.position)).all()
    assert [entry.action for entry in entries] == ["insert", "delete", "insert", "insert"]
    assert {(entry.after or entry.before)["label"] for entry in entries} == {"[redacted]"}


def read(owner, *events):
    lines = [vevent(f"SUMMARY:{name}", f"DTSTART:{at}", "DURATION:PT1H") for name, at in events]
    return read_calendar(actor=COORDINATOR, owner=owner, content=ics(*lines), time_zone="Asia/Oral")


def labels(owner):
    query = sa.select(BlockedTime).filter_by(**owned_by(owner)).order_by(BlockedTime.starts_at)
    return [row.label for row in db.session.scalars(query)]


def test_a_calendar_replaces_the_one_before_it_and_nothing_else():
    official, other = records.official(), records.official()
    block(official, label="typed")
    block(other, label="theirs")
    read(other, ("their calendar", "20221120T100000"))
    assert read(official, ("first", "20221118T100000"), ("past", "20221101T100000")) == 1
    assert read(official, ("second", "20221119T100000"), ("later", "20231111T130000")) == 1
    assert labels(official) == ["typed", "second"]
    assert labels(other) == ["theirs", "their calendar"]
    row = db.session.scalars(
        sa.select(BlockedTime).filter_by(source=BlockSource.CALENDAR, official_id=official.id)
    ).one()
    assert row.starts_at == datetime(2022, 11, 19, 10, tzinfo=ZoneInfo("Asia/Oral"))
    assert (row.created_by, row.created_at) == ("Coordinator", NOW)
    assert read(official) == 0
    assert labels(official) == ["typed"]


def test_a_broken_calendar_changes_nothing():
    official = records.official()
    read(official, ("kept", "20221118T100000"))
    for content in (b"", b"PK\x03\x04", b"x" * (2 * 1024 * 1024 + 1)):
        values = {"content": content, "time_zone": ALMATY}
        refused("calendar", read_calendar, actor=COORDINATOR, owner=official, **values)
    assert labels(official) == ["kept"]


def test_ways_are_saved_as_a_whole():
    one, two, three = (records.institution().id for _number in range(3))
    empty = version_of({})
    set_travel_times(
        actor=COORDINATOR, minutes={(one, two): 0, (two, three): 20}, seen_version=empty
    )
    assert queries.travel_times() == {(one, two): 0, (two, three): 20}
    seen = version_of(queries.travel_times())
    wanted = {(one, two): None, (one, three): 600, (two, three): 20}
    assert set_travel_times(actor=COORDINATOR, minutes=wanted, seen_version=seen) == 2
    assert queries.travel_times() == {(one, three): 600, (two, three): 20}
    with pytest.raises(Stale) as stale:
        set_travel_times(actor=COORDINATOR, minutes={(one, three): 5}, seen_version=seen)
    (change,) = stale.value.differences
    assert (change.field, change.theirs, change.yours) == (f"way_{one}_{three}", 600, 5)
    now = version_of(queries.travel_times())
    wrong = {"minutes": {(one, two): 601}, "seen_version": now}
    refused(f"way_{one}_{two}", set_travel_times, actor=COORDINATOR, **wrong)


def test_only_those_who_keep_the_directory_change_it():
    official, hall = records.official(), records.hall()
    day = add(official)[0]
    for call, values in (
        (add_day, {"official": official, "on": FRIDAY, "hours": "", "time_zone": ALMATY}),
        (operations.remove_day, {"official": official, "day": day}),
        (block_time, {"owner": hall, "starts_at": NOW, "ends_at": NOW + HOUR}),
        (operations.unblock_time, {"blocked": block(hall)}),
        (read_calendar, {"owner": hall, "content": b"", "time_zone": ALMATY}),
        (set_travel_times, {"minutes": {}, "seen_version": 1}),
    ):
        with pytest.raises(Forbidden):
            call(actor=REGISTRAR, **values)
    assert db.session.get(OfficialDay, day.id) is day
    assert SYSTEM.may("edit_officials")
