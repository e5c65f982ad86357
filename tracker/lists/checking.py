"""Reads a list, finds what is on record of its people, and says what each row would do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accreditation.models import Accreditation
from tracker.accreditation.queries import presented_elsewhere
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db, in_chunks
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.storage import storage
from tracker.lists.models import ColumnMemory, ObserverList
from tracker.lists.reconcile import (
    Checked,
    Like,
    Record,
    Standing,
    dropped,
    new_portraits,
    person_of,
    reconcile,
)
from tracker.observers.intake.pictures import match_portrait, portrait_members
from tracker.observers.intake.reading import Choices, Reading, read_list
from tracker.observers.intake.rows import Context, Row
from tracker.observers.models import Observer
from tracker.observers.operations import document_digest
from tracker.observers.queries import holders_of, look_alikes_of_many
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

CHUNK = 2_000  # persons compared with the record at a time
SHEET, ARCHIVE = "sheet:", "zip:"  # where the picture of a row is
OF_PERSON = (
    *("surname", "given_names", "native_name", "sex", "birth_date", "citizenship"),
    *("occupation", "languages", "email", "phone"),
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A list as it stands against the record now."""

    reading: Reading
    rows: list[Checked]
    dropped: list[int]  # accreditation ids
    portraits: Mapping[int, str]  # row number to the archive's member


def choices_of(stored: Mapping[str, Any]) -> Choices:
    """The choices as stored in JSON."""
    fields = {int(index): name for index, name in (stored.get("fields") or {}).items()}
    known = {name: value for name, value in stored.items() if name != "fields"}
    return Choices(**known, fields=fields)


def memory_of(organization_id: int) -> dict[str, str]:
    """What headers meant in earlier lists of this organization."""
    query = sa.select(ColumnMemory.header_key, ColumnMemory.field).where(
        ColumnMemory.organization_id == organization_id
    )
    return {row.header_key: row.field for row in db.session.execute(query)}


