"""The fields of a list as the record takes them, and back: what an undo puts back."""

from collections.abc import Mapping
from datetime import date

from tracker.accreditation.models import Accreditation, Function
from tracker.accreditation.operations import Place, update_observer
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.lists.checking import listed
from tracker.observers.issuers import issuer_of
from tracker.observers.models import DocumentType, Observer, Sex
from tracker.observers.operations import PersonDetails


def details_of(values: Mapping[str, str], portrait: str | None) -> PersonDetails:
    """The person of a row; `portrait` is the storage key of a picture."""

    def day(name: str) -> date | None:
        return date.fromisoformat(values[name]) if values.get(name) else None

    citizenship, kind = values.get("citizenship"), values.get("document_kind")
    return PersonDetails(
        surname=values.get("surname", ""),
        given_names=values.get("given_names", ""),
        native_name=values.get("native_name"),
        sex=Sex(values["sex"]) if values.get("sex") else None,
        birth_date=day("birth_date"),
        citizenship=citizenship,
        occupation=values.get("occupation"),
        languages=values.get("languages", "")[:100],
        email=values.get("email"),
        phone=values.get("phone"),
        portrait=portrait,
        document_kind=DocumentType(kind) if kind else None,
        document_number=values.get("document_number"),
        issuing_state=values.get("issuing_state") or (issuer_of(citizenship or "") or None),
        document_expires_on=day("document_expiry"),
    )


def place_of(values: Mapping[str, str], *, replaces_id: int | None = None) -> Place:
    """The place of a row's person in the delegation."""
    pledge = values.get("pledge_signed_on")
    return Place(
        function=Function(values["function"]) if values.get("function") else None,
        region=values.get("region"),
        pledge_signed_on=date.fromisoformat(pledge) if pledge else None,
        replaces_id=replaces_id,
    )


def snapshot(row: Accreditation) -> dict[str, str]:
    """What an undo puts back, in the fields of a list."""
    values = listed(row)
    return values | ({"region": row.region} if row.region else {})


def save(
    actor: Actor,
    election: Election,
    row: Accreditation,
    values: Mapping[str, str],
    portrait: str | None,
) -> None:
    """Write the fields of a list over an accreditation and its person."""
    person: Observer = row.observer
    update_observer(
        actor=actor,
        election=election,
        row=row,
        person=person,
        details=details_of(values, portrait),
        place=place_of(values),
        seen_version=row.version + person.version,
    )
