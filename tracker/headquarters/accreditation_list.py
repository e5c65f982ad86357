"""Who was presented to the commission and what became of it, for the commission's own system.

docs/accreditation-list.md and docs/accreditation-list.schema.json say what each field means: other
programs read it, so a field is never renamed, and one that is added is optional.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, Resolution, Submission, SubmissionItem
from tracker.credentials.models import Certificate
from tracker.credentials.rules import LIVE
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.disclosure import Origin
from tracker.kernel.listing import streamed
from tracker.kernel.permissions import Capability
from tracker.kernel.tables import Column
from tracker.observers.models import Observer, TravelDocument
from tracker.organizations.models import Organization

VERSION = "accreditation-list/1"


@dataclass(frozen=True)
class Field:
    """One field: its name in the file, where it is stored, and who is given it."""

    name: str
    column: Any
    capability: Capability | None = None  # None: whoever may take lists


BORN, NUMBERS = Capability.SEE_BIRTH_DATES, Capability.SEE_DOCUMENT_NUMBERS
FIELDS = (
    Field("accreditation", Accreditation.id),
    Field("status", Accreditation.status),
    Field("status_at", Accreditation.status_at),
    Field("surname", Observer.surname),
    Field("given_names", Observer.given_names),
    Field("native_name", Observer.native_name),
    Field("sex", Observer.sex),
    Field("birth_date", Observer.birth_date, BORN),
    Field("citizenship", Observer.citizenship),
    Field("function", Accreditation.function),
    Field("region", Accreditation.region),
    Field("delegation", Accreditation.delegation_id),
    Field("organization", Organization.name_en),
    Field("organization_kind", Organization.kind),
    Field("organization_country", Organization.country),
    Field("submission", Submission.number),
    Field("submitted_at", Submission.submitted_at),
    Field("decision", SubmissionItem.decision),
    Field("ground", SubmissionItem.ground),
    Field("resolution", Resolution.number),
    Field("resolution_at", Resolution.effective_at),
    Field("certificate", Certificate.serial),
    Field("certificate_valid_until", Certificate.valid_until),
    Field("document_kind", TravelDocument.kind),
    Field("document_issuer", TravelDocument.issuing_state),
    Field("document_number", TravelDocument.number, NUMBERS),
    Field("document_expires_on", TravelDocument.expires_on),
)


def fields_for(actor: Actor) -> tuple[Field, ...]:
    """The fields that the actor is given; what they may not see is not read either."""
    return tuple(each for each in FIELDS if not each.capability or actor.may(each.capability))


def entries(election: Election, fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    """Everybody who was ever presented, by name, with their last submission; streamed."""
    item, latest = SubmissionItem, sa.orm.aliased(SubmissionItem)
    last = (
        sa.select(sa.func.max(latest.id))
        .where(latest.accreditation_id == Accreditation.id)
        .scalar_subquery()
    )
    carried = sa.and_(
        Certificate.accreditation_id == Accreditation.id, Certificate.status.in_(LIVE)
    )
    query = (
        sa.select(*(each.column.label(each.name) for each in fields))
        .select_from(Accreditation)
        .join(item, sa.and_(item.accreditation_id == Accreditation.id, item.id == last))
        .join(Submission, Submission.id == item.submission_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .outerjoin(Resolution, Resolution.id == item.resolution_id)
        .outerjoin(Certificate, carried)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .where(Accreditation.election_id == election.id)
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    for row in streamed(query):
        yield {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    """Moments in UTC, to the second, and days (RFC 3339); all else as it is."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def columns_of(fields: Sequence[Field]) -> list[Column]:
    """The same as columns, whose heads are the names of the fields in every language."""
    return [Column(each.name, each.name, partial(_cell, each.name)) for each in fields]


def _cell(name: str, entry: dict[str, Any]) -> Any:
    return entry[name]


def write_json(
    file: IO[bytes], election: Election, rows: Iterable[dict[str, Any]], origin: Origin
) -> None:
    """The list as one JSON object, an entry a line, written as the entries come."""
    text = io.TextIOWrapper(file, "utf-8", newline="\n")
    head = {"version": VERSION, "election": election.slug, "made_at": _plain(origin.at)}
    head |= {"made_by": origin.who, "mark": origin.mark}
    text.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "entries": [')
    origin.rows = 0
    for row in rows:
        text.write(",\n" if origin.rows else "\n")
        text.write(json.dumps(row, ensure_ascii=False))
        origin.rows += 1
    text.write(f'\n], "count": {origin.rows}}}\n')
    text.detach()
