"""A list that is typed person by person, for who has no spreadsheet or corrects somebody.

It is kept as the list that a spreadsheet would have been, so that it is checked, sent, accepted and
undone as any other.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from zipfile import ZIP_STORED, ZipFile

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.accreditation.rules import IDENTITY_EDITABLE
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.lists.checking import listed
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import check_again
from tracker.lists.rules import demand_in_hand
from tracker.observers.portraits import portrait_from

FIELDS = (
    *("surname", "given_names", "native_name", "sex", "birth_date", "citizenship"),
    *("document_kind", "document_number", "issuing_state", "document_expiry"),
    *("function", "occupation", "languages", "email", "phone", "pledge_signed_on"),
)
CHOICES = {
    "encoding": "utf-8-sig",
    "delimiter": ";",
    "header_row": 1,
    "fields": {str(index): name for index, name in enumerate(FIELDS)},
}
FILE_NAME = "typed.csv"
MOST = 500  # rows; more come as a spreadsheet


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One person as typed, in the fields of a list; `corrects` an accreditation that stands."""

    values: Mapping[str, str]
    portrait: bytes | None = None
    corrects: Accreditation | None = None


def typed_list_of(actor: Actor, delegation_id: int) -> ObserverList | None:
    """The list of a delegation that the actor's side is typing, where there is one."""
    query = sa.select(ObserverList).where(
        ObserverList.delegation_id == delegation_id,
        ObserverList.is_typed,
        ObserverList.is_with_delegation == sa.literal(actor.is_of_delegation),
        ObserverList.status == ListStatus.CHECKED,
    )
    return db.session.scalars(query.order_by(ObserverList.id.desc()).limit(1)).first()


def type_person(
    *, actor: Actor, election: Election, delegation: Delegation, person: Typed
) -> ObserverList:
    """Put a person on the list that the delegation is typing; begin one where there is none.

    A correction takes what is left empty from the record, and names whom it corrects. Raises
    `Refused` where that person was submitted already, or the picture is no portrait.
    """
    actor.require(Capability.DELIVER_LISTS)
    row = person.corrects
    if row is not None and row.status not in IDENTITY_EDITABLE:
        raise Refused(N_("This observer has been submitted: ask headquarters for a correction."))
    picture = storage.get(_portrait(person.portrait)) if person.portrait else None
    found = typed_list_of(actor, delegation.id) or _new(actor, election, delegation)
    demand_in_hand(actor, found)
    values = (listed(row) if row else {}) | {k: v for k, v in person.values.items() if v}
    number = _append(found, values)
    if picture is not None:
        _add_picture(found, number, picture)
    if row is not None:
        found.answers = dict(found.answers) | {str(number): {"same_as": row.observer_id}}
    db.session.flush()
    check_again(found, election, delegation)
    return found


def _portrait(content: bytes) -> str:
    try:
        return storage.put(portrait_from(content))
    except Refused as refusal:
        raise Refused(refusal.message, field="portrait", **refusal.params) from refusal


def _new(actor: Actor, election: Election, delegation: Delegation) -> ObserverList:
    found = ObserverList(
        election_id=election.id,
        delegation_id=delegation.id,
        filename=FILE_NAME,
        content=storage.put(_line(FIELDS).encode("utf-8-sig")),
        status=ListStatus.CHECKED,
        is_with_delegation=actor.is_of_delegation,
        is_typed=True,
        choices=CHOICES,
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found


def _line(cells: tuple[str, ...]) -> str:
    text = StringIO()
    csv.writer(text, delimiter=";").writerow(cells)
    return text.getvalue()


def _append(found: ObserverList, values: Mapping[str, str]) -> int:
    """Add a row; return its number as a spreadsheet would show it."""
    content = storage.get(found.content).decode("utf-8-sig")
    number = sum(1 for _row in csv.reader(StringIO(content), delimiter=";")) + 1
    if number > MOST:
        raise Refused(N_("This list is full: send it, and begin another."))
    words = dict(values)
    for name in {"function", "document_kind"} & words.keys():
        words[name] = words[name].replace("_", " ")  # as a list would say it
    cells = tuple(" ".join(words.get(name, "").split()) for name in FIELDS)
    found.content = storage.put((content + _line(cells)).encode("utf-8-sig"))
    return number


def _add_picture(found: ObserverList, number: int, picture: bytes) -> None:
    archive = BytesIO(storage.get(found.portraits) if found.portraits else b"")
    with ZipFile(archive, "a", ZIP_STORED) as pictures:
        pictures.writestr(f"{number}.jpg", picture)
    found.portraits = storage.put(archive.getvalue())
