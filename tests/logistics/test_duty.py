"""Duty at headquarters: nothing is erased, and what presses is handed over to somebody."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import accounts, records
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused, Several, Stale
from tracker.kernel.permissions import Role
from tracker.logistics.models.duty import DutyFunction, NoteKind, NoteStepKind
from tracker.logistics.operations.duty_contacts import ContactDetails, delete_contact, keep_contact
from tracker.logistics.operations.duty_log import NoteDetails, close_note, strike_note, write_note
from tracker.logistics.operations.duty_roster import (
    Person,
    ShiftDetails,
    change_shift,
    delete_shift,
    plan_shift,
    repeat_shifts,
)
from tracker.logistics.operations.hand_overs import give_over, take_over
from tracker.logistics.queries import duty_log as log
from tracker.logistics.queries.duty_contacts import contacts_sheet
from tracker.logistics.queries.duty_roster import on_duty, shifts_between
from tracker.logistics.queries.hand_overs import (
    matters,
    never_taken_over,
    shifts_to_hand_over,
    waiting_hand_overs,
)
from tracker.logistics.roster import week_of
from tracker.logistics.rules.duty import Turn, gaps

ALMATY = ZoneInfo("Asia/Almaty")
COORDINATOR = Actor(None, "Coordinator", frozenset({Role.COORDINATOR}))
F = DutyFunction


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


def wrote(election, text="A call", actor=COORDINATOR, corrects=None, **more):
    details = NoteDetails(**{"kind": NoteKind.CALL, "text": text} | more)
    return write_note(actor=actor, election=election, details=details, corrects=corrects)


def entry_of(note):
    [found] = log.entries([note])
    return found


def test_notes_are_numbered_and_never_lie_ahead(election):
    first = wrote(election)
    assert (first.number, first.happened_at, first.recorded_at) == (1, NOW, NOW)
    earlier = wrote(election, happened_at=NOW - timedelta(hours=3))
    assert (earlier.number, earlier.recorded_at) == (2, NOW)
    with pytest.raises(Refused, match="not come yet"):
        wrote(election, happened_at=NOW + timedelta(seconds=1))
    with pytest.raises(Refused, match="Check the year"):
        wrote(election, happened_at=NOW - timedelta(days=365))
    with pytest.raises(NotFound):
        wrote(election, delegation_id=999)
    with pytest.raises(Forbidden):
        wrote(election, actor=Actor(1, "Official", frozenset({Role.OFFICIAL})))


def test_a_note_is_open_until_somebody_says_how_it_was_followed_up(election):
    note = wrote(election, needs_follow_up=True)
    assert log.open_notes(election.id) == [note]
    with pytest.raises(Refused, match="in a word"):
        close_note(actor=COORDINATOR, note=note, word=" ")
    close_note(actor=COORDINATOR, note=note, word="Called back")
    assert log.open_notes(election.id) == []
    assert entry_of(note).steps[NoteStepKind.CLOSED].word == "Called back"
    with pytest.raises(Refused, match="stands otherwise"):
        close_note(actor=COORDINATOR, note=note, word="Again")


def test_a_struck_note_stays_readable_and_is_open_no_more(election):
    note = wrote(election, text="Wrong\nlines", needs_follow_up=True)
    strike_note(actor=COORDINATOR, note=note, word="Another delegation")
    assert note.text == "Wrong\nlines"
    assert not entry_of(note).stands
    assert log.open_notes(election.id) == []
    for deed in (strike_note, close_note):
        with pytest.raises(Refused, match="stands otherwise"):
            deed(actor=COORDINATOR, note=note, word="Again")
    with pytest.raises(Refused, match="stands otherwise"):
        wrote(election, corrects=note)


def test_a_correction_refers_to_what_it_corrects_and_carries_the_follow_up(election):
    note = wrote(election, text="At 10:00", needs_follow_up=True)
    better = wrote(election, text="At 11:00", corrects=note, needs_follow_up=True)
    assert log.open_notes(election.id) == [better]
    old, new = log.entries([note, better])
    assert (old.corrected_by, old.corrected_by_id, old.stands) == (2, better.id, False)
    assert (new.corrects, new.stands) == (1, True)
    assert note.text == "At 10:00"
    with pytest.raises(Refused, match="stands otherwise"):
        wrote(election, corrects=note)
    third = wrote(election, text="At 12:00", corrects=better)
    assert entry_of(third).corrects == 2


def test_the_log_is_narrowed_by_day_kind_author_delegation_and_what_is_open(election):
    delegation = records.delegation(election)
    note = wrote(
        election,
        happened_at=datetime(2022, 11, 9, 0, 5, tzinfo=ALMATY),
        kind=NoteKind.INCIDENT,
        delegation_id=delegation.id,
        needs_follow_up=True,
    )
    wrote(election, actor=Actor(None, "Registrar", frozenset({Role.REGISTRAR})))
    for wanted in (
        {"day": date(2022, 11, 9)},
        {"kind": NoteKind.INCIDENT},
        {"author": "Coordinator"},
        {"delegation_id": delegation.id},
        {"is_open": True},
    ):
        page = log.notes_page(log.filtered(election, log.Filter(**wanted)), None)
        assert [row[0] for row in page.rows] == [note], wanted
    assert log.count_after(election.id, note.id) == 1


def test_the_text_is_ciphertext_in_the_database(election):
    wrote(election, text="Their passport is lost")
    stored = db.session.execute(sa.text("SELECT text FROM duty_notes")).scalar_one()
    assert "passport" not in stored


def shift_of(name="A. Officer", first=0, last=12, **more):
    starts, ends = NOW + timedelta(hours=first), NOW + timedelta(hours=last)
    values = {"function": F.DUTY_OFFICER, "person": Person(name=name, phone="1")}
    return ShiftDetails(**{**values, "starts_at": starts, "ends_at": ends, **more})


def planned(election, *args, **more):
    return plan_shift(actor=COORDINATOR, election=election, details=shift_of(*args, **more))


def test_who_is_on_duty_at_a_moment_the_duty_officer_first(election):
    user = accounts.user(Role.COORDINATOR)
    planned(election, "B. Driver", function=F.DRIVERS)
    planned(election, person=Person(user_id=user.id, phone="2"))
    assert [each.person for each in on_duty(election.id, NOW)] == [user.name, "B. Driver"]
    assert on_duty(election.id, NOW + timedelta(hours=12)) == []
    assert on_duty(election.id, NOW - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"person": Person()}, "one of them"),
        ({"person": Person(name="A", user_id=1)}, "one of them"),
        ({"person": Person(user_id=999)}, "no such account"),
        ({"last": 0}, "ends after"),
        ({"last": 27}, "a day at most"),
        ({"first": -9000, "last": -8990}, "Check the year"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(election, details, message):
    with pytest.raises(Several, match=message):
        planned(election, **details)


def repeated(election, first, last):
    turns = [
        (Turn(time(9), time(21)), Person(name="A")),
        (Turn(time(21), time(9)), Person(name="B")),
    ]
    around = {"actor": COORDINATOR, "election": election, "function": F.DUTY_OFFICER}
    return repeat_shifts(**around, turns=turns, first=first, last=last)


def test_a_pattern_is_repeated_over_days(election):
    made = repeated(election, date(2022, 11, 14), date(2022, 11, 20))
    assert len(made) == 14
    first, until = made[0].starts_at, made[-1].ends_at
    assert gaps(shifts_between(election.id, first, until), first, until) == []
    week = week_of(date(2022, 11, 14), made, election)
    assert [len(day.strip) for day in week.days] == [2, 3, 3, 3, 3, 3, 3]
    assert sum(block.width for block in week.days[1].strip) == 100
    with pytest.raises(Refused, match="in order"):
        repeated(election, date(2022, 11, 14), date(2022, 11, 13))
    with pytest.raises(Refused, match="in order"):
        repeated(election, date(2022, 11, 14), date(2023, 1, 15))


def test_a_time_that_the_clocks_show_twice_is_refused(session):
    election = records.election(election_on=date(2024, 3, 10))
    around = {"actor": COORDINATOR, "election": election, "function": F.DUTY_OFFICER}
    turn = (Turn(time(23, 30), time(7)), Person(name="A"))
    with pytest.raises(Refused, match="clocks change"):
        repeat_shifts(**around, turns=[turn], first=date(2024, 2, 28), last=date(2024, 3, 2))


def test_a_shift_is_changed_until_it_is_handed_over(election):
    shift = planned(election)
    around = {"actor": COORDINATOR, "election": election, "shift": shift}
    details = shift_of("B. Officer")
    with pytest.raises(Stale) as stale:
        change_shift(**around, details=details, seen_version=7)
    assert [each.field for each in stale.value.differences] == ["name"]
    change_shift(**around, details=details, seen_version=shift.version)
    assert shift.person == "B. Officer"
    give_over(actor=COORDINATOR, election=election, text="All quiet", shift=shift)
    with pytest.raises(Refused, match="stays as it was"):
        change_shift(**around, details=details, seen_version=shift.version)
    with pytest.raises(Refused, match="stays as it was"):
        delete_shift(actor=COORDINATOR, shift=shift)
    other = planned(election)
    delete_shift(actor=COORDINATOR, shift=other)
    assert [each.id for each in on_duty(election.id, NOW)] == [shift.id]


def test_what_was_handed_over_is_taken_over_by_somebody_else_once(election):
    shift, giver, taker = planned(election), *(accounts.user(Role.COORDINATOR) for _ in "ab")
    roles = frozenset({Role.COORDINATOR})
    leaving, coming = (Actor(each.id, each.name, roles) for each in (giver, taker))
    with pytest.raises(Refused, match="not begun"):
        give_over(actor=leaving, election=election, text="x", shift=planned(election, first=1))
    given_over = give_over(actor=leaving, election=election, text="All quiet", shift=shift)
    assert given_over.note.kind is NoteKind.HAND_OVER
    with pytest.raises(Refused, match="stays as it was signed"):
        strike_note(actor=leaving, note=given_over.note, word="No")
    with pytest.raises(Refused, match="waits to be taken over"):
        give_over(actor=leaving, election=election, text="Twice", shift=shift)
    assert waiting_hand_overs(election.id) == [given_over]
    with pytest.raises(Refused, match="Somebody else"):
        take_over(actor=leaving, hand_over=given_over)
    with clock.at(NOW + timedelta(minutes=4)):
        take_over(actor=coming, hand_over=given_over)
    assert given_over.taken.taken_at == NOW + timedelta(minutes=4)
    assert waiting_hand_overs(election.id) == []
    with pytest.raises(Refused, match="same moment"):
        take_over(actor=coming, hand_over=given_over)


def test_a_shift_that_ended_untold_is_said_until_somebody_takes_over(election):
    shift = planned(election, first=-13, last=-1)
    running = planned(election, "B. Officer", first=-1, last=11)
    assert never_taken_over(election.id, NOW) == [shift]
    assert shifts_to_hand_over(election.id, NOW) == [shift, running]
    given_over = give_over(actor=COORDINATOR, election=election, text="Late", shift=shift)
    assert never_taken_over(election.id, NOW) == [shift]
    take_over(actor=COORDINATOR, hand_over=given_over)
    assert never_taken_over(election.id, NOW) == []
    assert shifts_to_hand_over(election.id, NOW) == [running]


def test_what_presses_is_handed_over_and_nothing_else(election):
    delegation = records.delegation(election)
    late = records.assistance(delegation, due_at=NOW - timedelta(hours=1))
    records.assistance(delegation, due_at=NOW + timedelta(hours=1))
    note = wrote(election, needs_follow_up=True)
    wrote(election)
    coming = planned(election, first=3, last=5)
    planned(election, first=13, last=15)
    found = matters(election.id, NOW)
    assert list(found.notes) == [note]
    assert list(found.requests) == [late]
    assert list(found.next) == [coming]
    assert list(found.meetings) == list(found.arrivals) == []


def test_contacts_are_kept_in_their_order_and_stand_on_the_sheet(election):
    around = {"actor": COORDINATOR, "election": election}
    first = keep_contact(**around, details=ContactDetails(name_en="Ambulance", phone="103"))
    details = ContactDetails(name_en="Police", phone="102", position=1)
    keep_contact(**around, details=details)
    records.delegation(election, liaison_officer="L. Officer", liaison_phone="5")
    sheet = contacts_sheet(COORDINATOR, election, NOW)
    assert [line.name for line in sheet.own] == ["Police", "Ambulance"]
    assert [(line.name, line.phone) for _name, lines in sheet.delegations for line in lines] == [
        ("L. Officer", "5")
    ]
    with pytest.raises(Stale):
        keep_contact(**around, details=details, contact=first, seen_version=7)
    keep_contact(**around, details=details, contact=first, seen_version=first.version)
    assert first.phone == "102"
    delete_contact(actor=COORDINATOR, contact=first)
    assert len(contacts_sheet(COORDINATOR, election, NOW).own) == 1
