"""What changes persons: their names, their travel document, their portrait."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.audit.capture import insert_many
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, reserve_ids
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.text import search_key
from tracker.observers.matching import Match, Person, block_key
from tracker.observers.models import (
    DocumentType,
    DuplicateDecision,
    DuplicateVerdict,
    Observer,
    Sex,
    TravelDocument,
)
from tracker.observers.queries import Known, birth_digest, decisions_on, look_alikes, persons

_NOT_NUMBER = re.compile(r"[^A-Z0-9]")
EARLIEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """What is typed of a person; `document_number` None keeps the stored one."""

    surname: str
    given_names: str = ""
    native_name: str | None = None
    sex: Sex | None = None
    birth_date: date | None = None
    citizenship: str | None = None
    occupation: str | None = None
    languages: str = ""
    email: str | None = None
    phone: str | None = None
    portrait: str | None = None
    document_kind: DocumentType | None = None
    document_number: str | None = None
    issuing_state: str | None = None
    document_expires_on: date | None = None


class NewPerson(NamedTuple):
    """What the caller needs of a person just created."""

    id: int
    sort_key: str


CONTACTS = ("occupation", "languages", "email", "phone")
NAMES = ("surname", "given_names")
IDENTITY = (*NAMES, "native_name", "sex", "citizenship", "portrait")


def document_digest(issuing_state: str, number: str) -> str:
    """The keyed digest under which a travel document is found again."""
    return keyring.digest(f"{issuing_state}:{_NOT_NUMBER.sub('', number.upper())}")


def identity_digest(surname: str, given_names: str, birth_date: date) -> str:
    """The keyed digest of names (any alphabet, any order) with the date of birth."""
    names = " ".join(sorted(search_key(f"{surname} {given_names}").split()))
    return keyring.digest(f"{names}:{birth_date.isoformat()}")


def holder_of(issuing_state: str | None, number: str | None) -> Observer | None:
    """The person who is known to hold this travel document."""
    if not issuing_state or not number:
        return None
    digest = document_digest(issuing_state, number)
    return db.session.scalar(
        sa.select(Observer)
        .join(TravelDocument)
        .where(
            TravelDocument.issuing_state == issuing_state, TravelDocument.number_digest == digest
        )
    )


def others_like(details: PersonDetails, *, but: int | None = None) -> list[tuple[Known, Match]]:
    """Other persons who may be this one, the likeliest first; who was decided to differ is left
    out, and so is the holder of the same travel document, who is known to be the same."""
    person = Person(
        surname=details.surname,
        given_names=details.given_names,
        native_name=details.native_name,
        birth_date=details.birth_date,
        sex=details.sex.value if details.sex else None,
        citizenship=details.citizenship,
        document_number=details.document_number,
        issuing_state=details.issuing_state,
    )
    found = look_alikes(person, but=but)
    holder = holder_of(details.issuing_state, details.document_number)
    decided = decisions_on([but]) if but else {}
    return [
        (known, match)
        for known, match in found[:5]
        if (holder is None or known.id != holder.id)
        and tuple(sorted((but or 0, known.id))) not in decided
    ]


def _check(details: PersonDetails, today: date) -> None:
    if not search_key(f"{details.surname} {details.given_names}"):
        raise Refused(N_("Give the names as in the passport."), field="surname")
    born = details.birth_date
    if born and not EARLIEST_BIRTH <= born <= today:
        raise Refused(N_("The date of birth cannot be %(day)s."), field="birth_date", day=born)
    if details.document_number and not details.issuing_state:
        raise Refused(N_("Choose who issued the travel document."), field="issuing_state")
    if details.document_number and not _NOT_NUMBER.sub("", details.document_number.upper()):
        raise Refused(N_("Give the number of the travel document."), field="document_number")


def _person_values(details: PersonDetails) -> dict[str, Any]:
    """The columns of a person, keys for finding them included."""
    born = details.birth_date
    names = f"{details.surname} {details.given_names}"
    return {name: getattr(details, name) for name in IDENTITY + CONTACTS} | {
        "search_key": search_key(f"{names} {details.native_name or ''}"),
        "sort_key": search_key(names),
        "birth_date": born.isoformat() if born else None,
        "identity_digest": (
            identity_digest(details.surname, details.given_names, born) if born else None
        ),
        "birth_digest": birth_digest(born),
        "block_key": block_key(details.surname, details.given_names),
    }


def _document_values(details: PersonDetails) -> dict[str, Any]:
    """The columns of a travel document whose number is given."""
    number = _NOT_NUMBER.sub("", (details.document_number or "").upper())
    return {
        "kind": details.document_kind or DocumentType.PASSPORT,
        "issuing_state": details.issuing_state,
        "number": number,
        "number_digest": document_digest(details.issuing_state or "", number),
        "number_ending": number[-min(4, len(number) // 2) :] if len(number) > 1 else "",
        "expires_on": details.document_expires_on,
    }


def _document(observer: Observer, details: PersonDetails) -> None:
    """Store the travel document; a number left empty keeps the one that is stored."""
    document = observer.document
    if details.document_number:
        values = _document_values(details)
        if document is None:
            document = observer.document = TravelDocument(**values)
        for name, value in values.items():
            setattr(document, name, value)
    if document is not None:
        document.expires_on = details.document_expires_on
        if details.document_kind:
            document.kind = details.document_kind


def _flush() -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("Another person is already recorded with this travel document."),
            field="document_number",
        ) from error


def completed(details: PersonDetails, observer: Observer) -> PersonDetails:
    """What is given of a known person, and where it is silent what is on record: nothing is taken
    away by not speaking of it. Names are given whole, and another travel document has nothing of
    the old one."""
    document = observer.document
    known = {name: getattr(observer, name) for name in (*IDENTITY, *CONTACTS) if name not in NAMES}
    known["birth_date"] = observer.born_on
    if document is not None and not _is_another(details, document):
        known |= {"document_kind": document.kind, "document_expires_on": document.expires_on}
        details = replace(
            details, document_number=document.number, issuing_state=document.issuing_state
        )
    return replace(
        details, **{name: value for name, value in known.items() if not getattr(details, name)}
    )


def _is_another(details: PersonDetails, document: TravelDocument) -> bool:
    """Whether a number is given and it is not that of the document."""
    if not details.document_number:
        return False
    digest = document_digest(details.issuing_state or "", details.document_number)
    return digest != document.number_digest


def changed_identity(details: PersonDetails, observer: Observer) -> str | None:
    """The first field in which the details tell of another identity than the record, if one."""
    document = observer.document
    kept: dict[str, Any] = {name: getattr(observer, name) for name in IDENTITY}
    kept["portrait"] = details.portrait and observer.portrait  # none given: it stays
    kept["birth_date"] = observer.born_on
    if document is not None:
        kept["document_kind"] = details.document_kind and document.kind
        kept["document_expires_on"] = document.expires_on
        if _is_another(details, document):
            return "document_number"
    elif details.document_number:
        return "document_number"
    return next(
        (name for name in kept if (getattr(details, name) or None) != (kept[name] or None)), None
    )


def _check_holder(details: PersonDetails, observer: Observer) -> None:
    """Only one person holds a travel document; one's own needs no look."""
    if observer.document is not None and not _is_another(details, observer.document):
        return
    holder = holder_of(details.issuing_state, details.document_number)
    if holder is not None and holder.id != observer.id:
        raise Refused(
            N_("%(name)s is already recorded with this travel document."),
            field="document_number",
            name=f"{holder.given_names} {holder.surname}".strip(),
        )


