"""Whom to call: the entries that headquarters keeps itself, and everybody whom others entered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from tracker.delegations.models import Delegation, DelegationContact
from tracker.delegations.queries import delegations_of, heads_of
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.clock import local
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, language_name, localized
from tracker.logistics.models.duty import DutyContact
from tracker.logistics.queries.duty_roster import on_duty
from tracker.officials.labels import post_of
from tracker.officials.queries import halls, interpreters, officials


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sheet, in the reader's language."""

    name: str
    duty: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    delegation_id: int | None = None
    contact_id: int | None = None
    function: str = ""  # of somebody on duty, as stored


@dataclass(frozen=True)
class Sheet:
    """Everybody, by where they were entered."""

    on_duty: list[Line]
    own: list[Line]
    delegations: list[tuple[str, list[Line]]]
    officials: list[Line]
    halls: list[Line]
    interpreters: list[Line]


def own_contacts(election_id: int) -> Sequence[DutyContact]:
    """The entries of headquarters in their order."""
    query = sa.select(DutyContact).where(DutyContact.election_id == election_id)
    return db.session.scalars(query.order_by(DutyContact.position, DutyContact.id)).all()


def duty_contact_for(election_id: int, contact_id: int) -> DutyContact:
    """One entry; raises `NotFound`."""
    found = db.session.get(DutyContact, contact_id)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such contact."))
    return found


def contacts_sheet(actor: Actor, election: Election, now: datetime) -> Sheet:
    """The whole sheet as of a moment, in a number of statements that does not grow."""
    today = local(now, election.time_zone).date()
    return Sheet(
        [
            Line(name=row.person, function=row.function, phone=row.phone or "")
            for row in on_duty(election.id, now)
        ],
        [_own(row) for row in own_contacts(election.id)],
        _delegations(delegations_of(actor, election.id), today),
        [
            Line(
                name=localized(row, "name"),
                duty=post_of(row),
                phone=row.assistant_contact or "",
                email=row.assistant_email or "",
            )
            for row in officials(only_active=True)
            if row.assistant_contact or row.assistant_email
        ],
        [
            Line(
                name=localized(row, "name"),
                duty=localized(row.institution, "name"),
                note=row.institution.address or "",
            )
            for row in halls(only_active=True)
        ],
        [
            Line(
                name=row.name,
                duty=", ".join(language_name(code) for code in row.language_codes),
                phone=row.phone or "",
                email=row.email or "",
            )
            for row in interpreters(only_active=True)
        ],
    )


def _own(row: DutyContact) -> Line:
    return Line(
        name=localized(row, "name"),
        duty=row.duty or "",
        phone=row.phone,
        email=row.email or "",
        note=row.note or "",
        contact_id=row.id,
    )


def _contacts_on(day: date, delegation_ids: Iterable[int]) -> dict[int, list[DelegationContact]]:
    """The contacts in force on a day, by delegation."""
    row = DelegationContact
    query = sa.select(row).where(
        row.delegation_id.in_(list(delegation_ids)),
        row.effective_on <= day,
        sa.or_(row.ended_on.is_(None), row.ended_on > day),
    )
    found: dict[int, list[DelegationContact]] = {}
    for contact in db.session.scalars(query.order_by(row.effective_on, row.id)):
        found.setdefault(contact.delegation_id, []).append(contact)
    return found


def _delegations(rows: Sequence[Delegation], today: date) -> list[tuple[str, list[Line]]]:
    """Each delegation that anybody is known of: its head, its contacts, its liaison officer."""
    ids = [row.id for row in rows]
    heads, contacts = heads_of(ids, today), _contacts_on(today, ids)
    found = []
    for row in rows:
        lines = []
        if head := heads.get(row.id):
            lines.append(Line(name=head.name, duty=head.title or "", function="head"))
        lines += [
            Line(
                name=each.name, duty=each.duty or "", phone=each.phone or "", email=each.email or ""
            )
            for each in contacts.get(row.id, ())
        ]
        if row.liaison_officer:
            officer = Line(
                name=row.liaison_officer, phone=row.liaison_phone or "", function="liaison_officer"
            )
            lines.append(officer)
        if lines:
            found.append((localized(row.organization, "name"), lines))
    return found
