"""Accreditations, submissions and resolutions as read by pages and by other parts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Resolution,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.accreditation.rules import Application, Missing, missing
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.observers.models import Observer, TravelDocument
from tracker.organizations.models import Organization


@dataclass(frozen=True)
class Live:
    """Where a person's live accreditation is."""

    accreditation_id: int
    delegation: str


def live_accreditation(election_id: int, observer_id: int) -> Live | None:
    """The live accreditation of a person in an election."""
    query = (
        sa.select(Accreditation.id, Organization.name_en)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.observer_id == observer_id,
            Accreditation.is_live,
        )
    )
    found = db.session.execute(query).first()
    return Live(*found) if found else None


def accreditation_for(actor: Actor, election_id: int, accreditation_id: int) -> Accreditation:
    """The accreditation with its person and delegation; raises `NotFound`, also out of scope."""
    query = (
        sa.select(Accreditation)
        .where(Accreditation.id == accreditation_id, Accreditation.election_id == election_id)
        .options(joinedload(Accreditation.observer), joinedload(Accreditation.delegation))
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such observer."))
    return found


def accreditations(election_id: int, ids: Iterable[int]) -> Sequence[Accreditation]:
    """The accreditations with these ids, by name."""
    query = (
        sa.select(Accreditation)
        .where(Accreditation.election_id == election_id, Accreditation.id.in_(set(ids)))
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return db.session.scalars(query).all()


def _applications(ids: Sequence[int]) -> dict[int, Application]:
    query = (
        sa.select(
            Accreditation.id,
            Observer.surname,
            Observer.given_names,
            Observer.birth_date,
            Observer.citizenship,
            TravelDocument.id,
            TravelDocument.expires_on,
            Observer.portrait,
            Accreditation.function,
            Delegation.note_verbale_number,
            Delegation.note_verbale_on,
            Accreditation.pledge_signed_on,
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .where(Accreditation.id.in_(ids))
    )
    return {
        row[0]: Application(
            surname=row[1],
            given_names=row[2],
            birth_date=row[3],
            citizenship=row[4],
            has_document=row[5] is not None,
            document_expires_on=row[6],
            has_portrait=row[7] is not None,
            function=row[8],
            has_note_verbale=bool(row[9] and row[10]),
            pledge_signed_on=row[11],
        )
        for row in db.session.execute(query)
    }


def missing_of(election: Election, ids: Sequence[int]) -> dict[int, tuple[Missing, ...]]:
    """What each of these accreditations lacks, in one statement."""
    if not ids:
        return {}
    return {
        key: missing(found, election_on=election.election_on, host=election.host_country)
        for key, found in _applications(ids).items()
    }


def history_of(accreditation_id: int) -> Sequence[Any]:
    """The steps of an accreditation with submission and resolution numbers, oldest first."""
    query = (
        sa.select(Transition, Submission.number, Resolution.number)
        .outerjoin(Submission, Submission.id == Transition.submission_id)
        .outerjoin(Resolution, Resolution.id == Transition.resolution_id)
        .where(Transition.accreditation_id == accreditation_id)
        .order_by(Transition.effective_at, Transition.id)
    )
    return db.session.execute(query).all()


def assignments_of(accreditation_id: int) -> Sequence[Assignment]:
    """Functions and regions of an accreditation, oldest first."""
    query = sa.select(Assignment).where(Assignment.accreditation_id == accreditation_id)
    return db.session.scalars(query.order_by(Assignment.effective_at, Assignment.id)).all()


def counts_by_delegation(election_id: int) -> dict[int, dict[AccreditationStatus, int]]:
    """How many accreditations of each status each delegation has, in one statement."""
    query = (
        sa.select(Accreditation.delegation_id, Accreditation.status, sa.func.count())
        .where(Accreditation.election_id == election_id)
        .group_by(Accreditation.delegation_id, Accreditation.status)
    )
    counts: dict[int, dict[AccreditationStatus, int]] = defaultdict(dict)
    for delegation_id, status, count in db.session.execute(query):
        counts[delegation_id][status] = count
    return counts


@dataclass(frozen=True)
class Candidate:
    """One row of a submission, or one who may be submitted."""

    item_id: int
    accreditation_id: int
    name: str
    citizenship: str | None
    delegation_id: int
    sender: str
    function: Any
    decision: str | None = None
    ground: Any = None
    ground_text: str | None = None
    resolution_id: int | None = None
    resolution_number: str | None = None


def _names(language: str) -> tuple[Any, Any]:
    name = (Observer.surname + " " + Observer.given_names).label("name")
    sender = sa.func.coalesce(Organization.acronym, getattr(Organization, f"name_{language}"))
    return name, sender


def registered(election_id: int, delegation_id: int | None, language: str) -> list[Candidate]:
    """Registered observers who may be submitted, by delegation and name."""
    name, sender = _names(language)
    query = (
        sa.select(
            Accreditation.id,
            name,
            Observer.citizenship,
            Accreditation.delegation_id,
            sender,
            Accreditation.function,
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status == AccreditationStatus.REGISTERED,
        )
        .order_by(sender, Accreditation.sort_name, Accreditation.id)
    )
    if delegation_id:
        query = query.where(Accreditation.delegation_id == delegation_id)
    return [Candidate(0, *row) for row in db.session.execute(query)]


def candidates(submission_id: int, language: str) -> list[Candidate]:
    """The rows of a submission with what was decided of them, by delegation and name."""
    name, sender = _names(language)
    query = (
        sa.select(
            SubmissionItem.id,
            Accreditation.id,
            name,
            Observer.citizenship,
            Accreditation.delegation_id,
            sender,
            Accreditation.function,
            SubmissionItem.decision,
            SubmissionItem.ground,
            SubmissionItem.ground_text,
            Resolution.id,
            Resolution.number,
        )
        .join(Accreditation, Accreditation.id == SubmissionItem.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .outerjoin(Resolution, Resolution.id == SubmissionItem.resolution_id)
        .where(SubmissionItem.submission_id == submission_id)
        .order_by(sender, Accreditation.sort_name, SubmissionItem.id)
    )
    return [Candidate(*row) for row in db.session.execute(query)]


def annex_rows(submission_id: int, language: str) -> Sequence[Any]:
    """(item id, accreditation, sender) of a submission's candidates, by delegation and name."""
    _name, sender = _names(language)
    query = (
        sa.select(SubmissionItem.id, Accreditation, sender.label("sender"), Organization.kind)
        .join(Accreditation, Accreditation.id == SubmissionItem.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .options(contains_eager(Accreditation.observer).joinedload(Observer.document))
        .where(SubmissionItem.submission_id == submission_id)
        .order_by(sender, Accreditation.sort_name, SubmissionItem.id)
    )
    return db.session.execute(query).unique().all()


def border_rows(election_id: int, language: str) -> Iterator[dict[str, Any]]:
    """Everybody submitted or accredited with their travel document, by name; plain values."""
    _name, sender = _names(language)
    query = (
        sa.select(Observer, sender, Delegation.arrival_on, Delegation.departure_on)
        .join(Accreditation, Accreditation.observer_id == Observer.id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status.in_(
                (AccreditationStatus.SUBMITTED, AccreditationStatus.ACCREDITED)
            ),
        )
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    for person, sent_by, arrival_on, departure_on in db.session.execute(query):
        document = person.document
        yield {
            "surname": person.surname,
            "given_names": person.given_names,
            "sex": person.sex,
            "birth_date": person.birth_date,
            "citizenship": person.citizenship,
            "kind": document.kind if document else None,
            "number": document.number if document else None,
            "issuer": document.issuing_state if document else None,
            "expires_on": document.expires_on if document else None,
            "sender": sent_by,
            "arrival": arrival_on,
            "departure": departure_on,
        }


def items_of(submission_id: int) -> Sequence[SubmissionItem]:
    """The rows of a submission as stored."""
    query = sa.select(SubmissionItem).where(SubmissionItem.submission_id == submission_id)
    return db.session.scalars(query.order_by(SubmissionItem.id)).all()


def submission_for(actor: Actor, election_id: int, submission_id: int) -> Submission:
    """The submission; raises `NotFound`."""
    found = db.session.scalar(
        sa.select(Submission).where(
            Submission.id == submission_id, Submission.election_id == election_id
        )
    )
    if found is None:
        raise NotFound(N_("There is no such submission."))
    return found


def submissions(election_id: int) -> Sequence[Any]:
    """Submissions, the newest first, with how many candidates and how many still wait."""
    item = SubmissionItem
    query = (
        sa.select(
            Submission,
            sa.func.count(item.id).label("candidates"),
            sa.func.count(item.id).filter(item.decision.is_(None)).label("waiting"),
            sa.func.count(item.id).filter(item.decision == "accredited").label("accredited"),
        )
        .outerjoin(item, item.submission_id == Submission.id)
        .where(Submission.election_id == election_id)
        .group_by(Submission.id)
        .order_by(Submission.number.desc())
    )
    return db.session.execute(query).all()


def resolutions(election_id: int) -> Sequence[Any]:
    """Resolutions, the newest first, with how many they accredited and ended."""
    accredited = Transition.to_status == AccreditationStatus.ACCREDITED
    query = (
        sa.select(
            Resolution,
            sa.func.count(Transition.id).filter(accredited).label("accredited"),
            sa.func.count(Transition.id).filter(~accredited).label("others"),
        )
        .outerjoin(Transition, Transition.resolution_id == Resolution.id)
        .where(Resolution.election_id == election_id)
        .group_by(Resolution.id)
        .order_by(Resolution.effective_at.desc(), Resolution.id.desc())
    )
    return db.session.execute(query).all()


def resolution_for(actor: Actor, election_id: int, resolution_id: int) -> Resolution:
    """The resolution; raises `NotFound`."""
    found = db.session.scalar(
        sa.select(Resolution).where(
            Resolution.id == resolution_id, Resolution.election_id == election_id
        )
    )
    if found is None:
        raise NotFound(N_("There is no such resolution."))
    return found


def changes_by(resolution_id: int, language: str) -> Sequence[Any]:
    """What a resolution changed, a person a row: (transition, name, sender)."""
    name, sender = _names(language)
    query = (
        sa.select(Transition, name, sender.label("sender"))
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(Transition.resolution_id == resolution_id)
        .order_by(sender, Accreditation.sort_name, Transition.id)
    )
    return db.session.execute(query).all()


def replaceable(delegation_id: int) -> Sequence[Any]:
    """Accredited observers of a delegation whom no live replacement replaces yet."""
    newer = sa.orm.aliased(Accreditation)
    query = (
        sa.select(Accreditation.id, Observer.surname + " " + Observer.given_names)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.delegation_id == delegation_id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~sa.exists().where(newer.replaces_id == Accreditation.id, newer.is_live),
        )
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return db.session.execute(query).all()