def save_person(
    *, actor: Actor, details: PersonDetails, today: date, observer: Observer | None = None
) -> Observer:
    """Create a person, or change one whole.

    Who holds the travel document already is `holder_of`, and comes back as such; raises `Refused`
    where it is another than the one who is changed.
    """
    actor.require(Capability.EDIT_OBSERVERS)
    _check(details, today)
    if observer is None:
        observer = Observer()
    else:
        _check_holder(details, observer)
        details = replace(details, portrait=details.portrait or observer.portrait)
    for name, value in _person_values(details).items():
        setattr(observer, name, value)
    db.session.add(observer)
    _document(observer, details)
    _flush()
    return observer


def add_persons(*, actor: Actor, people: Sequence[PersonDetails], today: date) -> list[NewPerson]:
    """Create many persons whose travel documents nobody holds yet, in few statements."""
    actor.require(Capability.EDIT_OBSERVERS)
    ids = reserve_ids(Observer, len(people))
    rows, documents = [], []
    for key, details in zip(ids, people, strict=True):
        _check(details, today)
        rows.append({"id": key} | _person_values(details))
        if details.document_number:
            documents.append({"observer_id": key} | _document_values(details))
    try:
        with db.session.begin_nested():
            insert_many(Observer, rows)
            insert_many(TravelDocument, documents)
    except IntegrityError as error:
        raise Refused(
            N_("Another person is already recorded with this travel document."),
            field="document_number",
        ) from error
    return [NewPerson(row["id"], row["sort_key"]) for row in rows]


def decide_duplicate(*, actor: Actor, one: int, other: int, verdict: DuplicateVerdict) -> None:
    """Keep what was decided of two persons; the latest decision holds."""
    actor.require(Capability.EDIT_OBSERVERS)
    low, high = sorted((one, other))
    if low == high or len(persons((low, high))) != 2:
        raise NotFound(N_("There is no such observer."))
    query = sa.select(DuplicateDecision).where(
        DuplicateDecision.one_id == low, DuplicateDecision.other_id == high
    )
    row = db.session.scalar(query) or DuplicateDecision(one_id=low, other_id=high)
    row.verdict, row.decided_by, row.decided_at = verdict, actor.name, clock.now()
    db.session.add(row)
    db.session.flush()


def index_persons() -> int:
    """Make the keys anew by which likenesses are found; return how many persons there are.

    After an upgrade that adds or changes them; the persons themselves stay as they are.
    """
    count, last = 0, 0
    while True:
        query = sa.select(Observer).where(Observer.id > last).order_by(Observer.id).limit(1_000)
        rows = db.session.scalars(query).all()
        if not rows:
            return count
        values = [
            {
                "which": row.id,
                "key": block_key(row.surname, row.given_names),
                "birth": birth_digest(row.born_on),
            }
            for row in rows
        ]
        count, last = count + len(rows), rows[-1].id
        db.session.expunge_all()
        table = Observer.__table__
        statement = sa.update(table).where(table.c.id == sa.bindparam("which"))  # type: ignore[arg-type]
        statement = statement.values(
            block_key=sa.bindparam("key"), birth_digest=sa.bindparam("birth")
        )
        db.session.connection().execute(statement, values)


def save_contacts(*, actor: Actor, observer: Observer, details: PersonDetails) -> Observer:
    """Change only what does not identify the person."""
    actor.require(Capability.EDIT_OBSERVERS)
    for name in CONTACTS:
        setattr(observer, name, getattr(details, name))
    db.session.flush()
    return observer
