"""Observers as programs read them: the list, one, the number of the travel document."""

from typing import Any

from flask import abort

from tracker import people
from tracker.accreditation import queries
from tracker.accreditation.models import Accreditation
from tracker.accreditation.rules import IDENTITY_EDITABLE
from tracker.api.blueprint import blueprint, is_version, serves
from tracker.api.shapes import observers as shapes
from tracker.api.shapes.common import listed
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import disclose
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor

ABOUT = "Observers"
PERSONAL = ("birth_date", "email", "phone")


def version_of(row: Accreditation) -> int:
    """The version of an accreditation with its person: either's change moves it."""
    return row.version + row.observer.version


def shown(election: Election, row: Accreditation) -> shapes.Observer:
    """One observer, as far as the holder of the token may see it; what is shown goes on record."""
    person, document = row.observer, row.observer.document
    personal: dict[str, Any] = dict.fromkeys(PERSONAL)
    if actor().may(Capability.SEE_BIRTH_DATES):
        disclose(person, *PERSONAL)
        personal = {name: getattr(person, name) for name in PERSONAL}
        personal["birth_date"] = person.born_on
    is_open = row.status in IDENTITY_EDITABLE
    lacking = queries.missing_of(election, [row.id])[row.id] if is_open else ()
    of_person = ("surname", "given_names", "native_name", "sex", "citizenship", "occupation")
    of_row = ("id", "delegation_id", "status", "status_at", "function", "region")
    is_version(version_of(row))
    return shapes.Observer(
        **personal,
        **{name: getattr(person, name) for name in (*of_person, "languages")},
        **{name: getattr(row, name) for name in (*of_row, "pledge_signed_on", "replaces_id")},
        document=shapes.Document(
            kind=document.kind,
            issuing_state=document.issuing_state,
            number_ending=document.number_ending,
            expires_on=document.expires_on,
        )
        if document
        else None,
        has_portrait=person.portrait is not None,
        missing=list(lacking),
        history=[
            shapes.Step(
                from_status=step.from_status,
                to_status=step.to_status,
                effective_at=step.effective_at,
                recorded_at=step.recorded_at,
                by=step.actor_name,
                ground=step.ground,
                ground_text=step.ground_text,
                submission=submission,
                resolution=resolution,
            )
            for step, submission, resolution in queries.history_of(row.id)
        ],
    )


def _wanted(query: shapes.ObserverQuery) -> people.Wanted:
    return people.Wanted(
        figure=query.figure or "",
        text=query.q,
        status=query.status,
        delegation_id=query.delegation,
        citizenship=query.citizenship or "",
        function=query.function,
        region=query.region,
        sex=query.sex,
        lacking=query.missing or "",
        as_of=query.as_of,
        known_at=query.known_at,
    )


@blueprint.get("/elections/<election>/observers")
@serves(Capability.VIEW_DELEGATIONS, shapes.ObserverList, about=ABOUT)
def observers(election: str, query: shapes.ObserverQuery) -> Any:
    """Observers by name, narrowed by filters or by a figure, now or as of a moment."""
    row = election_for(actor(), election)
    page = people.observers_at(actor(), row, _wanted(query), "en", query.cursor, query.size)
    plain = ("id", "surname", "given_names", "native_name", "citizenship", "delegation_id")
    more = ("sender", "status", "function", "region")
    items = (
        shapes.ObserverRow(
            has_portrait=each.portrait is not None,
            **{name: getattr(each, name) for name in (*plain, *more)},
        )
        for each in page.rows
    )
    return listed(shapes.ObserverList, page, items)


@blueprint.get("/elections/<election>/observers/<int:accreditation_id>")
@serves(Capability.VIEW_DELEGATIONS, shapes.Observer, about=ABOUT)
def observer(election: str, accreditation_id: int) -> Any:
    """One observer, with what is missing and with the history."""
    row = election_for(actor(), election)
    return shown(row, queries.accreditation_for(actor(), row.id, accreditation_id))


@blueprint.get("/elections/<election>/observers/<int:accreditation_id>/document")
@serves(Capability.SEE_DOCUMENT_NUMBERS, shapes.DocumentNumber, about=ABOUT)
def document_number(election: str, accreditation_id: int) -> Any:
    """The number of the travel document; that it was shown goes on record first."""
    row = election_for(actor(), election)
    found = queries.accreditation_for(actor(), row.id, accreditation_id)
    document = found.observer.document
    if document is None:
        abort(404)
    disclose(document, "number")
    return shapes.DocumentNumber(
        kind=document.kind, issuing_state=document.issuing_state, number=document.number
    )
