"""Observers as programs enter and correct them, and the steps that one of them takes."""

import base64
from dataclasses import fields
from typing import Any

from flask import url_for
from werkzeug.datastructures import Headers

from tracker.accounts.rules import is_email
from tracker.accreditation import operations, queries
from tracker.accreditation.labels import LOCKED
from tracker.accreditation.models import Accreditation
from tracker.accreditation.operations import Place, Reason
from tracker.accreditation.rules import IDENTITY_EDITABLE
from tracker.api.blueprint import blueprint, seen, serves
from tracker.api.problems import Failed, Kind
from tracker.api.routes.observers import ABOUT, shown, version_of
from tracker.api.shapes import observers as shapes
from tracker.api.shapes.common import Empty
from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import regions_of
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import actor
from tracker.observers.operations import PersonDetails, changed_identity, others_like
from tracker.observers.portraits import portrait_from

# A text that a person need not have is null in one column and empty in another.
NEVER_NULL = ("given_names", "languages")
OF_PLACE = frozenset(field.name for field in fields(Place))
OF_PERSON = frozenset(field.name for field in fields(PersonDetails))


def _checked(election: Election, json: shapes.Details) -> dict[str, Any]:
    """What was sent, by name, without what was left out; the portrait is stored."""
    given = {name: getattr(json, name) for name in json.model_fields_set}
    regions = {region.code for region in regions_of(election.host_country)}
    if given.get("region") and given["region"] not in regions:
        raise Refused(N_("There is no such region."), field="region")
    if given.get("email") and not is_email(given["email"]):
        raise Refused(N_("This is not an e-mail address."), field="email")
    if picture := given.pop("portrait", None):
        given["portrait"] = storage.put(portrait_from(base64.b64decode(picture)))
    for name in NEVER_NULL:
        if given.get(name, "") is None:
            given[name] = ""
    return {
        name: value if value != "" or name in NEVER_NULL else None for name, value in given.items()
    }


def _details(values: dict[str, Any]) -> PersonDetails:
    return PersonDetails(**{name: values[name] for name in OF_PERSON if name in values})


def _place(values: dict[str, Any]) -> Place:
    return Place(**{name: values[name] for name in OF_PLACE if name in values})


def _refuse_likeness(details: PersonDetails, json: shapes.Details, but: int | None = None) -> None:
    if not json.is_other_person and others_like(details, but=but):
        raise Failed(
            Kind.LIKENESS,
            N_("A person like this one is recorded already: say is_other_person if it is another."),
        )


@blueprint.post("/elections/<election>/observers")
@serves(Capability.EDIT_OBSERVERS, shapes.Observer, about=ABOUT, status=201, writes=True)
def create_observer(election: str, json: shapes.NewObserver) -> Any:
    """Enter a person into a delegation as a draft; a known travel document is a known person."""
    row = election_for(actor(), election)
    delegation = delegation_for(actor(), row.id, json.delegation_id)
    values = _checked(row, json)
    details = _details(values)
    _refuse_likeness(details, json)
    made = operations.create_accreditation(
        actor=actor(), election=row, delegation=delegation, details=details, place=_place(values)
    )
    found = queries.accreditation_for(actor(), row.id, made.id)
    address = url_for("api.observer", election=row.slug, accreditation_id=made.id)
    return shown(row, found), 201, Headers({"Location": address})


def _stored(row: Accreditation) -> dict[str, Any]:
    """What is recorded now, as it would be typed; the number of a document is kept by itself."""
    person, document = row.observer, row.observer.document
    values = {name: getattr(person, name, None) for name in OF_PERSON}
    values |= {name: getattr(row, name) for name in OF_PLACE}
    values |= {"birth_date": person.born_on, "portrait": None}
    values |= {
        "document_number": None,
        "document_kind": document.kind if document else None,
        "issuing_state": document.issuing_state if document else None,
        "document_expires_on": document.expires_on if document else None,
    }
    return values


def _refuse_locked(row: Accreditation, details: PersonDetails, place: Place) -> None:
    """A program is told that what it sent is not stored, rather than answered as if it were."""
    if row.status in IDENTITY_EDITABLE:
        return
    name = changed_identity(details, row.observer)
    if name is None and place.pledge_signed_on != row.pledge_signed_on:
        name = "pledge_signed_on"
    if name is not None:
        raise Refused(LOCKED, field=name)


@blueprint.patch("/elections/<election>/observers/<int:accreditation_id>")
@serves(Capability.EDIT_OBSERVERS, shapes.Observer, about=ABOUT, writes=True, takes_version=True)
def correct_observer(election: str, accreditation_id: int, json: shapes.Details) -> Any:
    """Change what is sent and leave the rest; identity is locked once submitted."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    version = seen(version_of(found))
    values = _stored(found) | _checked(row, json)
    if not values["surname"]:
        raise Refused(N_("Give the names as in the passport."), field="surname")
    details, place = _details(values), _place(values)
    _refuse_locked(found, details, place)
    _refuse_likeness(details, json, found.observer_id)
    operations.update_observer(
        actor=actor(),
        election=row,
        row=found,
        person=found.observer,
        details=details,
        place=place,
        seen_version=version,
    )
    return shown(row, found)


def _step(election: str, accreditation_id: int) -> tuple[Election, Accreditation]:
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    seen(version_of(found))
    return row, found


@blueprint.post("/elections/<election>/observers/<int:accreditation_id>/register")
@serves(Capability.EDIT_OBSERVERS, shapes.Observer, about=ABOUT, writes=True, takes_version=True)
def register_observer(election: str, accreditation_id: int, json: Empty) -> Any:
    """Register a draft; refused with all that is missing."""
    row, found = _step(election, accreditation_id)
    operations.register_observer(actor=actor(), election=row, row=found)
    return shown(row, found)


@blueprint.post("/elections/<election>/observers/<int:accreditation_id>/withdraw")
@serves(Capability.EDIT_OBSERVERS, shapes.Observer, about=ABOUT, writes=True, takes_version=True)
def withdraw_observer(election: str, accreditation_id: int, json: shapes.Ending) -> Any:
    """Withdraw an observer on a ground."""
    row, found = _step(election, accreditation_id)
    reason = Reason(json.ground, json.ground_text)
    operations.withdraw_accreditation(
        actor=actor(), row=found, reason=reason, effective_at=json.effective_at
    )
    return shown(row, found)


@blueprint.post("/elections/<election>/observers/<int:accreditation_id>/revoke")
@serves(
    Capability.DECIDE_SUBMISSIONS, shapes.Observer, about=ABOUT, writes=True, takes_version=True
)
def revoke_observer(election: str, accreditation_id: int, json: shapes.Ending) -> Any:
    """Revoke an accreditation on a ground, by the commission."""
    row, found = _step(election, accreditation_id)
    reason = Reason(json.ground, json.ground_text)
    operations.revoke_accreditation(
        actor=actor(), row=found, reason=reason, effective_at=json.effective_at
    )
    return shown(row, found)
