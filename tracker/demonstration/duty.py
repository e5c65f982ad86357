"""Headquarters on duty in the demonstration: a week of shifts, two days of the log, its numbers."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.queries import actor_of
from tracker.delegations.models import Delegation
from tracker.demonstration.rows import DATA, rows_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.i18n import force_locale
from tracker.logistics.handing_over import hand_over_text, sections
from tracker.logistics.models.duty import DutyFunction, DutyNote, NoteKind
from tracker.logistics.operations.duty_contacts import ContactDetails, keep_contact
from tracker.logistics.operations.duty_log import NoteDetails, close_note, write_note
from tracker.logistics.operations.duty_roster import Person, repeat_shifts
from tracker.logistics.operations.hand_overs import give_over, take_over
from tracker.logistics.queries.duty_roster import on_duty
from tracker.logistics.queries.hand_overs import matters
from tracker.logistics.rules.duty import ROUND_THE_CLOCK, Turn

FIRST, LAST = date(2022, 11, 14), date(2022, 11, 19)  # the night after is left open on purpose
READING = timedelta(minutes=4)  # what was handed over, before it is taken over


def build_duty(
    election: Election, delegations: Mapping[str, Delegation], moment: Callable[[str], datetime]
) -> None:
    """Enter the roster, the contacts, and the log with its hand-overs, each at its moment."""
    actors = {"day": _actor("coordinator"), "night": _actor("registrar")}
    with clock.at(moment("2022-11-12T10:00")):
        _roster(election, actors)
        _contacts(election, actors["day"])
    for row in rows_of(DATA / "duty_log.csv"):
        with clock.at(moment(row["at"])):
            match row["step"]:
                case "hand_over":
                    _hand_over(election, actors, row["by"], row["text"])
                case "close":
                    number = int(row["reference"])
                    query = sa.select(DutyNote).filter_by(election_id=election.id, number=number)
                    note = db.session.scalars(query).unique().one()
                    close_note(actor=actors[row["by"]], note=note, word=row["text"])
                case _:
                    _note(election, delegations, actors[row["by"]], row)


def _actor(role: str) -> Actor:
    return actor_of(db.session.scalar(sa.select(User.id).where(User.email.startswith(f"{role}@"))))


def _roster(election: Election, actors: Mapping[str, Actor]) -> None:
    for row in rows_of(DATA / "duty_shifts.csv"):
        turn = Turn(time.fromisoformat(row["starts"]), time.fromisoformat(row["ends"]))
        account = actors[row["by"]].user_id if row["by"] else None
        person = Person(user_id=account, name=row["name"] or None, phone=row["phone"])
        repeat_shifts(
            actor=actors["day"],
            election=election,
            function=DutyFunction(row["function"]),
            turns=[(turn, person)],
            first=FIRST,
            last=LAST,
        )


def _contacts(election: Election, actor: Actor) -> None:
    for row in rows_of(DATA / "duty_contacts.csv"):
        optional = ("name_ru", "name_kk", "duty", "email", "note")
        details = ContactDetails(
            name_en=row["name_en"],
            phone=row["phone"],
            position=int(row["position"]),
            **{name: row[name] or None for name in optional},
        )
        keep_contact(actor=actor, election=election, details=details)


def _note(
    election: Election, delegations: Mapping[str, Delegation], actor: Actor, row: dict[str, str]
) -> None:
    details = NoteDetails(
        kind=NoteKind(row["step"]),
        text=row["text"],
        delegation_id=delegations[row["sender"]].id if row["sender"] else None,
        reference=row["reference"] or None,
        needs_follow_up=bool(row["follow_up"]),
    )
    write_note(actor=actor, election=election, details=details)


def _hand_over(election: Election, actors: Mapping[str, Actor], by: str, word: str) -> None:
    now = clock.now()
    shifts = on_duty(election.id, now)
    with force_locale("en"):
        text = hand_over_text(word, sections(matters(election.id, now), election, now))
    given = give_over(
        actor=actors[by],
        election=election,
        text=text,
        shift=next(each for each in shifts if each.function is ROUND_THE_CLOCK),
    )
    with clock.at(now + READING):
        taker = actors["night" if by == "day" else "day"]
        take_over(actor=taker, hand_over=given)