def context_of(election: Election) -> Context:
    """What reading depends on: the election's day and host, and today there."""
    today = clock.today(election.time_zone)
    return Context(election_on=election.election_on, host=election.host_country, today=today)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A list as sent, with everything that a person chose and answered about it."""

    content: bytes
    portraits: bytes | None = None
    choices: Choices = field(default_factory=Choices)
    mended: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    function: str | None = None
    pledge_signed_on: date | None = None
    is_with_delegation: bool = False
    is_typed: bool = False  # person by person: it speaks of nobody else


def sent_of(found: ObserverList) -> Sent:
    """The list as kept."""
    mended = {int(number): cells for number, cells in json.loads(found.mended or "{}").items()}
    return Sent(
        content=storage.get(found.content),
        portraits=storage.get(found.portraits) if found.portraits else None,
        choices=choices_of(found.choices),
        mended=mended,
        answers=found.answers or {},
        function=found.function,
        pledge_signed_on=found.pledge_signed_on,
        is_with_delegation=found.is_with_delegation,
        is_typed=found.is_typed,
    )


def check_list(found: ObserverList, election: Election, delegation: Delegation) -> Check:
    """What accepting the list now would do; raises `Refused` where it cannot be read at all."""
    return check_sent(sent_of(found), election, delegation)


def check_sent(sent: Sent, election: Election, delegation: Delegation) -> Check:
    """The same for what is not kept."""
    reading = read_list(
        sent.content,
        context=context_of(election),
        choices=sent.choices,
        memory=memory_of(delegation.organization_id),
        mended=sent.mended,
    )
    _defaults(reading.rows, sent)
    record = _record(reading.rows, election, delegation, sent.answers)
    if sent.is_with_delegation:
        record = record.of_delegation()
    stated = reading.fields | {name for cells in sent.mended.values() for name in cells}
    checked = reconcile(reading.rows, stated, record)
    portraits = _portraits(sent, reading)
    if sent.is_typed:
        new_portraits(checked, portraits)
        return Check(reading=reading, rows=checked, dropped=[], portraits=portraits)
    return Check(
        reading=reading, rows=checked, dropped=dropped(checked, record), portraits=portraits
    )


def _defaults(rows: list[Row], sent: Sent) -> None:
    """The function and the pledge that hold for the whole list, where a row says nothing else."""
    said = {
        "function": sent.function,
        "pledge_signed_on": sent.pledge_signed_on.isoformat() if sent.pledge_signed_on else None,
    }
    for row in rows:
        for name, value in said.items():
            if value:
                row.values.setdefault(name, value)


def _record(
    rows: list[Row], election: Election, delegation: Delegation, answers: Mapping[str, Any]
) -> Record:
    standings = standings_of(delegation.id)
    digests = {
        row.number: (
            row.values["issuing_state"],
            document_digest(row.values["issuing_state"], row.values["document_number"]),
        )
        for row in rows
        if row.values.get("issuing_state") and row.values.get("document_number")
    }
    by_document = holders_of(digests.values())
    holders = {number: by_document[key] for number, key in digests.items() if key in by_document}
    likes: dict[int, list[Like]] = {}
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        found = look_alikes_of_many([person_of(row.values) for row in chunk])
        likes |= {
            row.number: [
                Like(known.id, f"{known.person.surname} {known.person.given_names}".strip(), match)
                for known, match in pairs
            ]
            for row, pairs in zip(chunk, found, strict=True)
            if pairs
        }
    ids = {*holders.values(), *(like.observer_id for some in likes.values() for like in some)}
    return Record(
        standings=standings,
        holders=holders,
        likes=likes,
        elsewhere=_elsewhere(election.id, delegation.id, ids),
        presented=_presented(election.id, ids),
        answers=answers,
    )


def _elsewhere(election_id: int, delegation_id: int, ids: set[int]) -> dict[int, dict[str, str]]:
    """Of these persons, who is live in another delegation of the election, and in which."""
    found: dict[int, dict[str, str]] = {}
    for chunk in in_chunks(ids):
        query = (
            sa.select(
                Accreditation.observer_id,
                *(sender_in(code) for code in LANGUAGES),
            )
            .join(Delegation, Delegation.id == Accreditation.delegation_id)
            .join(Organization, Organization.id == Delegation.organization_id)
            .where(
                Accreditation.election_id == election_id,
                Accreditation.delegation_id != delegation_id,
                Accreditation.is_live,
                Accreditation.observer_id.in_(chunk),
            )
        )
        for observer_id, *names in db.session.execute(query):
            found[observer_id] = dict(zip(LANGUAGES, names, strict=True))
    return found


def _presented(election_id: int, ids: set[int]) -> dict[int, dict[str, str]]:
    """Of these persons, who stands presented in another election, in the fields of a list."""
    found: dict[int, dict[str, str]] = {}
    for chunk in in_chunks(presented_elsewhere(election_id, ids)):
        query = sa.select(Observer).where(Observer.id.in_(chunk))
        found |= {person.id: listed_person(person) for person in db.session.scalars(query)}
    return found


def standings_of(delegation_id: int) -> dict[int, Standing]:
    """The live accreditations of a delegation in the fields of a list, by observer."""
    query = (
        sa.select(Accreditation)
        .options(joinedload(Accreditation.observer))
        .where(Accreditation.delegation_id == delegation_id, Accreditation.is_live)
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return {
        row.observer_id: Standing(row.id, row.observer_id, row.status, listed(row))
        for row in db.session.scalars(query)
    }


def listed(row: Accreditation) -> dict[str, str]:
    """What is on record of an accreditation, in the fields of a list."""
    place = {"function": row.function, "pledge_signed_on": row.pledge_signed_on}
    return listed_person(row.observer) | _texts(place)


def listed_person(person: Observer) -> dict[str, str]:
    """What is on record of a person, in the fields of a list."""
    values: dict[str, Any] = {name: getattr(person, name) for name in OF_PERSON}
    if person.document:
        values |= {
            "document_kind": person.document.kind,
            "document_number": person.document.number,
            "document_expiry": person.document.expires_on,
            "issuing_state": person.document.issuing_state,
        }
    return _texts(values)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in values.items()
        if value
    }


def _portraits(sent: Sent, reading: Reading) -> dict[int, str]:
    """For each row the picture that belongs to it: drawn in the sheet, or in the zip beside it."""
    matched = {row: f"{SHEET}{member}" for row, member in reading.grid.pictures.items()}
    if sent.portraits is None:
        return matched
    members = portrait_members(sent.portraits)
    for row in reading.rows:
        member = match_portrait(
            members,
            row=row.number,
            number=row.values.get("document_number", ""),
            names=f"{row.values.get('surname', '')} {row.values.get('given_names', '')}",
            named=row.values.get("portrait", ""),
        )
        if member:
            matched[row.number] = f"{ARCHIVE}{member}"
    return matched
